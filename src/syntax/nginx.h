// nginx's configuration language, as nginx 1.29 reads it: words, quotes, escapes, comments and
// blocks, with their places. What a directive means is not known here.
// Source: ngx_conf_read_token() and ngx_conf_parse() in
// https://github.com/nginx/nginx/blob/master/src/core/ngx_conf_file.c
#pragma once

#include "base/range.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::nginx {

struct Word {
  std::string text; // without quotes, escapes resolved; variables as written
  Range range;      // quotes included
  bool quoted = false;
};

// The top level of a file.
inline constexpr std::size_t no_parent = std::numeric_limits<std::size_t>::max();

struct Directive {
  std::vector<Word> words; // the first is its name
  Range range;             // from the name to ';' or '{'
  std::size_t parent = no_parent;
  std::size_t end = 0; // one past its last descendant
  bool block = false;
  // Of `*_by_lua_block`: what stands between the braces, which is not nginx's language.
  std::optional<Range> foreign;
  // `${NAME}` alone on its line in a template of envsubst: any text at all.
  bool substituted = false;

  std::string_view name() const { return words.front().text; }
};

struct Problem {
  enum class Kind : std::uint8_t {
    unexpected_close,     // '}' where no block is open, or before the ';'
    unexpected_open,      // '{' without a directive
    unexpected_semicolon, // ';' without a directive
    unexpected_character, // right behind a closing quote
    unexpected_end,       // a directive without ';' or a quote that is never closed
    unclosed_block,       // the file ends within a block
    too_long,             // a word, or a comment, of 4096 bytes or more
    too_deep,             // deeper blocks were left out
    too_large             // the rest was not read
  };
  Kind kind = Kind::unexpected_end;
  Range range;
  char character = 0;
};

struct File {
  std::vector<Directive> directives; // in the order of the file, blocks before what they hold
  std::vector<Range> comments;       // from '#' to the end of the line
  std::vector<Problem> problems;     // nginx stops at the first
};

enum class Dialect : std::uint8_t { plain, envsubst_template };

struct Limits {
  std::size_t directives = 200'000;
  std::size_t depth = 64;
};

// Never fails. After what nginx rejects it goes on where a person would.
File parse(std::string_view bytes, Dialect dialect = Dialect::plain, Limits limits = {});

// English, lowercase, in the words of nginx where it has some.
std::string describe(const Problem& problem);

// The names in a word: $name, ${name}. Those of captures ($1) too.
struct VariableUse {
  std::string name;
  std::size_t begin = 0, end = 0; // in the text of the word
  bool braces = false;
};
std::vector<VariableUse> variables_of(std::string_view text);

} // namespace aethel::nginx
