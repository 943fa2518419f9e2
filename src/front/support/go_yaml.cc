#include "front/support/go_yaml.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>
#include <optional>

namespace aethel::go_yaml {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

struct Magnitude {
  bool negative = false;
  std::uint64_t value = 0;
};

// strconv.ParseInt(text, 0, 64) without the range check of the sign.
std::optional<Magnitude> parse_integer(std::string_view text) {
  Magnitude result;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    result.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    switch (text[1] | 0x20) {
    case 'x': base = 16; break;
    case 'o': base = 8; break;
    case 'b': base = 2; break;
    default:
      base = 8;
      text.remove_prefix(1);
      break;
    }
    if (base != 8 || (text[1] | 0x20) == 'o') {
      if (text[0] == '0' && !digit(text[1])) text.remove_prefix(2);
    }
  }
  if (text.empty()) return std::nullopt;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), result.value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return result;
}

// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
bool looks_like_number(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && digit(text[at])) ++at;
    return at > from;
  };
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  } else {
    if (!digits()) return false;
    if (at < text.size() && text[at] == '.') {
      ++at;
      digits();
    }
  }
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Too large is no number to Go, too small is zero. from_chars does not say which it was.
    const double rounded = std::strtod(std::string(text).c_str(), nullptr);
    return std::isinf(rounded) ? std::nullopt : std::optional(rounded);
  }
  if (error != std::errc()) return std::nullopt;
  return value;
}

struct Timestamp {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::string fraction;      // digits without trailing zeros
  std::optional<int> offset; // minutes east; absent: UTC
};

class TimestampReader {
public:
  explicit TimestampReader(std::string_view text) : text_(text) {}

  std::optional<Timestamp> read() {
    Timestamp t;
    if (text_.size() < 5 || text_[4] != '-') return std::nullopt;
    if (!number(t.year, 4, 4) || !take('-') || !number(t.month, 1, 2) || !take('-') ||
        !number(t.day, 1, 2))
      return std::nullopt;
    static constexpr std::array days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (t.month < 1 || t.month > 12 || t.day < 1) return std::nullopt;
    const bool leap = t.year % 4 == 0 && (t.year % 100 != 0 || t.year % 400 == 0);
    if (t.day > days[t.month - 1] + (t.month == 2 && leap ? 1 : 0)) return std::nullopt;
    if (text_.empty()) return t;
    const char separator = text_.front();
    if (separator != 'T' && separator != 't' && separator != ' ') return std::nullopt;
    text_.remove_prefix(1);
    if (!number(t.hour, 1, 2) || !take(':') || !number(t.minute, 1, 2) || !take(':') ||
        !number(t.second, 1, 2) || t.hour > 23 || t.minute > 59 || t.second > 59)
      return std::nullopt;
    if (text_.size() > 1 && (text_[0] == '.' || text_[0] == ',') && digit(text_[1])) {
      std::size_t end = 1;
      while (end < text_.size() && digit(text_[end])) ++end;
      t.fraction = text_.substr(1, std::min<std::size_t>(end - 1, 9));
      while (t.fraction.ends_with('0')) t.fraction.pop_back();
      text_.remove_prefix(end);
    }
    if (separator == ' ') return text_.empty() ? std::optional(t) : std::nullopt;
    if (text_ == "Z") return t;
    if (text_.size() != 6 || (text_[0] != '+' && text_[0] != '-')) return std::nullopt;
    const bool west = text_[0] == '-';
    text_.remove_prefix(1);
    int hours = 0, minutes = 0;
    if (!number(hours, 2, 2) || !take(':') || !number(minutes, 2, 2) || hours > 24 || minutes > 60)
      return std::nullopt;
    t.offset = (hours * 60 + minutes) * (west ? -1 : 1);
    return t;
  }

private:
  bool number(int& value, std::size_t least, std::size_t most) {
    std::size_t size = 0;
    while (size < text_.size() && size < most && digit(text_[size])) ++size;
    if (size < least) return false;
    std::from_chars(text_.data(), text_.data() + size, value);
    text_.remove_prefix(size);
    return true;
  }
  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string_view text_;
};

struct Decimal {
  bool negative = false;
  std::string digits; // without leading or trailing zeros, at least one
  int exponent = 0;   // of the first digit
};

template <class Float> Decimal shortest(Float value) {
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific)
                       .ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  Decimal result;
  if (text.starts_with('-')) {
    result.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  std::string_view exponent = text.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), result.exponent);
  for (const char c : text.substr(0, e))
    if (c != '.') result.digits += c;
  while (result.digits.size() > 1 && result.digits.ends_with('0')) result.digits.pop_back();
  return result;
}

std::string plain(const Decimal& d) {
  const int size = static_cast<int>(d.digits.size());
  if (d.exponent < 0)
    return "0." + std::string(static_cast<std::size_t>(-d.exponent - 1), '0') + d.digits;
  if (size <= d.exponent + 1)
    return d.digits + std::string(static_cast<std::size_t>(d.exponent + 1 - size), '0');
  return d.digits.substr(0, static_cast<std::size_t>(d.exponent) + 1) + "." +
         d.digits.substr(static_cast<std::size_t>(d.exponent) + 1);
}

std::string with_exponent(const Decimal& d, int exponent_digits) {
  std::string text = d.digits.substr(0, 1);
  if (d.digits.size() > 1) text += "." + d.digits.substr(1);
  return text + fmt::format("e{}{:0{}}", d.exponent < 0 ? '-' : '+', std::abs(d.exponent),
                            exponent_digits);
}

// strconv's 'g' with the shortest precision decides as if that were 6 digits.
template <class Float> std::string print_any(Float value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  const Decimal d = shortest(value);
  const bool exponent = value != 0 && (d.exponent < -4 || d.exponent >= 6);
  return (d.negative ? "-" : "") + (exponent ? with_exponent(d, 2) : plain(d));
}

template <class Float> std::string print_json_any(Float value) {
  if (std::isnan(value) || std::isinf(value)) return "null";
  const Decimal d = shortest(value);
  const bool exponent = value != 0 && (d.exponent < -6 || d.exponent >= 21);
  return (d.negative ? "-" : "") + (exponent ? with_exponent(d, 1) : plain(d));
}

} // namespace

Value resolve(std::string_view plain_text) {
  using enum Value::Kind;
  const std::string_view in = plain_text;
  if (in.empty() || in == "~" || in == "null" || in == "Null" || in == "NULL")
    return {.kind = null};
  if (in == "true" || in == "True" || in == "TRUE") return {.kind = boolean, .boolean = true};
  if (in == "false" || in == "False" || in == "FALSE") return {.kind = boolean};
  if (in == "-0" || in == "-0.0") return {.kind = number, .number = -0.0};
  std::string_view infinity = in;
  const bool negative = infinity.starts_with('-');
  if (negative || infinity.starts_with('+')) infinity.remove_prefix(1);
  if (infinity == ".inf" || infinity == ".Inf" || infinity == ".INF")
    return {.kind = number,
            .number = (negative ? -1 : 1) * std::numeric_limits<double>::infinity()};
  if (in == ".nan" || in == ".NaN" || in == ".NAN")
    return {.kind = number, .number = std::numeric_limits<double>::quiet_NaN()};
  if (in[0] == '.') {
    const auto value = looks_like_number(in) ? parse_number(in) : std::nullopt;
    return value ? Value{.kind = number, .number = *value} : Value{};
  }
  if (!digit(in[0]) && in[0] != '+' && in[0] != '-') return {};
  if (TimestampReader(in).read()) return {.kind = timestamp};
  std::string text;
  for (const char c : in)
    if (c != '_') text += c;
  if (const auto parsed = parse_integer(text)) {
    constexpr std::uint64_t limit = 1ull << 63;
    if (parsed->negative && parsed->value <= limit)
      return {.kind = integer, .integer = static_cast<std::int64_t>(-parsed->value)};
    if (!parsed->negative && parsed->value < limit)
      return {.kind = integer, .integer = static_cast<std::int64_t>(parsed->value)};
    if (!parsed->negative && text[0] != '+')
      return {.kind = unsigned_integer, .unsigned_integer = parsed->value};
  }
  if (looks_like_number(text))
    if (const auto value = parse_number(text)) return {.kind = number, .number = *value};
  return {};
}

std::string print(double value) { return print_any(value); }
std::string print(float value) { return print_any(value); }
std::string print_json(double value) { return print_json_any(value); }
std::string print_json(float value) { return print_json_any(value); }

std::string print_timestamp(std::string_view text) {
  const auto t = TimestampReader(text).read();
  if (!t) return std::string(text);
  const std::string fraction = t->fraction.empty() ? "" : "." + t->fraction;
  const int offset = t->offset.value_or(0);
  const std::string zone = fmt::format("{}{:02}{:02}", offset < 0 ? '-' : '+',
                                       std::abs(offset) / 60, std::abs(offset) % 60);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}{} {} {}", t->year, t->month, t->day,
                     t->hour, t->minute, t->second, fraction, zone, offset == 0 ? "UTC" : zone);
}

std::string print_timestamp_json(std::string_view text) {
  const auto t = TimestampReader(text).read();
  if (!t) return std::string(text);
  const std::string fraction = t->fraction.empty() ? "" : "." + t->fraction;
  const int offset = t->offset.value_or(0);
  const std::string zone = offset == 0 ? "Z"
                                       : fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+',
                                                     std::abs(offset) / 60, std::abs(offset) % 60);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{}", t->year, t->month, t->day, t->hour,
                     t->minute, t->second, fraction, zone);
}

} // namespace aethel::go_yaml
