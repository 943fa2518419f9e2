// `aethel audit [PATH]`: links the repository and reports.
#include "commands/support/terminal.h"

#include "link/phrases.h"
#include "link/report_format.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

namespace aethel::commands {
namespace {

struct Options {
  CommonOptions common;
  std::string path;
  std::string format = "text";
  std::string fail_on = "P0";
  std::string today;
  std::vector<std::string> only;
  std::vector<std::string> ignore;
  unsigned threads = 0;
  bool verbose = false;
  bool require_verified = false;
  bool allow_unanalysed = false;
  bool possible = false;
  bool stats = false;
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

Exit run(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  if (!check_names(options.only) || !check_names(options.ignore)) return Exit::usage;
  const Language language = language_of(options.common);
  auto linked =
      link_path({.path = options.path.empty() ? std::nullopt : std::optional(options.path),
                 .threads = options.threads,
                 .today = options.today,
                 .language = language});
  if (!linked) return linked.error();
  Report& report = (*linked)->report;

  std::erase_if(report.findings, [&](const Finding& finding) {
    return (!options.only.empty() && !names(options.only, finding)) ||
           names(options.ignore, finding) ||
           (finding.confidence == Confidence::possible && !options.possible);
  });
  for (const ReportFormat* format : formats::all()) {
    if (format->name != options.format) continue;
    const std::string text = format->write(report, {.language = language,
                                                    .verbose = options.verbose,
                                                    .color = wants_color(options.common),
                                                    .width = terminal_width()});
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  if (options.stats) {
    const auto elapsed = std::chrono::steady_clock::now() - start;
    std::fprintf(stderr, "%zu files, %zu read, %zu targets, %zu references, %.3f s\n",
                 report.program.tree.entries().size(), report.program.facts.size(),
                 report.program.targets.size(), report.program.references.size(),
                 std::chrono::duration<double>(elapsed).count());
  }
  const bool nothing = report.program.targets.empty() && report.program.facts.empty() &&
                       report.program.not_analysed.empty();
  if (nothing) {
    std::fprintf(stderr, "%s\n", phrase("verdict-nothing", {}, language).c_str());
    return Exit::nothing;
  }
  const Priority limit = *parse_priority(options.fail_on);
  const bool failed = std::ranges::any_of(report.findings, [&](const Finding& finding) {
    return limit != Priority::none && finding.priority <= limit;
  });
  const bool unanalysed =
      !options.allow_unanalysed &&
      std::ranges::any_of(report.program.not_analysed, &NotAnalysed::production_root);
  const bool unverified =
      options.require_verified &&
      std::ranges::any_of(report.requirements, [&](const Requirement& requirement) {
        return requirement.state != Requirement::State::satisfied && limit != Priority::none &&
               requirement.priority <= limit;
      });
  return failed || unanalysed || unverified ? Exit::findings : Exit::clean;
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
