// `aethel audit [PATH]`: links the repository and reports.
#include "commands/support/terminal.h"
#include "commands/support/write_file.h"

#include "base/files.h"
#include "link/baseline.h"
#include "link/phrases.h"
#include "link/report_format.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>

namespace aethel::commands {
namespace {

struct Options {
  CommonOptions common;
  std::string path;
  std::string format = "text";
  std::string fail_on = "P0";
  std::string today;
  std::string baseline;
  std::vector<std::string> only;
  std::vector<std::string> ignore;
  unsigned threads = 0;
  bool verbose = false;
  bool require_verified = false;
  bool allow_unanalysed = false;
  bool possible = false;
  bool stats = false;
  bool update_baseline = false;
};

bool names(const std::vector<std::string>& wanted, const Finding& finding) {
  return std::ranges::any_of(wanted, [&](const std::string& name) {
    return name == finding.rule->name || name == finding.rule->id ||
           name == name_of(category_of(finding));
  });
}

// A misspelt rule in --only would make every run clean.
bool check_names(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    bool known = rule_named(name) != nullptr;
    for (std::size_t i = 0; i < category_count; ++i)
      known = known || name == name_of(static_cast<Category>(i));
    if (known) continue;
    print_failure({.message = "no rule or category \"" + name + "\"",
                   .hint = "`aethel explain` lists the rules"});
    return false;
  }
  return true;
}

// The baseline on the disk: the folder, made absolute, and the name in it.
struct BaselinePlace {
  std::string folder, name, shown;
};

Result<BaselinePlace> place_of(const std::string& given) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(given, error);
  const std::filesystem::path folder = std::filesystem::canonical(path.parent_path(), error);
  if (error || path.filename().empty())
    return fail(Failure{.message = "its folder does not exist", .path = given});
  const std::string name = path.filename().string();
  // Reports hold no absolute paths.
  return BaselinePlace{folder.string(), name, given.starts_with('/') ? name : given};
}

Result<Baseline> read_baseline_of(const BaselinePlace& place, const Options& options) {
  const auto files = disk_files(place.folder);
  if (files->status(place.name).type == FileType::absent) {
    if (options.update_baseline) return Baseline{};
    return fail(Failure{.message = "the baseline does not exist",
                        .path = options.baseline,
                        .hint = "`--update-baseline` writes it"});
  }
  auto bytes = files->read(place.name, baseline_size_limit);
  if (!bytes) {
    bytes.error().path = options.baseline;
    return std::unexpected(bytes.error());
  }
  return read_baseline(*bytes, options.baseline);
}

Result<void> write_baseline_of(const BaselinePlace& place, const Baseline& old,
                               const Baseline& updated, Language language) {
  auto lacks = [](const Baseline& baseline, const BaselineEntry& entry) {
    return std::ranges::find(baseline.entries, entry.fingerprint, &BaselineEntry::fingerprint) ==
           baseline.entries.end();
  };
  const std::string text = write_baseline(updated);
  const auto files = disk_files(place.folder);
  if (const auto present = files->read(place.name, baseline_size_limit);
      present && *present == text) {
    fmt::print(stderr, "{}\n", phrase("baseline-as-it-is", {{"file", place.shown}}, language));
    return {};
  }
  const auto added = std::ranges::count_if(
      updated.entries, [&](const BaselineEntry& entry) { return lacks(old, entry); });
  const auto dropped = std::ranges::count_if(
      old.entries, [&](const BaselineEntry& entry) { return lacks(updated, entry); });
  if (auto done = write_below(place.folder, place.name, text); !done) return done;
  fmt::print(stderr, "{}\n",
             phrase("baseline-written",
                    {{"file", place.shown},
                     {"count", std::to_string(updated.entries.size())},
                     {"added", std::to_string(added)},
                     {"dropped", std::to_string(dropped)}},
                    language));
  return {};
}

// Findings of what could not be analysed are not seen: their entries would be dropped as gone.
bool unanalysed(const Report& report, const Options& options) {
  return !options.allow_unanalysed &&
         std::ranges::any_of(report.program.not_analysed, &NotAnalysed::production_root);
}

Exit exit_of(const Report& report, const Options& options) {
  if (report.program.targets.empty() && report.program.facts.empty() &&
      report.program.not_analysed.empty())
    return Exit::nothing;
  const Priority limit = *parse_priority(options.fail_on);
  const bool failed = std::ranges::any_of(
      report.findings, [&](const Finding& finding) { return fails(finding, limit); });
  const bool unverified =
      options.require_verified &&
      std::ranges::any_of(report.requirements, [&](const Requirement& requirement) {
        return requirement.state != Requirement::State::satisfied && limit != Priority::none &&
               requirement.priority <= limit;
      });
  return failed || unanalysed(report, options) || unverified ? Exit::findings : Exit::clean;
}

Exit run(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  if (!check_names(options.only) || !check_names(options.ignore)) return Exit::usage;
  if (options.update_baseline && options.baseline.empty()) {
    print_failure({.message = "--update-baseline wants --baseline FILE, which it writes"});
    return Exit::usage;
  }
  const Language language = language_of(options.common);
  BaselinePlace place;
  Baseline baseline;
  if (!options.baseline.empty()) {
    auto found = place_of(options.baseline);
    if (!found) return print_failure(found.error()), Exit::usage;
    place = std::move(*found);
    auto read = read_baseline_of(place, options);
    if (!read) return print_failure(read.error()), Exit::usage;
    baseline = std::move(*read);
    if (options.update_baseline)
      if (auto good = check_writable(place.folder, place.name); !good)
        return print_failure(good.error()), Exit::usage;
  }
  auto linked =
      link_path({.path = options.path.empty() ? std::nullopt : std::optional(options.path),
                 .threads = options.threads,
                 .today = options.today,
                 .language = language});
  if (!linked) return linked.error();
  Report& report = (*linked)->report;

  const auto hidden = [&](const Finding& finding) {
    return (!options.only.empty() && !names(options.only, finding)) ||
           names(options.ignore, finding) ||
           (finding.confidence == Confidence::possible && !options.possible);
  };
  // The baseline speaks of all findings, whichever are shown.
  if (options.update_baseline) {
    std::vector<Finding> shown = report.findings;
    std::erase_if(shown, hidden);
    Baseline updated = update_baseline(report.program, baseline, report.findings, shown);
    if (exit_of(report, options) == Exit::nothing) {
      // Told below; a folder that is the wrong one must not empty the file.
    } else if (unanalysed(report, options)) {
      print_failure({.message =
                         "the baseline stays as it is: something that production starts could "
                         "not be analysed, so its findings are not seen",
                     .path = options.baseline,
                     .hint = "mend that first, or give --allow-unanalysed"});
    } else {
      if (auto done = write_baseline_of(place, baseline, updated, language); !done)
        return print_failure(done.error()), Exit::usage;
      baseline = std::move(updated);
    }
  }
  if (!options.baseline.empty()) apply_baseline(report, baseline, place.shown);
  std::erase_if(report.findings, hidden);
  std::erase_if(report.ignored, hidden);

  const Exit exit = exit_of(report, options);
  for (const ReportFormat* format : formats::all()) {
    if (format->name != options.format) continue;
    const std::string text = format->write(report, {.language = language,
                                                    .verbose = options.verbose,
                                                    .color = wants_color(options.common),
                                                    .width = terminal_width(),
                                                    .version = AETHEL_VERSION,
                                                    .prefix = (*linked)->root.root.prefix,
                                                    .exit_code = static_cast<int>(exit),
                                                    .fail_on = *parse_priority(options.fail_on),
                                                    .allow_unanalysed = options.allow_unanalysed});
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  if (options.stats) {
    const auto elapsed = std::chrono::steady_clock::now() - start;
    std::fprintf(stderr, "%zu files, %zu read, %zu targets, %zu references, %.3f s\n",
                 report.program.tree.entries().size(), report.program.facts.size(),
                 report.program.targets.size(), report.program.references.size(),
                 std::chrono::duration<double>(elapsed).count());
  }
  if (exit == Exit::nothing)
    std::fprintf(stderr, "%s\n", phrase("verdict-nothing", {}, language).c_str());
  return exit;
}

std::function<Exit()> declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("PATH", options->path,
                 "folder to audit (default: the repository around the current folder)");
  std::vector<std::string> names;
  for (const ReportFormat* format : formats::all()) names.emplace_back(format->name);
  app.add_option("--format", options->format, "format of the report")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  app.add_option("--fail-on", options->fail_on,
                 "exit 1 when a finding has at least this priority: P0, P1, P2, none")
      ->check(CLI::IsMember({"P0", "P1", "P2", "none"}))
      ->capture_default_str();
  app.add_option("--only", options->only, "only these rules or categories (repeatable, or a,b)")
      ->type_name("RULE")
      ->delimiter(',')
      ->allow_extra_args(false); // a folder may follow
  app.add_option("--ignore", options->ignore, "not these rules or categories (repeatable, or a,b)")
      ->type_name("RULE")
      ->delimiter(',')
      ->allow_extra_args(false); // a folder may follow
  app.add_option("--baseline", options->baseline,
                 "findings that were there before: only new ones fail")
      ->type_name("FILE");
  app.add_flag("--update-baseline", options->update_baseline,
               "write what is found now into the file of --baseline");
  app.add_flag("-v,--verbose", options->verbose, "show everything, however long");
  app.add_flag("--possible", options->possible, "also show findings of low confidence");
  app.add_flag("--require-verified", options->require_verified,
               "unverified requirements count as findings");
  app.add_flag("--allow-unanalysed", options->allow_unanalysed,
               "do not fail when something that production starts could not be analysed");
  app.add_option("--today", options->today,
                 "date for facts that begin or end on a date, YYYY-MM-DD")
      ->type_name("DATE");
  app.add_option("--threads", options->threads, "number of threads (default: one a processor)");
  app.add_flag("--stats", options->stats, "files, references and time on stderr");
  add_common(app, options->common);
  app.footer("examples:\n"
             "  aethel audit\n"
             "  aethel audit --format json > report.json\n"
             "  aethel audit --format sarif > aethel.sarif\n"
             "  aethel audit --baseline aethel-baseline.yaml --update-baseline\n"
             "  aethel audit --baseline aethel-baseline.yaml --format github\n"
             "  aethel audit --only secrets,undefined-path --fail-on P1\n"
             "\n"
             "exit codes: 0 clean, 1 findings at or over --fail-on, 2 usage, 3 internal error, 4 "
             "nothing to audit");
  return [options] { return run(*options); };
}

} // namespace

extern constinit const Command audit;
constinit const Command audit{"audit", "link a repository and report what nothing satisfies",
                              declare};

} // namespace aethel::commands
