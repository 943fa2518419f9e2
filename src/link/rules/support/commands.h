// Commands that containers run: words, or a line for a shell, each with its place.
#pragma once

#include "link/image.h"
#include "link/program.h"
#include "syntax/shell_words.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::rules {

struct CommandWord {
  std::string text;
  Span span;
  bool known = true;                   // false: a variable is part of it
  std::vector<shell::Part> parts = {}; // of a word of a shell line
};

// What one simple command of a line is, as far as it can be read without running it.
struct SimpleCommand {
  enum class Joint : std::uint8_t { sequence, both, either, pipe }; // ; && || |
  Joint before = Joint::sequence;
  std::vector<CommandWord> assignments; // "NAME=value" in front
  std::vector<CommandWord> words;       // without them; the first is the program
};

// A list of words that is executed, or a line of the shell.
struct Command {
  bool shell = false;
  std::vector<CommandWord> words; // not of a shell line
  MappedText line;                // of a shell line
  FileId file;
  Span span;
  bool known = true; // false: a variable that nothing sets is part of it
};

// `ENTRYPOINT`, `CMD`, `HEALTHCHECK` or `RUN` of a Dockerfile.
Command command_of(const BuildStep& step);
// `["CMD", ...]`, `["CMD-SHELL", ...]` of a compose file; nothing for NONE.
std::optional<Command> health_check_of(const Process& process);
// `command` or `entrypoint` of a compose file.
std::optional<Command> command_of(const Process& process, std::string_view key);

// The commands of a line, in order; of words, the one that they are. `sh -c "..."` is opened.
std::vector<SimpleCommand> simple_commands(const Command& command);
std::vector<SimpleCommand> simple_commands(const MappedText& line, FileId file);

// `/usr/bin/curl` is "curl".
std::string_view program_of(const SimpleCommand& command);

// The file of the repository that lies at an absolute path of the container: through a bind mount,
// or copied into the image that is built. Empty: not known.
std::string file_at(const Program& program, const Process& process, const Image* image,
                    std::string_view path);

// The build that makes the image of the process; null when it has none, or one that is not read.
const ImageBuild* build_of(const Program& program, const Process& process);

} // namespace aethel::rules
