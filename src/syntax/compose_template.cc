#include "syntax/compose_template.h"

#include "syntax/mapped_text.h"

#include <algorithm>
#include <cstddef>

namespace aethel::compose_template {
namespace {

constexpr std::size_t npos = std::string_view::npos;

// compose-go's pattern ignores case and so takes U+017F and U+212A for letters too; nobody
// names a variable so.
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_name_part(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

// compose-go's getFirstBraceClosingIndex: every '{' counts, and the byte after it does not.
std::size_t balancing_brace(std::string_view text, std::size_t begin, std::size_t end) {
  int open = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (text[i] == '}' && --open == 0) return i;
    if (text[i] == '{') {
      ++open;
      ++i;
    }
  }
  return npos;
}

struct Operator {
  Form form;
  std::size_t length;
};

std::optional<Operator> operator_at(std::string_view text) {
  const std::size_t colon = text.starts_with(':') ? 1 : 0;
  if (text.size() <= colon) return std::nullopt;
  switch (text[colon]) {
  case '-': return Operator{colon ? Form::default_if_empty : Form::default_if_unset, colon + 1};
  case '?': return Operator{colon ? Form::required_if_empty : Form::required_if_unset, colon + 1};
  case '+': return Operator{colon ? Form::alternate_if_filled : Form::alternate_if_set, colon + 1};
  default: return std::nullopt;
  }
}

// Reads [at, end) of the text. An operand is read as a text of its own, as compose does:
// its braces close within it.
class Reader {
public:
  Reader(std::string_view text, std::vector<Problem>& problems)
      : text_(text), problems_(problems) {}

  std::vector<Piece> read(std::size_t at, std::size_t end, int depth) {
    std::vector<Piece> pieces;
    std::size_t literal = at;
    const auto flush = [&](std::size_t to) {
      if (to > literal)
        pieces.push_back({.range = range_of(literal, to),
                          .text = std::string(text_.substr(literal, to - literal))});
    };
    LastBrace last_brace;
    while (at < end) {
      const std::size_t dollar = text_.substr(0, end).find('$', at);
      if (dollar == npos || dollar + 1 >= end) break;
      const char next = text_[dollar + 1];
      if (next == '$') {
        flush(dollar);
        pieces.push_back({.range = range_of(dollar, dollar + 2), .text = "$"});
        literal = at = dollar + 2;
      } else if (is_name_start(next)) {
        flush(dollar);
        const std::size_t stop = name_end(dollar + 1, end);
        pieces.push_back(hole(dollar, stop, range_of(dollar + 1, stop)));
        literal = at = stop;
      } else if (next == '{') {
        if (auto braced = read_braced(dollar, end, depth, last_brace)) {
          flush(dollar);
          literal = at = braced->range.end;
          pieces.push_back(std::move(*braced));
        } else if (problems_.back().kind == Problem::Kind::too_deep) {
          break; // to read on would look for the end of every further hole again
        } else {
          at = dollar + 2;
        }
      } else {
        at = dollar + 1;
      }
    }
    flush(end);
    return pieces;
  }

private:
  // The last '}' of the line that a position is in; kept between holes of one line, so that
  // a line of many holes is read in linear time.
  struct LastBrace {
    std::size_t line_end = 0;
    std::size_t brace = 0;
  };

  std::size_t name_end(std::size_t at, std::size_t end) const {
    while (at < end && is_name_part(text_[at])) ++at;
    return at;
  }

  Piece hole(std::size_t begin, std::size_t end, Range name) const {
    return {.kind = Kind::hole,
            .range = range_of(begin, end),
            .text = std::string(text_.substr(name.begin, name.end - name.begin)),
            .name_range = name};
  }

  std::optional<Piece> problem(Problem::Kind kind, std::size_t begin, std::size_t end, int depth) {
    problems_.push_back({.kind = kind,
                         .where = depth == 0 ? Problem::Where::text : Problem::Where::operand,
                         .range = range_of(begin, end)});
    return std::nullopt;
  }

  std::optional<Piece> read_braced(std::size_t begin, std::size_t end, int depth,
                                   LastBrace& last_brace) {
    const std::size_t name = begin + 2;
    const std::size_t after = name < end && is_name_start(text_[name]) ? name_end(name, end) : name;
    if (after == name) {
      if (name >= end) return problem(Problem::Kind::unclosed, begin, end, depth);
      const bool empty = text_[name] == '}' || text_[name] == ':';
      return problem(empty ? Problem::Kind::no_name : Problem::Kind::bad_name, begin, name + 1,
                     depth);
    }
    if (after >= end) return problem(Problem::Kind::unclosed, begin, end, depth);
    if (text_[after] == '}') return hole(begin, after + 1, range_of(name, after));
    const auto op = operator_at(text_.substr(after, end - after));
    if (!op) {
      const bool line_ends = text_[after] == '\n';
      return problem(line_ends ? Problem::Kind::unclosed : Problem::Kind::bad_operator, begin,
                     line_ends ? after : after + 1, depth);
    }

    const std::size_t operand = after + op->length;
    if (operand > last_brace.line_end) {
      last_brace.line_end = std::min(text_.find('\n', operand), end);
      const std::size_t brace = text_.substr(operand, last_brace.line_end - operand).rfind('}');
      last_brace.brace = brace == npos ? 0 : operand + brace;
    }
    if (last_brace.brace < operand)
      return problem(Problem::Kind::unclosed, begin, last_brace.line_end, depth);
    if (depth + 1 >= depth_limit) return problem(Problem::Kind::too_deep, begin, end, depth);
    const std::size_t close =
        std::min(balancing_brace(text_, begin, last_brace.brace + 1), last_brace.brace);

    Piece piece = hole(begin, close + 1, range_of(name, after));
    piece.form = op->form;
    piece.operand_range = range_of(operand, close);
    piece.operand = read(operand, close, depth + 1);
    return piece;
  }

  std::string_view text_;
  std::vector<Problem>& problems_;
};

// Appends to `result.value`; false when a required variable is missing.
bool append(Substitution& result, const std::vector<Piece>& pieces, const Lookup& lookup);

bool append_hole(Substitution& result, const Piece& hole, const Lookup& lookup) {
  const auto value = lookup(hole.text);
  const bool filled = value && !value->empty();
  bool use_operand = false;
  switch (hole.form) {
  case Form::plain: break;
  case Form::default_if_unset:
  case Form::required_if_unset: use_operand = !value; break;
  case Form::default_if_empty:
  case Form::required_if_empty: use_operand = !filled; break;
  case Form::alternate_if_set: use_operand = value.has_value(); break;
  case Form::alternate_if_filled: use_operand = filled; break;
  }
  const bool required =
      hole.form == Form::required_if_unset || hole.form == Form::required_if_empty;
  if (!use_operand) {
    if (value) result.value += *value;
    return true;
  }
  if (!required) return append(result, hole.operand, lookup);
  Substitution reason;
  if (append(reason, hole.operand, lookup)) {
    result.missing = hole.text;
    result.reason = std::move(reason.value);
  } else {
    result.missing = std::move(reason.missing);
    result.reason = std::move(reason.reason);
  }
  return false;
}

bool append(Substitution& result, const std::vector<Piece>& pieces, const Lookup& lookup) {
  for (const Piece& piece : pieces) {
    if (result.value.size() > value_limit) {
      result.value.resize(value_limit);
      return true;
    }
    if (piece.kind == Kind::literal)
      result.value += piece.text;
    else if (!append_hole(result, piece, lookup))
      return false;
  }
  return true;
}

} // namespace

Template parse(std::string_view text) {
  Template result;
  result.pieces = Reader(text, result.problems).read(0, text.size(), 0);
  return result;
}

std::string_view describe(Problem::Kind kind) {
  switch (kind) {
  case Problem::Kind::unclosed: return "'${' is not closed on its line";
  case Problem::Kind::no_name: return "'${' without the name of a variable";
  case Problem::Kind::bad_name: return "the name of a variable begins with a letter or '_'";
  case Problem::Kind::bad_operator:
    return "after the name of a variable stands '}' or one of '-', ':-', '?', ':?', '+', ':+'";
  case Problem::Kind::too_deep: return "variables are nested too deeply";
  }
  return "";
}

Substitution substitute(const std::vector<Piece>& pieces, const Lookup& lookup) {
  Substitution result;
  append(result, pieces, lookup);
  return result;
}

} // namespace aethel::compose_template
