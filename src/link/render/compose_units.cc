#include "link/render/compose_units.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace aethel::compose {
namespace {

constexpr std::int64_t max = std::numeric_limits<std::int64_t>::max();

bool digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::int64_t> unit_named(std::string_view name) {
  if (name == "ns") return 1;
  if (name == "us" || name == "\xc2\xb5s" || name == "\xce\xbcs") return 1'000;
  if (name == "ms") return 1'000'000;
  if (name == "s") return 1'000'000'000;
  if (name == "m") return 60'000'000'000;
  if (name == "h") return 3'600'000'000'000;
  if (name == "d") return 86'400'000'000'000;
  if (name == "w") return 604'800'000'000'000;
  return std::nullopt;
}

std::string fraction(std::uint64_t value, std::uint64_t unit) {
  std::string text = fmt::format("{}", value / unit);
  if (std::uint64_t rest = value % unit; rest != 0) {
    std::string digits = fmt::format("{}", rest + unit).substr(1);
    while (digits.ends_with('0')) digits.pop_back();
    text += "." + digits;
  }
  return text;
}

} // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t whole = 0, part = 0;
    double scale = 1;
    std::size_t at = 0;
    for (; at < text.size() && digit(text[at]); ++at) {
      if (whole > (max - 9) / 10) return std::nullopt;
      whole = whole * 10 + (text[at] - '0');
    }
    bool digits = at > 0;
    if (at < text.size() && text[at] == '.') {
      ++at;
      for (; at < text.size() && digit(text[at]); ++at) {
        digits = true;
        if (part > (max - 9) / 10) continue;
        part = part * 10 + (text[at] - '0');
        scale *= 10;
      }
    }
    if (!digits) return std::nullopt;
    const std::size_t end = std::min(text.find_first_of(".0123456789", at), text.size());
    const auto unit = unit_named(text.substr(at, end - at));
    if (!unit || whole > max / *unit) return std::nullopt;
    std::int64_t value = whole * *unit;
    if (part > 0) {
      const double more = static_cast<double>(part) * (static_cast<double>(*unit) / scale);
      if (more >= static_cast<double>(max - value)) return std::nullopt;
      value += static_cast<std::int64_t>(more);
    }
    if (total > max - value) return std::nullopt;
    total += value;
    text.remove_prefix(end);
  }
  return negative ? -total : total;
}

std::string print_duration(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  const std::string sign = nanoseconds < 0 ? "-" : "";
  const std::uint64_t value = nanoseconds < 0 ? 0 - static_cast<std::uint64_t>(nanoseconds)
                                              : static_cast<std::uint64_t>(nanoseconds);
  if (value < 1'000) return sign + fmt::format("{}ns", value);
  if (value < 1'000'000) return sign + fraction(value, 1'000) + "\xc2\xb5s";
  if (value < 1'000'000'000) return sign + fraction(value, 1'000'000) + "ms";
  const std::uint64_t seconds = value / 1'000'000'000;
  std::string text = fraction(value % 60'000'000'000, 1'000'000'000) + "s";
  if (seconds >= 60) text = fmt::format("{}m", seconds / 60 % 60) + text;
  if (seconds >= 3600) text = fmt::format("{}h", seconds / 3600) + text;
  return sign + text;
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  std::int64_t integer = 0;
  std::string_view signless = text;
  if (signless.starts_with('+')) signless.remove_prefix(1);
  if (const auto [end, error] =
          std::from_chars(signless.data(), signless.data() + signless.size(), integer);
      error == std::errc() && end == text.data() + text.size())
    return integer;
  const std::size_t last = text.find_last_of("0123456789. ");
  if (last == std::string_view::npos) return std::nullopt;
  const std::string_view number = text.substr(0, text[last] == ' ' ? last : last + 1);
  std::string suffix(text.substr(last + 1));
  std::ranges::transform(suffix, suffix.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  double size = 0;
  if (const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), size);
      error != std::errc() || end != number.data() + number.size())
    return std::nullopt;
  if (size < 0 || !std::isfinite(size)) return std::nullopt;
  if (!suffix.empty() && suffix != "b") {
    const std::size_t power = std::string_view("kmgtp").find(suffix[0]);
    if (power == std::string_view::npos) return std::nullopt;
    if (suffix.size() > 1 && suffix.substr(1) != "b" && suffix.substr(1) != "ib")
      return std::nullopt;
    for (std::size_t i = 0; i <= power; ++i) size *= 1024;
  }
  if (size >= 9.2e18) return std::nullopt;
  return static_cast<std::int64_t>(size);
}

std::optional<std::vector<CommandWord>> split_command(std::string_view line) {
  std::vector<CommandWord> words;
  CommandWord word;
  bool escaped = false, in_double = false, in_single = false, in_backquote = false,
       in_dollar = false;
  bool started = false; // there is a word, though it may be empty
  const auto begin = [&](std::size_t at) {
    if (word.text.empty() && !started) word.begin = at;
  };
  bool stopped = false;
  std::size_t at = 0;
  for (; at < line.size() && !stopped; ++at) {
    const char c = line[at];
    if (escaped) {
      word.text += c;
      // A character may be of several bytes.
      while (at + 1 < line.size() && (static_cast<unsigned char>(line[at + 1]) & 0xc0) == 0x80)
        word.text += line[++at];
      escaped = false;
      started = true;
      continue;
    }
    if (c == '\\') {
      begin(at);
      if (in_single)
        word.text += c;
      else
        escaped = true;
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (in_single || in_double || in_backquote || in_dollar) {
        word.text += c;
      } else if (started) {
        word.end = at;
        words.push_back(std::move(word));
        word = {};
        started = false;
      }
      continue;
    }
    begin(at);
    switch (c) {
    case '`':
      if (!in_single && !in_double && !in_dollar) in_backquote = !in_backquote;
      break;
    case ')':
      if (!in_single && !in_double && !in_backquote) in_dollar = !in_dollar;
      break;
    case '(':
      if (in_single || in_double || in_backquote) break;
      if (in_dollar || !word.text.ends_with('$')) return std::nullopt;
      in_dollar = true;
      word.text += c;
      continue;
    case '"':
      if (in_single || in_dollar) break;
      started = started || in_double;
      in_double = !in_double;
      continue;
    case '\'':
      if (in_double || in_dollar) break;
      started = started || in_single;
      in_single = !in_single;
      continue;
    case ';':
    case '&':
    case '|':
    case '<':
    case '>':
      if (in_single || in_double || in_backquote || in_dollar) break;
      if (c == '>' && !word.text.empty() && digit(word.text[0])) started = false;
      stopped = true;
      continue;
    default: break;
    }
    started = true;
    word.text += c;
  }
  if (started) {
    word.end = stopped ? at - 1 : at;
    words.push_back(std::move(word));
  }
  if (escaped || in_double || in_single || in_backquote || in_dollar) return std::nullopt;
  return words;
}

} // namespace aethel::compose
