#include "syntax/wildmatch.h"

#include "base/files.h"

#include <optional>

namespace aethel {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool is_special(char c) { return c == '*' || c == '?' || c == '[' || c == '\\'; }

std::size_t literal_length(std::string_view pattern) {
  std::size_t length = 0;
  while (length < pattern.size() && !is_special(pattern[length])) ++length;
  return length;
}

// ASCII, whatever the locale: the machine's settings must not change what is ignored.
bool in_class(std::string_view name, unsigned char c, bool& known) {
  known = true;
  const bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
  const bool digit = c >= '0' && c <= '9', graph = c > ' ' && c < 0x7f;
  if (name == "alnum") return lower || upper || digit;
  if (name == "alpha") return lower || upper;
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return c < ' ' || c == 0x7f;
  if (name == "digit") return digit;
  if (name == "graph") return graph;
  if (name == "lower") return lower;
  if (name == "print") return graph || c == ' ';
  if (name == "punct") return graph && !lower && !upper && !digit;
  if (name == "space") return c == ' ' || (c >= '\t' && c <= '\r');
  if (name == "upper") return upper;
  if (name == "xdigit") return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  known = false;
  return false;
}

struct SetMatch {
  std::size_t end; // after the "]"
  bool matched;
};

// The bracket expression at `at`; nothing when it is malformed, which never matches.
std::optional<SetMatch> match_set(std::string_view pattern, std::size_t at, unsigned char c) {
  auto byte = [&](std::size_t i) -> unsigned char {
    return i < pattern.size() ? static_cast<unsigned char>(pattern[i]) : 0;
  };
  std::size_t i = at + 1;
  const bool negated = byte(i) == '!' || byte(i) == '^';
  if (negated) ++i;
  bool matched = false;
  unsigned char before = 0; // the start of a range, when there can be one
  do {
    unsigned char now = byte(i);
    if (now == 0) return std::nullopt;
    if (now == '\\') {
      now = byte(++i);
      if (now == 0) return std::nullopt;
      matched |= c == now;
    } else if (now == '-' && before != 0 && byte(i + 1) != 0 && byte(i + 1) != ']') {
      now = byte(++i);
      if (now == '\\') now = byte(++i);
      if (now == 0) return std::nullopt;
      matched |= before <= c && c <= now;
      now = 0;
    } else if (now == '[' && byte(i + 1) == ':') {
      const std::size_t close = pattern.find(']', i + 2);
      if (close == npos) return std::nullopt;
      if (close < i + 3 || byte(close - 1) != ':') {
        matched |= c == '[';
      } else {
        bool known;
        matched |= in_class(pattern.substr(i + 2, close - 1 - (i + 2)), c, known);
        if (!known) return std::nullopt;
        i = close;
        now = 0;
      }
    } else {
      matched |= c == now;
    }
    before = now;
  } while (byte(++i) != ']');
  return SetMatch{.end = i + 1, .matched = matched != negated};
}

} // namespace

bool wildmatch(std::string_view pattern, std::string_view text, Slashes slashes) {
  const bool separate = slashes == Slashes::separate;
  std::size_t p = 0, t = 0;
  // Where to go on after a mismatch: behind the last `*`, which may take one byte more of
  // its component, else behind the last `**`. An earlier wildcard cannot help: what it
  // would take more, the later one takes as well.
  std::size_t star = npos, star_text = 0;
  std::size_t any = npos, any_text = 0;
  bool any_directories = false; // `**/` gives up whole components

  auto retry = [&] {
    if (star != npos && star_text < text.size() && text[star_text] != '/') {
      p = star;
      t = ++star_text;
      return true;
    }
    star = npos;
    if (any == npos) return false;
    if (any_directories) {
      const std::size_t slash = text.find('/', any_text);
      if (slash == npos) return false;
      any_text = slash;
    }
    if (any_text >= text.size()) return false;
    p = any;
    t = ++any_text;
    return true;
  };

  for (;;) {
    if (p == pattern.size()) {
      if (t == text.size()) return true;
      if (!retry()) return false;
      continue;
    }
    if (pattern[p] == '*') {
      const std::size_t run = p;
      while (p < pattern.size() && pattern[p] == '*') ++p;
      const std::string_view rest = pattern.substr(p);
      const bool bounded = (run == 0 || pattern[run - 1] == '/') &&
                           (rest.empty() || rest.starts_with('/') || rest.starts_with("\\/"));
      if (!separate || (p - run > 1 && bounded)) {
        if (rest.empty()) return true;
        any_directories = separate && rest.starts_with('/');
        if (any_directories) ++p;
        any = p;
        any_text = t;
        star = npos;
      } else {
        if (rest.empty() && text.find('/', t) == npos) return true;
        star = p;
        star_text = t;
      }
      continue;
    }
    if (t == text.size()) return false; // taking more leaves even less
    const char c = text[t];
    bool matched;
    std::size_t next = p + 1;
    if (pattern[p] == '?') {
      matched = !(separate && c == '/');
    } else if (pattern[p] == '[') {
      const std::optional<SetMatch> set = match_set(pattern, p, static_cast<unsigned char>(c));
      if (!set) return false;
      matched = set->matched && !(separate && c == '/');
      next = set->end;
    } else {
      if (pattern[p] == '\\') {
        if (++p == pattern.size()) return false;
        next = p + 1;
      }
      matched = pattern[p] == c;
    }
    if (matched) {
      p = next;
      ++t;
    } else if (!retry()) {
      return false;
    }
  }
}

PathPattern::PathPattern(std::string_view line) : text_(line) {
  if (text_.starts_with('!')) {
    negative_ = true;
    text_.remove_prefix(1);
  }
  if (text_.ends_with('/')) {
    only_directories_ = true;
    text_.remove_suffix(1);
  }
  name_only_ = text_.find('/') == npos;
  if (text_.starts_with('/')) text_.remove_prefix(1);
  literal_ = static_cast<std::uint32_t>(literal_length(text_));
  suffix_ = text_.starts_with('*') && literal_length(text_.substr(1)) == text_.size() - 1;
}

bool PathPattern::matches(std::string_view path, PathKind kind) const {
  if (only_directories_ && kind != PathKind::directory) return false;
  const std::string_view name = name_only_ ? file_name(path) : path;
  if (literal_ == text_.size()) return name == text_;
  if (name_only_ && suffix_) return name.ends_with(text_.substr(1));
  if (!name.starts_with(text_.substr(0, literal_))) return false;
  return wildmatch(text_, name, name_only_ ? Slashes::ordinary : Slashes::separate);
}

} // namespace aethel
