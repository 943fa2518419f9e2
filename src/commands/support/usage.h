// What the command line accepts, as data: completions and the manual are written from it, so a
// new command or option needs no edit there.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace aethel {

struct UsageOption {
  std::vector<std::string> names;   // "-v", "--verbose"; of an argument only its name: "PATH"
  std::string value;                // "FORMAT", "FILE"; empty: takes none
  std::vector<std::string> choices; // of the value, when they are few
  std::string summary;
  bool argument = false; // positional
  bool required = false;
  bool repeatable = false;
};

struct Usage {
  std::string path; // "audit", "backup run"; empty for the program itself
  std::string summary;
  std::string footer;
  std::vector<UsageOption> options;
  std::vector<Usage> commands;
};

// Hidden options and commands (group "") are left out.
Usage usage_of(const CLI::App& app);

// The value or argument is a path: the shell completes files.
bool is_path(const UsageOption& option);

} // namespace aethel
