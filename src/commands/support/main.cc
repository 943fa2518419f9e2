#include "commands/command.h"

#include "commands/support/terminal.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

namespace aethel {
namespace {

constexpr const char* footer =
    "examples:\n"
    "  aethel audit                      the repository around the current folder\n"
    "  aethel audit deploy --fail-on P1  a folder, for a pipeline\n"
    "  aethel audit --format json        for programs\n"
    "  aethel explain undefined-path     what a rule means, with examples\n"
    "\n"
    "exit codes: 0 clean, 1 findings, 2 usage, 3 internal error, 4 nothing to audit";

} // namespace

std::unique_ptr<CLI::App> make_app(std::vector<std::function<Exit()>>& runners) {
  auto app = std::make_unique<CLI::App>(
      "aethel links a whole repository and reports what nothing satisfies", "aethel");
  app->footer(footer);
  app->set_version_flag("--version", "aethel " AETHEL_VERSION);
  app->require_subcommand(0, 1);
  for (const Command* command : commands::all()) {
    CLI::App* sub = app->add_subcommand(std::string(command->name), std::string(command->summary));
    runners.push_back(command->declare(*sub));
  }
  return app;
}

int run_command_line(int argc, char** argv) {
  std::vector<std::function<Exit()>> runners;
  const std::unique_ptr<CLI::App> app = make_app(runners);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app->exit(error);
    return code == 0 ? 0 : static_cast<int>(Exit::usage);
  }
  try {
    const auto all = commands::all();
    for (std::size_t i = 0; i < all.size(); ++i)
      if (app->got_subcommand(std::string(all[i]->name))) return static_cast<int>(runners[i]());
  } catch (const std::exception& error) { // out of memory, or a bug: never a trace without a word
    std::fprintf(stderr, "aethel: internal error: %s\n", error.what());
    return static_cast<int>(Exit::internal);
  }
  std::fputs(app->help().c_str(), stdout);
  return static_cast<int>(Exit::clean);
}

} // namespace aethel
