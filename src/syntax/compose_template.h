// The grammar of variables in compose files and env files, as compose-go 2.16.2 reads it
// (template/template.go): a regular expression that takes `${NAME op ...}` up to the last
// '}' of the line, then the first '}' that balances. What looks odd here is so there:
// `${X:-{}}` swallows the rest of the line up to its last '}', and an operand never
// reaches over a line break.
#pragma once

#include "base/range.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::compose_template {

enum class Form : std::uint8_t {
  plain,              // $X ${X}
  default_if_unset,   // ${X-operand}
  default_if_empty,   // ${X:-operand}
  required_if_unset,  // ${X?operand}
  required_if_empty,  // ${X:?operand}
  alternate_if_set,   // ${X+operand}
  alternate_if_filled // ${X:+operand}
};

enum class Kind : std::uint8_t { literal, hole };

struct Piece {
  Kind kind = Kind::literal;
  Range range;      // the whole piece in the text; two bytes for `$$`
  std::string text; // what a literal stands for ("$" for `$$`), or the name of a hole
  Form form = Form::plain;
  Range name_range;           // of a hole
  std::vector<Piece> operand; // of a hole that is not plain
  Range operand_range;
};

struct Problem {
  enum class Kind : std::uint8_t { unclosed, no_name, bad_name, bad_operator, too_deep };
  // compose reads an operand only when it needs it: there, the file is accepted as long
  // as the variable makes the operand superfluous.
  enum class Where : std::uint8_t { text, operand };
  Kind kind = Kind::unclosed;
  Where where = Where::text;
  Range range; // from `${` to where the reader gave up
};

struct Template {
  std::vector<Piece> pieces;
  std::vector<Problem> problems; // compose rejects the text; here `${` stands for itself
};

// Nested operands; compose has no limit, files in use nest three levels at most.
inline constexpr int depth_limit = 64;

// Never fails.
Template parse(std::string_view text);

// English, lowercase, for messages.
std::string_view describe(Problem::Kind kind);

// nullopt: not set.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

// Longer values are cut: `A=$A$A` doubles with every line of an env file, and Linux gives no
// process a variable of more than 128 KiB (MAX_ARG_STRLEN).
inline constexpr std::size_t value_limit = 128 * 1024;

struct Substitution {
  std::string value;
  std::string missing; // the first required variable that has no value; then `value` is meaningless
  std::string reason;  // its message
};

// What compose makes of pieces whose text had no problem.
Substitution substitute(const std::vector<Piece>& pieces, const Lookup& lookup);

} // namespace aethel::compose_template
