// The words of shell commands, as far as one can know them without running anything:
// literals, variables and command substitutions with their quoting. One tolerant lexer for
// the shells that repositories use; what differs between them is in Dialect.
// Source: POSIX.1-2024 XCU 2
// (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html), GNU make's
// manual 5.1 (recipes), just's manual, `cmd /?` and about_Quoting_Rules of PowerShell.
#pragma once

#include "base/range.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::shell {

enum class Dialect : std::uint8_t {
  posix,
  make,       // a recipe: `$(X)` is a variable, `$$X` one of the shell
  just,       // a recipe: `{{x}}`
  batch,      // %X%, ^ escapes
  powershell, // $env:X, ` escapes
  program,    // a string in source code: {x} may be filled in
  document    // as posix, with <placeholders>, and quotes that never span lines
};

enum class Quoted : std::uint8_t { no, yes };

struct Part {
  enum class Kind : std::uint8_t { literal, variable, substitution, unknown };
  enum class Form : std::uint8_t { plain, with_default, list }; // ${X} ${X:-operand} ${X[@]}
  Kind kind = Kind::literal;
  Quoted quoted = Quoted::no;
  Form form = Form::plain;
  std::string text; // the bytes of `range` for a literal and a substitution, or the name
  Range range;
  std::vector<Part> operand; // of a default
};

struct Word {
  std::vector<Part> parts;
  std::vector<Word> list; // NAME=(a b c)
  Range range;
};

struct Redirection {
  enum class Kind : std::uint8_t { read, write, append, here_document, here_string };
  Kind kind = Kind::read;
  std::int32_t descriptor = -1; // written in front of it; -2 for `&>`
  Word target;
  Range body; // of a here document
};

enum class Joint : std::uint8_t { sequence, both, either, pipe }; // ; && || |

struct Item {
  enum class Kind : std::uint8_t { command, function, open_subshell, close_subshell, end_arm };
  Kind kind = Kind::command;
  Joint before = Joint::sequence;
  std::vector<Word> words; // reserved words (`if`, `{`) are words too; the name of a function
  std::vector<Redirection> redirections;
  Range range;
};

// `structure` is for whoever builds a tree (shell_program.h): `[[ ]]`, `(( ))` and `<( )` are words
// of their command, `;;` is an item of kind end_arm, and a subshell or function carries the joint
// in front of it.
enum class Detail : std::uint8_t { commands, structure };

// Never fails; what does not close is taken as it stands. At most `limit` items.
std::vector<Item> split(std::string_view text, Dialect dialect, std::size_t limit = 100'000,
                        Detail detail = Detail::commands);

// The parts of a text that is no command, blanks included: a definition of make, the value of
// a variable. Quotes fall away.
std::vector<Part> parts(std::string_view text, Dialect dialect);

} // namespace aethel::shell
