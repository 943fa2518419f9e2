// `aethel backup ...`: executes `aetheld backup ...`.
#include "commands/support/daemon.h"

#include <CLI/CLI.hpp>

namespace aethel::commands {
namespace {

std::function<Exit()> declare(CLI::App& app) {
  app.allow_extras();
  app.prefix_command();
  app.set_help_flag();
  return [sub = &app] { return execute_daemon("backup", sub->remaining()); };
}

} // namespace

extern constinit const Command backup;
constinit const Command backup{"backup", "proven backups, by aetheld", declare};

} // namespace aethel::commands
