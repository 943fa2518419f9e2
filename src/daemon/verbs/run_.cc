// `aetheld backup run`: a backup, and a drill of it when it is small.
#include "daemon/drill.h"
#include "daemon/settings.h"
#include "daemon/terminal.h"
#include "daemon/verb.h"

#include "base/counted.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>

namespace aethel::daemon::verbs {
namespace {

struct Options {
  bool no_drill = false;
};

std::atomic<bool> cancelled{false};
void cancel(int) { cancelled = true; }

class Watch {
public:
  explicit Watch(const backup::RunProgress& progress)
      : line_([&progress, begin = std::chrono::steady_clock::now()] {
          const double seconds =
              std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
          const std::uint64_t dumped = progress.dumped;
          const std::uint64_t digested = progress.digested;
          const std::uint64_t database = progress.database;
          std::string text = fmt::format(
              "  {} dumped at {}/s, {} stored", size_text(dumped),
              size_text(static_cast<std::uint64_t>(static_cast<double>(dumped) / seconds)),
              size_text(progress.stored));
          // Digests read relations of a known size; how much pg_dump makes of them is not known
          // before.
          if (database > 0 && digested > 0 && digested < database)
            text += fmt::format(", digests {} %, {} left", 100 * digested / database,
                                duration_text(static_cast<std::uint64_t>(
                                    1000 * seconds * static_cast<double>(database - digested) /
                                    static_cast<double>(digested))));
          return text;
        }) {}

private:
  Line line_;
};

Exit run(const Options& options, const Common& common) {
  auto opened = open_repository(common, Signing::needed);
  if (!opened) return print_failure(opened.error());
  const Settings& settings = opened->settings;
  const backup::Repository& repository = opened->repository;
  auto run_how = run_options(settings);
  if (!run_how) return print_failure(run_how.error()), Exit::usage;
  if (const auto drills = drill_place(settings)) backup::sweep_drills(drills->folder, drills->user);
  std::signal(SIGINT, cancel);
  std::signal(SIGTERM, cancel);
  backup::RunProgress progress;
  run_how->progress = &progress;
  run_how->cancelled = &cancelled;
  const auto begin = std::chrono::steady_clock::now();
  Result<backup::Manifest> made = [&] {
    const Watch watch(progress);
    return backup::run_backup(repository, *opened->key, *run_how);
  }();
  const auto milliseconds =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::steady_clock::now() - begin)
                                     .count());
  if (!made) {
    if (common.json)
      fmt::print("{}\n", nlohmann::ordered_json{{"database", settings.database()},
                                                {"result", "failure"},
                                                {"error", made.error().message}}
                             .dump());
    Failure failure = made.error();
    if (failure.hint.empty() && !cancelled)
      failure.hint = "`aetheld backup check` looks for what keeps backups from working, such as "
                     "rights that the role lacks";
    return print_failure(failure), Exit::failed;
  }
  nlohmann::ordered_json out = {{"database", made->database},
                                {"result", "success"},
                                {"backup", made->id},
                                {"milliseconds", milliseconds},
                                {"tables", made->tables},
                                {"rows", made->rows},
                                {"dumped", made->stream("archive")->bytes},
                                {"stored", made->stored()},
                                {"notes", made->notes}};
  if (!common.json && !common.quiet) {
    fmt::print("{}  {} of {}, {} stored as {}, {}\n", bold(made->id), counted(made->rows, "row"),
               counted(made->tables, "table"), size_text(made->stream("archive")->bytes),
               size_text(made->stored()), duration_text(milliseconds));
    for (const std::string& note : made->notes) fmt::print("  note: {}\n", note);
    std::fflush(stdout);
  }
  Exit exit = Exit::done;
  if (!options.no_drill && drills_after(settings, made->database_bytes)) {
    auto report = drill(settings, repository, *made, drill_level(settings), &*opened->key);
    if (!report) {
      // The backup is there, and nothing is said against it.
      out["unproven"] = report.error().message;
      if (common.json) fmt::print("{}\n", out.dump());
      return print_failure(report.error()), Exit::failed;
    }
    if (common.json)
      out["proof"] = nlohmann::ordered_json::parse(backup::write_report(*report));
    else if (!common.quiet || !report->passed())
      print_report(*report, true);
    if (!report->passed()) exit = Exit::unproven;
  }
  if (common.json) fmt::print("{}\n", out.dump());
  return exit;
}

std::function<Exit()> declare(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_flag("--no-drill", options->no_drill,
               "does not drill it, whatever the configuration says");
  return [options, &common] { return run(*options, common); };
}

} // namespace

extern constinit const Verb run_;
constinit const Verb run_{"run", "makes a backup; proves it when it is small",
                          "aetheld backup run --json", declare};

} // namespace aethel::daemon::verbs
