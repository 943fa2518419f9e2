// `aetheld backup drill`: restores into a scratch server and compares.
#include "daemon/drill.h"
#include "daemon/verb.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace aethel::daemon::verbs {
namespace {

std::function<Exit()> declare(CLI::App& app, const Common& common) {
  auto options = std::make_shared<ProveVerb>();
  app.add_option("BACKUP", options->backup, "its id or the beginning of it; default: latest");
  app.add_option("--level", options->level,
                 "how far: L3 restored and equal, L4 usable; default: of the configuration")
      ->check(CLI::IsMember({"L0", "L1", "L2", "L3", "L4"}));
  app.add_flag("--all", options->all, "every backup");
  return [options, &common] {
    return prove_backups(*options, common, [](const Settings& settings) {
      return std::max(3, drill_level(settings));
    });
  };
}

} // namespace

extern constinit const Verb drill;
constinit const Verb drill{
    "drill", "restores a backup into a scratch server and compares it with its source",
    "aetheld backup drill latest --level L3", declare};

} // namespace aethel::daemon::verbs
