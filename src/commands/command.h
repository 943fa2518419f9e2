// Subcommands: one file of commands/ each. Only they print and decide the exit code.
#pragma once

#include <functional>
#include <span>
#include <string_view>

namespace CLI {
class App;
}

namespace aethel {

// Documented in docs/commands.md.
enum class Exit : int { clean = 0, findings = 1, usage = 2, internal = 3, nothing = 4 };

struct Command {
  std::string_view name;
  std::string_view summary;
  // Declares options on its own App; the result runs once, after parsing.
  std::function<Exit()> (*declare)(CLI::App& app);
};

namespace commands {
std::span<const Command* const> all();
}

// What `main` of `aethel` does; the streams are the process's own.
int run_command_line(int argc, char** argv);

} // namespace aethel
