// Env files, in the two dialects that repositories mix: compose's (compose-go 2.16.2
// dotenv/parser.go: values with variables, `KEY: value`, names inherited from the
// environment, the whole file rejected for one bad line) and that of the npm package
// `dotenv` (16 and 17, lib/main.js: one regular expression, no variables, what it does not
// match is silently ignored).
#pragma once

#include "base/range.h"
#include "syntax/compose_template.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::dotenv {

enum class Dialect : std::uint8_t { compose, npm };
enum class Quotes : std::uint8_t { none, single_quotes, double_quotes, backticks };
enum class Export : std::uint8_t { absent, present };
// `KEY` alone on a line: compose takes the value from its own environment.
enum class Value : std::uint8_t { given, inherited };

struct Entry {
  std::string key;
  Range key_range;
  // Decoded; ranges are those of the file. Holes only in compose's dialect, outside single
  // quotes; they see the environment, then the entries above.
  std::vector<compose_template::Piece> value;
  Range value_range; // without quotes; empty, after the '=', when there is none
  Range range;       // from `export` to the closing quote
  Range comment;     // on the line where the value ends, from '#' to the end of the line
  Quotes quotes = Quotes::none;
  Export exported = Export::absent;
  Value source = Value::given;
};

struct Problem {
  enum class Kind : std::uint8_t {
    bad_character, // in a name
    space_in_name,
    unterminated_quote,
    no_name,         // "=value"
    name_at_end,     // `KEY` at the end of the file without a line break is not inherited
    bad_template,    // `template_kind` says how
    not_an_entry,    // npm's dialect ignores the line
    too_many_entries // and what follows was not read
  };
  // Whether compose refuses the file: always, never, or when an operand of a variable is needed.
  enum class Fatal : std::uint8_t { no, when_operand_is_used, yes };
  Kind kind = Kind::bad_character;
  Range range;
  Fatal fatal_for_compose = Fatal::no;
  compose_template::Problem::Kind template_kind = {};
};

struct File {
  std::vector<Entry> entries;    // in order; of entries with one name the last wins
  std::vector<Range> comments;   // all, in order, from '#' to the end of the line
  std::vector<Problem> problems; // in order of their lines
};

struct Limits {
  std::size_t entries = 100'000;
};

// Never fails: goes on at the next line after one that it cannot read.
File parse(std::string_view bytes, Dialect dialect, Limits limits = {});

// The last entry with the name, or null.
const Entry* find(const File& file, std::string_view key);

// English, lowercase, for messages.
std::string_view describe(Problem::Kind kind);

} // namespace aethel::dotenv
