// `aetheld backup VERB`: one file of daemon/verbs each. Only they print and decide the exit code.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace aethel::daemon {

// Documented in docs/backup.md.
enum class Exit : int {
  done = 0,
  unproven = 1, // a backup is not what it should be, or a check failed
  usage = 2,
  failed = 3, // it could not be done
};

struct Common {
  std::string config; // path of aethel.yaml; empty: where it is looked for
  bool json = false;
  bool quiet = false;
};

struct Verb {
  std::string_view name;
  std::string_view summary;
  std::string_view example; // in `--help`
  std::function<Exit()> (*declare)(CLI::App& app, const Common& common);
};

namespace verbs {
std::span<const Verb* const> all();
}

int run_daemon(int argc, char** argv);

} // namespace aethel::daemon
