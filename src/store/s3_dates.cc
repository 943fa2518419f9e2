#include "store/s3_transport.h"

#include <array>
#include <chrono>

namespace aethel::store {
namespace {

// Digits only, all of them.
std::optional<int> number(std::string_view text) {
  int out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return text.empty() ? std::nullopt : std::optional(out);
}

std::optional<std::int64_t> seconds_of(std::optional<int> year, std::optional<int> month,
                                       std::optional<int> day, std::string_view clock) {
  if (clock.size() != 8 || clock[2] != ':' || clock[5] != ':') return std::nullopt;
  const auto hour = number(clock.substr(0, 2)), minute = number(clock.substr(3, 2)),
             second = number(clock.substr(6, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  // 60: a leap second.
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return static_cast<std::int64_t>(days) * 86'400 + *hour * 3'600 + *minute * 60 + *second;
}

} // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" ||
      text[7] != ' ' || text[11] != ' ' || text[16] != ' ')
    return std::nullopt;
  std::optional<int> month;
  for (int i = 0; i < 12; ++i)
    if (months[static_cast<std::size_t>(i)] == text.substr(8, 3)) month = i + 1;
  return seconds_of(number(text.substr(12, 4)), month, number(text.substr(5, 2)),
                    text.substr(17, 8));
}

std::optional<std::int64_t> parse_iso_date(std::string_view text) {
  if (text.size() < 20 || text.size() > 30 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
      text.back() != 'Z')
    return std::nullopt;
  const std::string_view fraction = text.substr(19, text.size() - 20);
  if (!fraction.empty() && (fraction[0] != '.' || !number(fraction.substr(1)).has_value()))
    return std::nullopt;
  return seconds_of(number(text.substr(0, 4)), number(text.substr(5, 2)), number(text.substr(8, 2)),
                    text.substr(11, 8));
}

} // namespace aethel::store
