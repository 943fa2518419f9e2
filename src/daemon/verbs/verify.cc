// `aetheld backup verify`: every byte, without a server.
#include "daemon/drill.h"
#include "daemon/verb.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace aethel::daemon::verbs {
namespace {

std::function<Exit()> declare(CLI::App& app, const Common& common) {
  auto options = std::make_shared<ProveVerb>();
  app.add_option("BACKUP", options->backup, "its id or the beginning of it; default: latest");
  app.add_option("--level", options->level,
                 "how far: L0 stored, L1 authentic, L2 complete (default)")
      ->check(CLI::IsMember({"L0", "L1", "L2"}));
  app.add_flag("--all", options->all, "every backup");
  return [options, &common] {
    return prove_backups(*options, common, [](const Settings&) { return 2; });
  };
}

} // namespace

extern constinit const Verb verify;
constinit const Verb verify{"verify", "reads a backup and checks every byte, without a server",
                            "aetheld backup verify --all", declare};

} // namespace aethel::daemon::verbs
