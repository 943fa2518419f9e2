#include "config/scalar.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>

namespace aethel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_one_of(std::string_view value, std::span<const std::string_view> words) {
  return std::ranges::find(words, value) != words.end();
}

std::size_t skip_digits(std::string_view value, std::size_t at) {
  while (at < value.size() && is_digit(value[at])) ++at;
  return at;
}

bool is_number(std::string_view value) {
  static constexpr std::array<std::string_view, 3> infinite = {".inf", ".Inf", ".INF"};
  static constexpr std::array<std::string_view, 3> none = {".nan", ".NaN", ".NAN"};
  if (is_one_of(value, none)) return true;
  if (value.size() > 2 && value.starts_with("0x"))
    return value.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
  if (value.size() > 2 && value.starts_with("0o"))
    return value.find_first_not_of("01234567", 2) == std::string_view::npos;
  if (value.starts_with('-') || value.starts_with('+')) value.remove_prefix(1);
  if (is_one_of(value, infinite)) return true;
  std::size_t at = skip_digits(value, 0);
  std::size_t digits = at;
  if (at < value.size() && value[at] == '.') {
    const std::size_t fraction = at + 1;
    at = skip_digits(value, fraction);
    digits += at - fraction;
  }
  if (digits == 0) return false;
  if (at < value.size() && (value[at] == 'e' || value[at] == 'E')) {
    ++at;
    if (at < value.size() && (value[at] == '-' || value[at] == '+')) ++at;
    const std::size_t exponent = at;
    at = skip_digits(value, at);
    if (at == exponent) return false;
  }
  return at == value.size();
}

// Length of the character of UTF-8 at `at`; 0 when it is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned first = byte(at), second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(at + 1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    if (!follows(at + 1) || !follows(at + 2)) return 0;
    return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
  }
  if (first >= 0xf0 && first < 0xf5) {
    if (!follows(at + 1) || !follows(at + 2) || !follows(at + 3)) return 0;
    return (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? 0 : 4;
  }
  return 0;
}

// Characters that YAML does not take as they are, or takes as ends of lines.
bool needs_escape(std::string_view character) {
  if (character.size() == 1)
    return static_cast<unsigned char>(character[0]) < 0x20 || character[0] == 0x7f;
  if (character.size() == 2) return character < "\xc2\xa0"; // C1 controls, NEL among them
  return character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9" ||
         character == "\xef\xbb\xbf" || character.starts_with("\xef\xbf");
}

bool is_plain(std::string_view text, Context context) {
  // What 1.1 takes for booleans besides those of 1.2; Python's and Go's older readers do.
  static constexpr std::array<std::string_view, 6> words = {"y", "n", "yes", "no", "on", "off"};
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (is_one_of(lower, words) || plain_kind(text) != ScalarKind::text) return false;
  if (plain_kind(lower) != ScalarKind::text) return false;
  // Digits, signs and dots begin numbers, dates and sexagesimals.
  const char first = text.front();
  const bool relative = text.starts_with("./") || text.starts_with("../");
  if (!is_letter(first) && first != '_' && first != '/' && !relative && !(first & 0x80))
    return false;
  if (text.back() == ' ') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_letter(c) || is_digit(c) || (c & 0x80) || std::string_view("_./@+-* ()'=~").contains(c))
      continue;
    if (c == ':' && i + 1 < text.size() && text[i + 1] != ' ' && context == Context::block)
      continue;
    if (c == ',' && context == Context::block) continue;
    return false;
  }
  return true;
}

std::string in_double_quotes(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text, at), 1);
    const std::string_view character = text.substr(at, length);
    at += length;
    if (character == "\"" || character == "\\") out += '\\';
    if (!needs_escape(character)) {
      out += character;
    } else if (character == "\n") {
      out += "\\n";
    } else if (character == "\t") {
      out += "\\t";
    } else {
      std::uint32_t code = static_cast<unsigned char>(character[0]);
      if (length > 1) {
        code &= 0x7fu >> length;
        for (const char c : character.substr(1))
          code = code << 6 | (static_cast<unsigned char>(c) & 0x3fu);
      }
      out += fmt::format("\\u{:04x}", code);
    }
  }
  return out + '"';
}

} // namespace

ScalarKind plain_kind(std::string_view value) {
  static constexpr std::array<std::string_view, 5> nulls = {"", "~", "null", "Null", "NULL"};
  static constexpr std::array<std::string_view, 6> booleans = {"true",  "True",  "TRUE",
                                                               "false", "False", "FALSE"};
  if (is_one_of(value, nulls)) return ScalarKind::null;
  if (is_one_of(value, booleans)) return ScalarKind::boolean;
  return is_number(value) ? ScalarKind::number : ScalarKind::text;
}

ScalarKind scalar_kind(const yaml::Node& scalar) {
  const bool said = scalar.tag == "!" || scalar.tag == "tag:yaml.org,2002:str";
  return scalar.style == yaml::Style::plain && !said ? plain_kind(scalar.value) : ScalarKind::text;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string write_scalar(std::string_view text, Context context) {
  bool escapes = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text, at), 1);
    escapes |= needs_escape(text.substr(at, length));
    at += length;
  }
  if (escapes) return in_double_quotes(text);
  if (!text.empty() && is_plain(text, context)) return std::string(text);
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + '\'';
}

} // namespace aethel
