#include "daemon/drill.h"

#include "daemon/terminal.h"

#include <fmt/format.h>

namespace aethel::daemon {

Result<backup::Report> drill(const Settings& settings, const backup::Repository& repository,
                             const backup::Manifest& manifest, int level,
                             const backup::SigningKey* key) {
  auto private_key = service_key(settings);
  if (!private_key) return std::unexpected(private_key.error());
  auto options = prove_options(settings);
  if (!options) return std::unexpected(options.error());
  options->level = level;
  std::atomic<std::uint64_t> fetched = 0;
  std::atomic<const char*> stage = "beginning";
  options->fetched = &fetched;
  options->stage = &stage;
  backup::Report report = [&] {
    const Line line([&, reading = Reading()] {
      return fmt::format("  drill of {}: {}, {}", manifest.id, stage.load(),
                         reading.text(fetched, manifest.archive_stored()));
    });
    return backup::prove(repository, manifest, *private_key, *options);
  }();
  if (!report.unable.empty())
    return fail(
        {.message = fmt::format("backup {} cannot be proven here: {}", manifest.id, report.unable),
         .hint = report.hint});
  if (key != nullptr) {
    auto kept = repository.add_report(manifest.id, backup::write_report(report), report.level,
                                      report.passed(), report.finished, *key);
    if (!kept) return std::unexpected(kept.error());
  }
  return report;
}

void print_report(const backup::Report& report, bool brief) {
  if (report.passed() && brief) {
    fmt::print("  {} L{}: restored in {}, equal to its source\n", green("proven"), report.level,
               duration_text(report.recovery));
    return;
  }
  for (const backup::Check& each : report.checks) {
    const std::string mark = each.outcome == backup::Outcome::passed   ? green("passed")
                             : each.outcome == backup::Outcome::failed ? red("failed")
                                                                       : "skipped";
    std::string message = each.message;
    while (message.ends_with('\n')) message.pop_back();
    for (std::size_t at = 0; (at = message.find('\n', at)) != std::string::npos; at += 8)
      message.replace(at, 1, "\n       ");
    fmt::print("  L{} {} {}: {}\n", each.level, mark, each.name, message);
  }
  if (report.passed()) {
    fmt::print("{} to L{}{}\n", green("proven"), report.level,
               report.level >= 3 ? ", restored in " + duration_text(report.recovery) : "");
  } else {
    fmt::print("{}: {} reached of L{}\n", red("not proven"),
               report.level < 0 ? "no level" : fmt::format("L{}", report.level), report.wanted);
  }
}

Exit prove_backups(const ProveVerb& options, const Common& common,
                   const std::function<int(const Settings&)>& usual) {
  auto opened = open_repository(common);
  if (!opened) return print_failure(opened.error());
  const Settings& settings = opened->settings;
  const backup::Repository& repository = opened->repository;
  std::vector<backup::Listed> which;
  Exit exit = Exit::done;
  if (options.all) {
    auto listing = repository.list();
    if (!listing) return print_failure(listing.error()), Exit::failed;
    for (const backup::Unreadable& each : listing->unreadable) {
      print_failure({.message = fmt::format("{}: {}", each.id, each.why)});
      exit = Exit::unproven;
    }
    which = std::move(listing->backups);
  } else {
    auto found = repository.find(options.backup, settings.database());
    if (!found) return print_failure(found.error()), Exit::failed;
    which.push_back(std::move(*found));
  }
  // Who has no signing key may prove; it is only not kept.
  const auto key = signing_key(settings);
  const int level = options.level.empty() ? usual(settings) : options.level[1] - '0';
  for (const backup::Listed& each : which) {
    auto report = drill(settings, repository, each.manifest, level, key ? &*key : nullptr);
    if (!report) return print_failure(report.error()), Exit::failed;
    if (common.json) {
      fmt::print("{}\n", backup::write_report(*report));
    } else if (!common.quiet || !report->passed()) {
      fmt::print("{}\n", bold(each.manifest.id));
      print_report(*report, false);
    }
    if (!report->passed()) exit = Exit::unproven;
  }
  return exit;
}

} // namespace aethel::daemon
