// `aethel serve ...`: executes `aetheld serve ...`.
#include "commands/support/daemon.h"

#include <CLI/CLI.hpp>

namespace aethel::commands {
namespace {

std::function<Exit()> declare(CLI::App& app) {
  app.allow_extras();
  app.prefix_command();
  app.set_help_flag();
  return [sub = &app] { return execute_daemon("serve", sub->remaining()); };
}

} // namespace

extern constinit const Command serve;
constinit const Command serve{"serve", "health, metrics and the backup API, by aetheld", declare};

} // namespace aethel::commands
