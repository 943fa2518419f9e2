#include "syntax/dockerignore.h"

#include <algorithm>

namespace aethel {
namespace {

constexpr std::size_t pattern_limit = 10'000;
constexpr std::size_t length_limit = 4'096;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Go's filepath.Clean on Linux, for a text that is not empty.
std::string cleaned(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..")
      parts.pop_back();
    else if (part != ".." || !rooted)
      parts.push_back(part);
  }
  std::string result = rooted ? "/" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) result += '/';
    result += parts[i];
  }
  return result.empty() ? "." : result;
}

// Characters, as Go's expressions see them; a byte that is none stands for itself.
std::u32string characters(std::string_view bytes) {
  std::u32string result;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
    char32_t value = length == 1 ? first : first & (0xFFU >> (length + 1));
    bool whole = at + length <= bytes.size();
    for (std::size_t i = 1; whole && i < length; ++i) {
      const auto next = static_cast<unsigned char>(bytes[at + i]);
      whole = (next & 0xC0U) == 0x80;
      value = (value << 6) | (next & 0x3FU);
    }
    result += whole && first < 0xF5 ? value : char32_t{first};
    at += whole && first < 0xF5 ? length : 1;
  }
  return result;
}

// Characters that patternmatcher hands to Go's regular expressions as they are. In a path that is
// compared as a whole they mean themselves.
bool is_expression(char32_t c) { return std::u32string_view(U"+(){}|^").contains(c); }

} // namespace

DockerIgnore::DockerIgnore(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    std::string_view line = bytes.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.starts_with('#')) continue;
    line = trimmed(line);
    if (line.empty()) continue;
    const bool exception = line.front() == '!';
    if (exception) line = trimmed(line.substr(1));
    if (line.empty() || line.size() > length_limit || patterns_.size() >= pattern_limit) {
      unknown_ = true; // "illegal exclusion pattern"
      continue;
    }
    std::string text = cleaned(line);
    if (text.size() > 1 && text.front() == '/') text.erase(0, 1);
    auto pattern = compile(text);
    if (!pattern) {
      unknown_ = true;
      continue;
    }
    pattern->exception = exception;
    pattern->line = number;
    patterns_.push_back(std::move(*pattern));
  }
}

std::optional<DockerIgnore::Pattern> DockerIgnore::compile(std::string_view bytes) {
  using Kind = Token::Kind;
  Pattern pattern;
  pattern.literal = bytes.substr(0, bytes.find_first_of("*?[\\"));
  const std::u32string text = characters(bytes);
  // What patternmatcher compares without an expression: whole paths, and `**` at one end.
  enum class Form : std::uint8_t { exact, prefix, suffix, expression } form = Form::exact;
  bool odd = false;
  for (std::size_t at = 0, step = 0; at < text.size(); ++step) {
    const char32_t c = text[at++];
    if (c == '*' && at < text.size() && text[at] == '*') {
      ++at;
      if (at < text.size() && text[at] == '/') ++at;
      if (at == text.size()) {
        pattern.tokens.push_back({.kind = Kind::anything});
        form = form == Form::exact ? Form::prefix : Form::expression;
      } else {
        pattern.tokens.push_back({.kind = Kind::folders});
        form = Form::expression;
      }
      if (step == 0) form = Form::suffix;
    } else if (c == '*' || c == '?') {
      pattern.tokens.push_back({.kind = c == '*' ? Kind::star : Kind::any});
      form = Form::expression;
    } else if (c == '\\') {
      if (at == text.size()) return std::nullopt; // ErrBadPattern
      // `\d` is a class of Go's expressions.
      const char32_t next = text[at++];
      const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') ||
                          (next >= '0' && next <= '9');
      odd = odd || letter;
      pattern.tokens.push_back({.character = next});
      form = Form::expression;
    } else if (c == '[') {
      Token token{.kind = Kind::set};
      if (at < text.size() && text[at] == '^') {
        token.negative = true;
        ++at;
      }
      std::size_t members = 0;
      while (at < text.size() && (text[at] != ']' || members == 0)) {
        const char32_t low = text[at++];
        // Escapes and nested classes: two languages that differ in them.
        if (low == '\\' || low == '[' || low == ']' || low == '-') return std::nullopt;
        char32_t high = low;
        if (at + 1 < text.size() && text[at] == '-') {
          high = text[at + 1];
          at += 2;
          if (high == '\\' || high == ']' || high < low) return std::nullopt;
        }
        token.ranges += low;
        token.ranges += high;
        ++members;
      }
      if (at == text.size()) return std::nullopt;
      ++at;
      pattern.tokens.push_back(std::move(token));
      form = Form::expression;
    } else if (c == ']') {
      return std::nullopt;
    } else {
      odd = odd || is_expression(c);
      pattern.tokens.push_back({.character = c});
    }
  }
  if (form == Form::expression && odd) return std::nullopt;
  if (form == Form::suffix) {
    pattern.is_suffix = true;
    pattern.suffix = bytes.substr(2);
  }
  return pattern;
}

// All positions of the pattern that may be reached, byte by byte: never exponential.
bool DockerIgnore::matches(const Pattern& pattern, std::string_view path) {
  using Kind = Token::Kind;
  if (pattern.is_suffix)
    return path.ends_with(pattern.suffix) ||
           (pattern.suffix.starts_with('/') && path == std::string_view(pattern.suffix).substr(1));
  const std::size_t size = pattern.tokens.size();
  // `inside`: in the middle of the folders that a `**/` takes; they end with a slash.
  std::vector<bool> at(size + 1), next(size + 1), inside(size + 1), next_inside(size + 1);
  const auto skip_empty = [&](std::vector<bool>& set) {
    for (std::size_t i = 0; i < size; ++i)
      if (set[i] &&
          (pattern.tokens[i].kind == Kind::star || pattern.tokens[i].kind == Kind::folders ||
           pattern.tokens[i].kind == Kind::anything))
        set[i + 1] = true;
  };
  at[0] = true;
  skip_empty(at);
  for (const char32_t c : characters(path)) {
    next.assign(size + 1, false);
    next_inside.assign(size + 1, false);
    for (std::size_t i = 0; i < size; ++i) {
      const Token& token = pattern.tokens[i];
      const bool here = at[i];
      switch (token.kind) {
      case Kind::literal:
        if (here && token.character == c) next[i + 1] = true;
        break;
      case Kind::any:
        if (here && c != '/') next[i + 1] = true;
        break;
      case Kind::star:
        if (here && c != '/') next[i] = true;
        break;
      case Kind::anything:
        if (here) next[i] = true;
        break;
      case Kind::folders:
        if (!here && !inside[i]) break;
        next_inside[i] = true;
        if (c == '/') next[i + 1] = true;
        break;
      case Kind::set: {
        if (!here) break;
        bool any = false;
        for (std::size_t k = 0; k + 1 < token.ranges.size(); k += 2)
          any = any || (c >= token.ranges[k] && c <= token.ranges[k + 1]);
        // A negated set takes a slash, too.
        if (any != token.negative) next[i + 1] = true;
        break;
      }
      }
    }
    std::swap(at, next);
    std::swap(inside, next_inside);
    skip_empty(at);
  }
  return at[size];
}

DockerIgnore::Match DockerIgnore::match(std::string_view path) const {
  if (unknown_) return {.answer = Answer::unknown};
  Match result;
  bool excluded = false;
  for (const Pattern& pattern : patterns_) {
    if (pattern.exception != excluded) continue;
    bool found = matches(pattern, path);
    for (std::size_t slash = path.find('/'); !found && slash != std::string_view::npos;
         slash = path.find('/', slash + 1))
      found = matches(pattern, path.substr(0, slash));
    if (!found) continue;
    excluded = !pattern.exception;
    result.line = pattern.line;
  }
  result.answer = excluded ? Answer::excluded : Answer::kept;
  return result;
}

bool DockerIgnore::may_keep_below(std::string_view folder) const {
  return std::ranges::any_of(patterns_, [&](const Pattern& pattern) {
    if (!pattern.exception) return false;
    const std::string_view literal = pattern.literal;
    const std::size_t shorter = std::min(literal.size(), folder.size());
    return literal.substr(0, shorter) == folder.substr(0, shorter);
  });
}

} // namespace aethel
