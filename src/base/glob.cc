#include "base/glob.h"

#include <cstdint>
#include <vector>

namespace aethel {
namespace {

constexpr std::size_t npos = std::string_view::npos;

struct Character {
  std::uint32_t code;
  std::uint32_t length; // in bytes
};

// Bytes that are not UTF-8 count as characters of their own, apart from every real one.
Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return {first, 1};
  const std::uint32_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  if (length == 1 || first > 0xf4 || at + length > text.size()) return {0x110000u + first, 1};
  std::uint32_t code = first & (0x7fu >> length);
  for (std::uint32_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return {0x110000u + first, 1};
    code = code << 6 | (byte(at + i) & 0x3fu);
  }
  return {code, length};
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

// Length of the bracket expression at the start of `pattern`; 0 when nothing closes it.
std::size_t class_length(std::string_view pattern) {
  std::size_t at = 1;
  if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) ++at;
  for (const std::size_t first = at; at < pattern.size(); ++at) {
    if (pattern[at] == ']' && at > first) return at + 1; // `[]a]`: a "]" first is a member
    if (pattern[at] == '\\') ++at;
  }
  return 0;
}

bool class_contains(std::string_view set, std::uint32_t code) {
  set = set.substr(1, set.size() - 2);
  const bool negated = set.starts_with('!') || set.starts_with('^');
  if (negated) set.remove_prefix(1);
  const auto take = [&] {
    if (set.starts_with('\\') && set.size() > 1) set.remove_prefix(1);
    const Character taken = character_at(set, 0);
    set.remove_prefix(taken.length);
    return taken.code;
  };
  bool found = false;
  while (!set.empty()) {
    const std::uint32_t low = take();
    std::uint32_t high = low;
    if (set.size() > 1 && set.starts_with('-')) {
      set.remove_prefix(1);
      high = take();
    }
    found |= low <= code && code <= high;
  }
  return found != negated;
}

// One element of `pattern` against one character of `text`: how far both advance.
struct Step {
  std::size_t pattern = 0;
  std::size_t text = 0; // 0: no match
};

Step match_one(std::string_view pattern, std::string_view text) {
  const Character actual = character_at(text, 0);
  if (pattern[0] == '?') return {1, actual.length};
  if (pattern[0] == '[') {
    if (const std::size_t length = class_length(pattern))
      return {length, class_contains(pattern.substr(0, length), actual.code) ? actual.length : 0};
  }
  const std::size_t escape = pattern[0] == '\\' && pattern.size() > 1 ? 1 : 0;
  return {escape + 1, pattern[escape] == text[0] ? 1u : 0u};
}

// Within one part of a path. On a mismatch only the last `*` need take more: what an earlier
// one would take, the later one can take as well. So the time is a product, never exponential.
bool match_part(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = npos, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
      continue;
    }
    if (p < pattern.size()) {
      const Step step = match_one(pattern.substr(p), text.substr(t));
      if (step.text != 0) {
        p += step.pattern;
        t += step.text;
        continue;
      }
    }
    if (star == npos) return false;
    p = star;
    star_text += character_at(text, star_text).length;
    t = star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

} // namespace

// The same walk once more, with parts for characters and `**` for `*`.
bool glob_match(std::string_view pattern, std::string_view text) {
  const std::vector<std::string_view> patterns = split(pattern), parts = split(text);
  std::size_t p = 0, t = 0, star = npos, star_text = 0;
  while (t < parts.size()) {
    if (p < patterns.size() && patterns[p] == "**") {
      star = ++p;
      star_text = t;
      if (p == patterns.size()) return true; // something is left for it
      continue;
    }
    if (p < patterns.size() && match_part(patterns[p], parts[t])) {
      ++p;
      ++t;
      continue;
    }
    if (star == npos) return false;
    p = star;
    t = ++star_text;
  }
  return p == patterns.size();
}

bool path_covered(std::string_view pattern, std::string_view path) {
  if (pattern.starts_with("./")) pattern.remove_prefix(2);
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  if (pattern.ends_with('/')) pattern.remove_suffix(1);
  if (pattern.empty() || pattern == ".") return true;
  for (std::size_t end = path.find('/'); end != npos; end = path.find('/', end + 1))
    if (glob_match(pattern, path.substr(0, end))) return true;
  return glob_match(pattern, path);
}

std::string escape_glob(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

} // namespace aethel
