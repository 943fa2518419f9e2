// `aetheld backup hold BACKUP`, with --release.
#include "daemon/settings.h"
#include "daemon/terminal.h"
#include "daemon/verb.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

namespace aethel::daemon::verbs {
namespace {

struct Options {
  std::string backup;
  std::string reason;
  bool release = false;
};

Exit run(const Options& options, const Common& common) {
  auto opened = open_repository(common, Signing::needed);
  if (!opened) return print_failure(opened.error());
  const backup::Repository& repository = opened->repository;
  auto found = repository.find(options.backup, opened->settings.database());
  if (!found) return print_failure(found.error()), Exit::failed;
  const std::string& id = found->manifest.id;
  auto done =
      options.release ? repository.release(id) : repository.hold(id, options.reason, *opened->key);
  if (!done) return print_failure(done.error()), Exit::failed;
  if (!common.quiet) {
    fmt::print("{} {}\n", id, options.release ? "is released" : "is held: no rule removes it");
    if (!options.release && !options.reason.empty()) fmt::print("held: {}\n", options.reason);
  }
  return Exit::done;
}

std::function<Exit()> declare(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("BACKUP", options->backup, "its id or the beginning of it, or latest")->required();
  app.add_option("--reason", options->reason, "why, for who finds it")->type_name("TEXT");
  app.add_flag("--release", options->release, "ends the hold");
  return [options, &common] { return run(*options, common); };
}

} // namespace

extern constinit const Verb hold;
constinit const Verb hold{"hold", "keeps a backup whatever the rules say, until it is released",
                          "aetheld backup hold latest --reason audit", declare};

} // namespace aethel::daemon::verbs
