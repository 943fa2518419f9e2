#include "syntax/nginx.h"

#include <algorithm>

namespace aethel::nginx {
namespace {

// NGX_CONF_BUFFER: a word or a comment must fit into it.
constexpr std::size_t buffer_size = 4096;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_name_char(char c) {
  return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

Range range_from(std::size_t begin, std::size_t end) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

std::string unescaped(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\' || at + 1 == raw.size()) {
      text += raw[at];
      continue;
    }
    switch (raw[at + 1]) {
    case '"':
    case '\'':
    case '\\': text += raw[++at]; break;
    case 't': text += '\t', ++at; break;
    case 'r': text += '\r', ++at; break;
    case 'n': text += '\n', ++at; break;
    default: text += raw[at];
    }
  }
  return text;
}

class Parser {
public:
  Parser(std::string_view bytes, Dialect dialect, Limits limits)
      : bytes_(bytes), dialect_(dialect), limits_(limits) {}

  File run() {
    if (bytes_.size() > std::numeric_limits<std::uint32_t>::max()) {
      problem(Problem::Kind::too_large, 0, 0);
      return std::move(file_);
    }
    while (at_ < bytes_.size() && !full_) step();
    if (full_) problem(Problem::Kind::too_large, at_, bytes_.size());
    if (!words_.empty()) {
      const std::size_t begin = words_.front().range.begin;
      if (!full_) problem(Problem::Kind::unexpected_end, begin, end_of_line(begin));
      finish(bytes_.size(), false);
    }
    if (!open_.empty() && !full_) {
      const Directive& block = file_.directives[open_.back()];
      problem(Problem::Kind::unclosed_block, block.range.begin, block.range.end);
    }
    while (!open_.empty()) close();
    return std::move(file_);
  }

private:
  void problem(Problem::Kind kind, std::size_t begin, std::size_t end, char character = 0) {
    // What follows a mistake is seldom another one.
    if (file_.problems.size() < 100)
      file_.problems.push_back({kind, range_from(begin, end), character});
  }

  std::size_t end_of_line(std::size_t at) const {
    std::size_t end = std::min(bytes_.find('\n', at), bytes_.size());
    while (end > at && is_blank(bytes_[end - 1])) --end;
    return end;
  }

  // At a place between words.
  void step() {
    const char c = bytes_[at_];
    if (is_blank(c)) {
      ++at_;
      return;
    }
    if (c == '#') {
      const std::size_t end = std::min(bytes_.find('\n', at_), bytes_.size());
      if (end - at_ > buffer_size || (end - at_ == buffer_size && end < bytes_.size()))
        problem(Problem::Kind::too_long, at_, at_ + 10);
      std::size_t last = end;
      if (last > at_ && bytes_[last - 1] == '\r') --last;
      file_.comments.push_back(range_from(at_, last));
      at_ = end;
      return;
    }
    if (c == ';' || c == '{') {
      terminator();
      return;
    }
    if (c == '}') {
      if (!words_.empty()) {
        problem(Problem::Kind::unexpected_close, at_, at_ + 1, c);
        finish(words_.back().range.end, false);
      }
      if (open_.empty() && skipped_ == 0)
        problem(Problem::Kind::unexpected_close, at_, at_ + 1, c);
      else
        close();
      ++at_;
      return;
    }
    if (c == '"' || c == '\'')
      quoted(c);
    else
      plain();
    stands_alone();
  }

  void terminator() {
    const char c = bytes_[at_];
    if (words_.empty()) {
      problem(c == ';' ? Problem::Kind::unexpected_semicolon : Problem::Kind::unexpected_open, at_,
              at_ + 1, c);
      if (c == '{') ++skipped_; // its end is no surprise
      ++at_;
      return;
    }
    finish(at_, c == '{');
    ++at_;
    if (c == '{' && skipped_ == 0 && !open_.empty()) {
      Directive& directive = file_.directives[open_.back()];
      if (directive.name().ends_with("_by_lua_block")) foreign(directive);
    }
  }

  void add(Word word) { words_.push_back(std::move(word)); }

  void quoted(char quote) {
    const std::size_t begin = at_++;
    while (at_ < bytes_.size() && bytes_[at_] != quote) at_ += bytes_[at_] == '\\' ? 2 : 1;
    if (at_ >= bytes_.size()) {
      at_ = bytes_.size();
      problem(Problem::Kind::unexpected_end, begin, end_of_line(begin), quote);
      if (words_.empty())
        words_.push_back({.text = "", .range = range_from(begin, begin), .quoted = true});
      finish(begin, false);
      return;
    }
    if (at_ - begin >= buffer_size) problem(Problem::Kind::too_long, begin, begin + 10, quote);
    ++at_;
    add({.text = unescaped(bytes_.substr(begin + 1, at_ - begin - 2)),
         .range = range_from(begin, at_),
         .quoted = true});
    // Behind a quote: a blank, the end of the directive, or ')' of an `if`, which begins a word.
    if (at_ >= bytes_.size()) return;
    const char c = bytes_[at_];
    if (is_blank(c) || c == ';' || c == '{') return;
    if (c == ')') {
      plain();
      return;
    }
    problem(Problem::Kind::unexpected_character, at_, at_ + 1, c);
  }

  void plain() {
    const std::size_t begin = at_;
    bool variable = bytes_[at_] == '$';
    at_ += bytes_[at_] == '\\' ? 2 : 1;
    while (at_ < bytes_.size()) {
      const char c = bytes_[at_];
      if (c == '{' && variable) {
        ++at_;
        continue;
      }
      variable = false;
      if (c == '\\') {
        at_ += 2;
        continue;
      }
      if (c == '$')
        variable = true;
      else if (is_blank(c) || c == ';' || c == '{')
        break;
      ++at_;
    }
    at_ = std::min(at_, bytes_.size());
    // The blank behind it is still in the buffer when what follows is read.
    const bool blank = at_ + 1 < bytes_.size() && is_blank(bytes_[at_]);
    if (at_ - begin + (blank ? 1 : 0) >= buffer_size)
      problem(Problem::Kind::too_long, begin, begin + 10);
    add({.text = unescaped(bytes_.substr(begin, at_ - begin)), .range = range_from(begin, at_)});
  }

  // `${LOCATIONS}` on a line of its own in a template is whatever the variable holds.
  void stands_alone() {
    if (dialect_ != Dialect::envsubst_template || words_.size() != 1) return;
    const Word& word = words_.front();
    if (word.quoted || !word.text.starts_with("$")) return;
    const auto uses = variables_of(word.text);
    if (uses.size() != 1 || uses.front().begin != 0 || uses.front().end != word.text.size()) return;
    std::size_t next = at_;
    while (next < bytes_.size() && bytes_[next] != '\n') {
      if (bytes_[next] == '#') break;
      if (!is_blank(bytes_[next])) return;
      ++next;
    }
    const std::size_t before = file_.directives.size();
    finish(at_, false);
    if (file_.directives.size() > before) file_.directives.back().substituted = true;
  }

  void finish(std::size_t end, bool block) {
    if (file_.directives.size() >= limits_.directives) {
      full_ = true;
      words_.clear();
      return;
    }
    const std::size_t begin = words_.front().range.begin;
    if (skipped_ > 0 || open_.size() >= limits_.depth) {
      if (block) {
        if (skipped_ == 0) problem(Problem::Kind::too_deep, begin, end);
        ++skipped_;
      }
      if (skipped_ > 0) {
        words_.clear();
        return;
      }
    }
    Directive directive{.words = std::move(words_),
                        .range = range_from(begin, std::max(begin, end))};
    words_.clear();
    directive.parent = open_.empty() ? no_parent : open_.back();
    directive.block = block;
    directive.end = file_.directives.size() + 1;
    file_.directives.push_back(std::move(directive));
    if (block) open_.push_back(file_.directives.size() - 1);
  }

  void close() {
    if (skipped_ > 0) {
      --skipped_;
      return;
    }
    file_.directives[open_.back()].end = file_.directives.size();
    open_.pop_back();
  }

  // Lua up to the brace that closes the block: braces in strings and comments do not count.
  void foreign(Directive& directive) {
    const std::size_t begin = at_;
    std::size_t depth = 1;
    while (at_ < bytes_.size()) {
      const char c = bytes_[at_];
      if (c == '-' && bytes_.substr(at_).starts_with("--")) {
        at_ += 2;
        if (!long_bracket()) at_ = std::min(bytes_.find('\n', at_), bytes_.size());
        continue;
      }
      if (c == '[' && long_bracket()) continue;
      if (c == '"' || c == '\'') {
        ++at_;
        while (at_ < bytes_.size() && bytes_[at_] != c && bytes_[at_] != '\n')
          at_ += bytes_[at_] == '\\' ? 2 : 1;
        at_ = std::min(at_ + 1, bytes_.size());
        continue;
      }
      if (c == '{') ++depth;
      if (c == '}' && --depth == 0) break;
      ++at_;
    }
    at_ = std::min(at_, bytes_.size());
    directive.foreign = range_from(begin, at_); // the '}' closes the block as any other
  }

  // `[[...]]`, `[==[...]==]`.
  bool long_bracket() {
    if (at_ >= bytes_.size() || bytes_[at_] != '[') return false;
    std::size_t level = 0;
    while (at_ + 1 + level < bytes_.size() && bytes_[at_ + 1 + level] == '=') ++level;
    if (at_ + 1 + level >= bytes_.size() || bytes_[at_ + 1 + level] != '[') return false;
    const std::string end = "]" + std::string(level, '=') + "]";
    const std::size_t found = bytes_.find(end, at_ + 2 + level);
    at_ = found == std::string_view::npos ? bytes_.size() : found + end.size();
    return true;
  }

  std::string_view bytes_;
  Dialect dialect_;
  Limits limits_;
  std::size_t at_ = 0;
  std::size_t skipped_ = 0; // open blocks that are left out
  bool full_ = false;
  std::vector<Word> words_;
  std::vector<std::size_t> open_;
  File file_;
};

} // namespace

File parse(std::string_view bytes, Dialect dialect, Limits limits) {
  return Parser(bytes, dialect, limits).run();
}

std::string describe(const Problem& problem) {
  const std::string character(1, problem.character);
  switch (problem.kind) {
  case Problem::Kind::unexpected_close: return "unexpected \"}\"";
  case Problem::Kind::unexpected_open: return "unexpected \"{\"";
  case Problem::Kind::unexpected_semicolon: return "unexpected \";\"";
  case Problem::Kind::unexpected_character: return "unexpected \"" + character + "\"";
  case Problem::Kind::unexpected_end:
    return problem.character != 0 ? "unexpected end of file, expecting " + character
                                  : "unexpected end of file, expecting \";\" or \"}\"";
  case Problem::Kind::unclosed_block: return "unexpected end of file, expecting \"}\"";
  case Problem::Kind::too_long: return "too long parameter";
  case Problem::Kind::too_deep: return "too many nested blocks";
  case Problem::Kind::too_large: return "too many directives";
  }
  return {};
}

std::vector<VariableUse> variables_of(std::string_view text) {
  std::vector<VariableUse> uses;
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
    const std::size_t begin = at++;
    const bool braces = at < text.size() && text[at] == '{';
    if (braces) ++at;
    const std::size_t name = at;
    while (at < text.size() && is_name_char(text[at])) ++at;
    if (at == name || (braces && (at == text.size() || text[at] != '}'))) continue;
    const std::size_t name_end = at;
    if (braces) ++at;
    uses.push_back({.name = std::string(text.substr(name, name_end - name)),
                    .begin = begin,
                    .end = at,
                    .braces = braces});
  }
  return uses;
}

} // namespace aethel::nginx
