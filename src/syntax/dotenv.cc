#include "syntax/dotenv.h"

#include "syntax/mapped_text.h"

#include <algorithm>
#include <optional>

namespace aethel::dotenv {
namespace {

constexpr std::size_t npos = std::string_view::npos;

struct Rune {
  char32_t value = 0xFFFD;
  std::size_t length = 1;
};

// As Go's range over a string: a byte that begins no valid UTF-8 is U+FFFD.
Rune rune_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned lead = byte(at);
  if (lead < 0x80) return {.value = lead, .length = 1};
  if (lead >= 0xC2 && lead < 0xE0 && tail(at + 1))
    return {.value = (lead & 0x1Fu) << 6 | (byte(at + 1) & 0x3Fu), .length = 2};
  if (lead >= 0xE0 && lead < 0xF0 && tail(at + 1) && tail(at + 2)) {
    const char32_t value =
        (lead & 0x0Fu) << 12 | (byte(at + 1) & 0x3Fu) << 6 | (byte(at + 2) & 0x3Fu);
    if (value >= 0x800 && (value < 0xD800 || value > 0xDFFF)) return {.value = value, .length = 3};
  }
  if (lead >= 0xF0 && lead < 0xF5 && tail(at + 1) && tail(at + 2) && tail(at + 3)) {
    const char32_t value = (lead & 0x07u) << 18 | (byte(at + 1) & 0x3Fu) << 12 |
                           (byte(at + 2) & 0x3Fu) << 6 | (byte(at + 3) & 0x3Fu);
    if (value >= 0x10000 && value <= 0x10FFFF) return {.value = value, .length = 4};
  }
  return {};
}

// The property White_Space of Unicode; JavaScript's \s is this without U+0085 and with U+FEFF.
bool is_white_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

// parser.go's isSpace.
bool is_space_within_line(char32_t c) {
  return c == '\t' || c == '\v' || c == '\f' || c == '\r' || c == ' ' || c == 0x85 || c == 0xA0;
}

// Stands for unicode.IsLetter and unicode.IsNumber without their tables: beyond ASCII,
// the blocks that hold punctuation, symbols and pictures are refused and the others taken.
bool is_name_rune(char32_t c) {
  if (c < 0x80)
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-' || c == '[' || c == ']';
  if (c < 0xC0)
    return c == 0xAA || c == 0xB5 || c == 0xBA || c == 0xB2 || c == 0xB3 || c == 0xB9 ||
           (c >= 0xBC && c <= 0xBE);
  return c != 0xD7 && c != 0xF7 && !is_white_space(c) && !(c >= 0x2000 && c <= 0x206F) &&
         !(c >= 0x2190 && c <= 0x245F) && !(c >= 0x2500 && c <= 0x2775) &&
         !(c >= 0x2794 && c <= 0x2BFF) && !(c >= 0x3001 && c <= 0x3004) &&
         !(c >= 0x3008 && c <= 0x3020) && !(c >= 0xE000 && c <= 0xF8FF) &&
         !(c >= 0xFE00 && c <= 0xFE6F) && c != 0xFEFF && !(c >= 0xFFF0 && c <= 0xFFFF) &&
         !(c >= 0x1F000 && c <= 0x1FAFF);
}

template <class Predicate>
std::size_t skip_while(std::string_view text, std::size_t at, Predicate predicate) {
  while (at < text.size()) {
    const Rune rune = rune_at(text, at);
    if (!predicate(rune.value)) break;
    at += rune.length;
  }
  return at;
}

// The end of [begin, end) without the white space before it.
std::size_t trimmed_end(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t result = begin;
  text = text.substr(0, end);
  for (std::size_t at = begin; at < end;) {
    const Rune rune = rune_at(text, at);
    at += rune.length;
    if (!is_white_space(rune.value)) result = at;
  }
  return result;
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

std::size_t without_return(std::string_view text, std::size_t begin, std::size_t end) {
  return end > begin && text[end - 1] == '\r' ? end - 1 : end;
}

template <class Map> void relocate(std::vector<compose_template::Piece>& pieces, const Map& map) {
  for (compose_template::Piece& piece : pieces) {
    piece.range = map(piece.range);
    if (piece.kind == compose_template::Kind::literal) continue;
    piece.name_range = map(piece.name_range);
    if (piece.form == compose_template::Form::plain) continue;
    piece.operand_range = map(piece.operand_range);
    relocate(piece.operand, map);
  }
}

std::vector<compose_template::Piece> literal(std::string text, Range range) {
  std::vector<compose_template::Piece> pieces;
  if (!text.empty()) pieces.push_back({.range = range, .text = std::move(text)});
  return pieces;
}

void append_utf8(MappedText& out, unsigned value, std::size_t offset) {
  if (value >= 0x80) {
    out.push(static_cast<char>(0xC0u | value >> 6), offset);
    out.push(static_cast<char>(0x80u | (value & 0x3Fu)), offset);
  } else {
    out.push(static_cast<char>(value), offset);
  }
}

// parser.go's expandEscapes. `\0` followed by three octal digits is a character up to U+00FF;
// with fewer digits only the zero is dropped, as there. `\$` becomes `$$`, which the template
// turns into a dollar.
MappedText expand_escapes(const MappedText& in) {
  MappedText out;
  const std::string& text = in.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    constexpr std::string_view names = "abfnrtv\\\"$";
    constexpr std::string_view values = "\a\b\f\n\r\t\v\\\"$";
    const std::size_t index = next == '\0' ? npos : names.find(next);
    if (text[i] != '\\' || (index == npos && next != '0')) {
      out.push(text[i], in.offsets[i]);
    } else if (next == '$') {
      out.push('$', in.offsets[i]);
      out.push('$', in.offsets[i + 1]);
      ++i;
    } else if (next != '0') {
      out.push(values[index], in.offsets[i]);
      ++i;
    } else {
      const std::size_t offset = in.offsets[i];
      std::size_t digits = 0;
      unsigned value = 0;
      bool octal = true;
      while (digits < 3 && i + 2 + digits < text.size() && text[i + 2 + digits] >= '0' &&
             text[i + 2 + digits] <= '9') {
        const char digit = text[i + 2 + digits++];
        octal = octal && digit < '8';
        value = value * 8 + static_cast<unsigned>(digit - '0');
      }
      if (digits == 3 && octal && value <= 0xFF) {
        append_utf8(out, value, offset);
        i += 4;
      } else {
        out.push('\\', offset);
        ++i; // the zero; the digits follow as they are
      }
    }
  }
  out.finish(in.offsets.back());
  return out;
}

class ComposeReader {
public:
  ComposeReader(std::string_view bytes, Limits limits) : bytes_(bytes), limits_(limits) {}

  File read() {
    if (bytes_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (next_statement()) {
      if (file_.entries.size() >= limits_.entries) {
        problem(Problem::Kind::too_many_entries, at_, bytes_.size(), Problem::Fatal::no);
        break;
      }
      read_statement();
    }
    return std::move(file_);
  }

private:
  void problem(Problem::Kind kind, std::size_t begin, std::size_t end, Problem::Fatal fatal) {
    file_.problems.push_back(
        {.kind = kind, .range = range_of(begin, end), .fatal_for_compose = fatal});
  }

  Range comment_at(std::size_t hash) {
    const std::size_t end = line_end(bytes_, hash);
    file_.comments.push_back(range_of(hash, without_return(bytes_, hash, end)));
    return file_.comments.back();
  }

  // After a statement that cannot be read; a comment behind it may still suppress a finding.
  void skip_line(std::size_t begin) {
    at_ = std::max(at_, line_end(bytes_, begin));
    const std::size_t hash = bytes_.substr(0, at_).find(" #", begin);
    if (hash != npos) comment_at(hash + 1);
  }

  // Moves to the next byte that is neither space nor comment; false at the end.
  bool next_statement() {
    while (true) {
      const std::size_t begin = at_;
      at_ = skip_while(bytes_, at_, is_white_space);
      if (at_ >= bytes_.size()) return false;
      if (bytes_.substr(begin, at_ - begin).contains('\n')) open_entry_ = npos;
      if (bytes_[at_] != '#') return true;
      const Range comment = comment_at(at_);
      if (open_entry_ != npos) file_.entries[open_entry_].comment = comment;
      open_entry_ = npos;
      at_ = line_end(bytes_, at_);
    }
  }

  void read_statement() {
    open_entry_ = npos;
    Entry entry;
    const std::size_t begin = at_;
    if (bytes_.substr(at_).starts_with("export") && at_ + 6 < bytes_.size() &&
        std::string_view("\t\n\f\r ").contains(bytes_[at_ + 6])) {
      entry.exported = Export::present;
      at_ = skip_while(bytes_, at_ + 6, is_space_within_line);
    }
    const std::size_t key = at_;
    std::size_t stop = key;
    while (stop < bytes_.size() && !std::string_view("=:\n").contains(bytes_[stop])) {
      const Rune rune = rune_at(bytes_, stop);
      if (!is_space_within_line(rune.value) && !is_name_rune(rune.value)) {
        problem(Problem::Kind::bad_character, stop, stop + rune.length, Problem::Fatal::yes);
        skip_line(begin);
        return;
      }
      stop += rune.length;
    }
    const std::size_t key_end = trimmed_end(bytes_, key, stop);
    if (stop >= bytes_.size()) {
      // Only after `export` nothing may be left: compose-go's "zero length string".
      if (key == stop)
        problem(Problem::Kind::no_name, begin, stop, Problem::Fatal::yes);
      else
        problem(Problem::Kind::name_at_end, key, key_end, Problem::Fatal::no);
      at_ = bytes_.size();
      return;
    }
    if (bytes_.substr(key, key_end - key).contains(' ')) {
      problem(Problem::Kind::space_in_name, key, key_end, Problem::Fatal::yes);
      skip_line(begin);
      return;
    }
    entry.key = bytes_.substr(key, key_end - key);
    entry.key_range = range_of(key, key_end);
    entry.range = range_of(begin, key_end);
    entry.value_range = range_of(key_end, key_end);
    if (bytes_[stop] == '\n') {
      entry.source = Value::inherited;
      at_ = stop;
      add(std::move(entry));
      return;
    }
    entry.value_range = range_of(stop + 1, stop + 1);
    entry.range.end = entry.value_range.end;
    at_ = skip_while(bytes_, stop + 1, is_space_within_line);
    const bool quoted = at_ < bytes_.size() && (bytes_[at_] == '"' || bytes_[at_] == '\'');
    if (quoted)
      read_quoted(std::move(entry));
    else
      read_unquoted(std::move(entry));
  }

  void add(Entry entry) {
    if (entry.key.empty()) {
      problem(Problem::Kind::no_name, entry.range.begin, entry.range.end, Problem::Fatal::no);
      return;
    }
    file_.entries.push_back(std::move(entry));
    open_entry_ = file_.entries.size() - 1;
  }

  // A comment begins at " #", wherever the value began: `KEY= #x` has the value "#x".
  void read_unquoted(Entry entry) {
    const std::size_t begin = at_;
    const std::size_t end = line_end(bytes_, begin);
    const std::size_t hash = bytes_.substr(0, end).find(" #", begin);
    const std::size_t stop = trimmed_end(bytes_, begin, std::min(hash, end));
    if (stop > begin) {
      entry.value_range = range_of(begin, stop);
      entry.range.end = entry.value_range.end;
    }
    entry.value = expand(bytes_.substr(begin, stop - begin), [&](Range range) {
      return range_of(begin + range.begin, begin + range.end);
    });
    if (hash != npos) entry.comment = comment_at(hash + 1);
    at_ = end;
    add(std::move(entry));
    open_entry_ = npos;
  }

  void read_quoted(Entry entry) {
    const char quote = bytes_[at_];
    const std::size_t begin = at_ + 1;
    MappedText text;
    for (std::size_t i = begin; i < bytes_.size(); ++i) {
      const char c = bytes_[i];
      if (c == quote) {
        text.finish(i);
        finish_quoted(std::move(entry), text, quote, range_of(begin, i));
        return;
      }
      if (c == '\\' && i + 1 < bytes_.size()) {
        if (bytes_[i + 1] == quote)
          text.push(quote, i);
        else {
          text.push('\\', i);
          text.push(bytes_[i + 1], i + 1);
        }
        ++i;
      } else {
        text.push(c, i);
      }
    }
    const std::size_t end = line_end(bytes_, begin);
    problem(Problem::Kind::unterminated_quote, at_, without_return(bytes_, begin, end),
            Problem::Fatal::yes);
    skip_line(begin);
  }

  void finish_quoted(Entry entry, const MappedText& text, char quote, Range inside) {
    entry.value_range = inside;
    entry.range.end = inside.end + 1;
    if (quote == '"') {
      entry.quotes = Quotes::double_quotes;
      const MappedText expanded = expand_escapes(text);
      entry.value = expand(expanded.text, [&](Range range) { return expanded.file_range(range); });
    } else {
      entry.quotes = Quotes::single_quotes;
      entry.value = literal(text.text, inside);
    }
    at_ = inside.end + 1;
    add(std::move(entry));
  }

  template <class Map>
  std::vector<compose_template::Piece> expand(std::string_view text, const Map& map) {
    auto parsed = compose_template::parse(text);
    relocate(parsed.pieces, map);
    for (const auto& found : parsed.problems)
      file_.problems.push_back(
          {.kind = Problem::Kind::bad_template,
           .range = map(found.range),
           .fatal_for_compose = found.where == compose_template::Problem::Where::text
                                    ? Problem::Fatal::yes
                                    : Problem::Fatal::when_operand_is_used,
           .template_kind = found.kind});
    return std::move(parsed.pieces);
  }

  std::string_view bytes_;
  Limits limits_;
  std::size_t at_ = 0;
  std::size_t open_entry_ = npos; // the entry that a comment on this line belongs to
  File file_;
};

// The regular expression of the npm package, matched by hand:
//   ^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)
//   (\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$
// A \s reaches over line breaks, so `KEY=` takes a quoted value from the next line.
class NpmReader {
public:
  NpmReader(std::string_view bytes, Limits limits) : limits_(limits) {
    // Line breaks are made equal first.
    source_.text.reserve(bytes.size());
    source_.offsets.reserve(bytes.size() + 1);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      source_.push(bytes[i] == '\r' ? '\n' : bytes[i], i);
      if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') ++i;
    }
    source_.finish(bytes.size());
    text_ = source_.text;
  }

  File read() {
    std::size_t at = 0;
    while (at < text_.size()) {
      const std::size_t begin = skip_space(at);
      if (begin >= text_.size()) break;
      auto match = match_at(begin);
      if (!match) {
        const std::size_t end = terminator(begin);
        read_other_line(begin, end);
        at = end;
        continue;
      }
      if (file_.entries.size() >= limits_.entries) {
        file_.problems.push_back({.kind = Problem::Kind::too_many_entries,
                                  .range = source_.file_range(range_of(begin, text_.size()))});
        break;
      }
      at = match->end;
      add(begin, *match);
    }
    return std::move(file_);
  }

private:
  struct Match {
    Range key;
    Range value; // as matched, with quotes and space around them
    Range comment;
    std::size_t end = 0;
    std::size_t separator_end = 0;
    Export exported = Export::absent;
  };

  std::size_t space_length(std::size_t at) const {
    if (at >= text_.size()) return 0;
    const Rune rune = rune_at(text_, at);
    const bool space = rune.value != 0x85 && (is_white_space(rune.value) || rune.value == 0xFEFF);
    return space ? rune.length : 0;
  }

  std::size_t skip_space(std::size_t at) const {
    while (const std::size_t length = space_length(at)) at += length;
    return at;
  }

  bool is_terminator(std::size_t at) const {
    return text_[at] == '\n' || text_.substr(at).starts_with("\xE2\x80\xA8") ||
           text_.substr(at).starts_with("\xE2\x80\xA9");
  }

  std::size_t terminator(std::size_t at) const {
    while (at < text_.size() && !is_terminator(at)) ++at;
    return at;
  }

  std::optional<Match> match_at(std::size_t begin) const {
    if (text_.substr(begin).starts_with("export") && space_length(begin + 6) > 0) {
      if (auto match = match_key(skip_space(begin + 6))) {
        match->exported = Export::present;
        return match;
      }
    }
    return match_key(begin);
  }

  std::optional<Match> match_key(std::size_t key) const {
    std::size_t stop = key;
    const auto is_key = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '.' || c == '-';
    };
    while (stop < text_.size() && is_key(text_[stop])) ++stop;
    if (stop == key) return std::nullopt;
    Match match{.key = range_of(key, stop)};
    const std::size_t equals = skip_space(stop);
    if (equals < text_.size() && text_[equals] == '=') {
      match.separator_end = equals + 1;
    } else if (stop < text_.size() && text_[stop] == ':' && space_length(stop + 1) > 0) {
      match.separator_end = stop + 1 + space_length(stop + 1);
    } else {
      return std::nullopt;
    }
    if (!match_quoted(match) && !match_rest(match, plain_end(match.separator_end)))
      return std::nullopt;
    return match;
  }

  std::size_t plain_end(std::size_t at) const {
    while (at < text_.size() && text_[at] != '#' && text_[at] != '\n') ++at;
    return at;
  }

  // The closing quotes that backtracking would try, in its order: the first that no
  // backslash precedes, then those with a backslash, from the last to the first.
  bool match_quoted(Match& match) const {
    const std::size_t open = skip_space(match.separator_end);
    if (open >= text_.size() || !std::string_view("'\"`").contains(text_[open])) return false;
    const char quote = text_[open];
    std::vector<std::size_t> escaped;
    std::size_t close = text_.find(quote, open + 1);
    while (close != npos && close > open + 1 && text_[close - 1] == '\\') {
      escaped.push_back(close);
      close = text_.find(quote, close + 1);
    }
    if (close != npos && match_rest(match, close + 1)) return true;
    return std::ranges::any_of(escaped.rbegin(), escaped.rend(),
                               [&](std::size_t at) { return match_rest(match, at + 1); });
  }

  // \s*(?:#.*)?$ after a value that ends at `end`.
  bool match_rest(Match& match, std::size_t end) const {
    std::size_t last_break = npos;
    std::size_t at = end;
    while (const std::size_t length = space_length(at)) {
      if (is_terminator(at)) last_break = at;
      at += length;
    }
    if (at < text_.size() && text_[at] == '#') {
      match.end = terminator(at);
      match.comment = range_of(at, match.end);
    } else if (at >= text_.size()) {
      match.end = at;
    } else if (last_break != npos) {
      match.end = last_break;
    } else {
      return false;
    }
    match.value = range_of(match.separator_end, end);
    return true;
  }

  void read_other_line(std::size_t begin, std::size_t end) {
    if (text_[begin] == '#') {
      file_.comments.push_back(source_.file_range(range_of(begin, end)));
      return;
    }
    file_.problems.push_back(
        {.kind = Problem::Kind::not_an_entry, .range = source_.file_range(range_of(begin, end))});
  }

  std::size_t value_end(Range value) const {
    std::size_t result = value.begin;
    for (std::size_t at = value.begin; at < value.end;) {
      const std::size_t space = space_length(at);
      at += space ? space : rune_at(text_, at).length;
      if (space == 0) result = at;
    }
    return std::min<std::size_t>(result, value.end);
  }

  void add(std::size_t begin, const Match& match) {
    std::size_t from = std::min<std::size_t>(skip_space(match.value.begin), match.value.end);
    std::size_t to = std::max(value_end(match.value), from);
    if (from == to) from = to = match.separator_end;
    Entry entry{.key = std::string(text_.substr(match.key.begin, match.key.end - match.key.begin)),
                .key_range = source_.file_range(match.key),
                .range = source_.file_range(range_of(begin, to)),
                .exported = match.exported};
    const char first = from < to ? text_[from] : '\0';
    if (to - from >= 2 && text_[to - 1] == first && std::string_view("'\"`").contains(first)) {
      entry.quotes = first == '"'   ? Quotes::double_quotes
                     : first == '`' ? Quotes::backticks
                                    : Quotes::single_quotes;
      ++from;
      --to;
    }
    entry.value_range = source_.file_range(range_of(from, to));
    std::string value;
    for (std::size_t i = from; i < to; ++i) {
      const char next = i + 1 < to ? text_[i + 1] : '\0';
      const bool escape = first == '"' && text_[i] == '\\' && (next == 'n' || next == 'r');
      value += !escape ? text_[i] : next == 'n' ? '\n' : '\r';
      if (escape) ++i;
    }
    entry.value = literal(std::move(value), entry.value_range);
    if (match.comment.begin < match.comment.end) {
      file_.comments.push_back(source_.file_range(match.comment));
      const auto between = text_.substr(match.value.end, match.comment.begin - match.value.end);
      if (!between.contains('\n')) entry.comment = file_.comments.back();
    }
    file_.entries.push_back(std::move(entry));
  }

  Limits limits_;
  MappedText source_;
  std::string_view text_;
  File file_;
};

} // namespace

File parse(std::string_view bytes, Dialect dialect, Limits limits) {
  return dialect == Dialect::compose ? ComposeReader(bytes, limits).read()
                                     : NpmReader(bytes, limits).read();
}

const Entry* find(const File& file, std::string_view key) {
  const auto found =
      std::ranges::find(file.entries.rbegin(), file.entries.rend(), key, &Entry::key);
  return found == file.entries.rend() ? nullptr : &*found;
}

std::string_view describe(Problem::Kind kind) {
  switch (kind) {
  case Problem::Kind::bad_character: return "character not allowed in a name";
  case Problem::Kind::space_in_name: return "space in a name";
  case Problem::Kind::unterminated_quote: return "quoted value without its closing quote";
  case Problem::Kind::no_name: return "value without a name";
  case Problem::Kind::name_at_end:
    return "name without '=' on a last line without line break: not inherited";
  case Problem::Kind::bad_template: return "invalid variable in a value";
  case Problem::Kind::not_an_entry: return "line that is no entry and is ignored";
  case Problem::Kind::too_many_entries: return "too many entries, the rest was not read";
  }
  return "";
}

} // namespace aethel::dotenv
