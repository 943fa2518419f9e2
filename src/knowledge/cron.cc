#include "knowledge/cron.h"

#include "knowledge/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <vector>

namespace aethel::knowledge {
namespace {

struct Field {
  int least, most;
  std::string_view names; // three letters each, from the least value on
};
constexpr std::array<Field, 5> fields = {{{0, 59, ""},
                                          {0, 23, ""},
                                          {1, 31, ""},
                                          {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                                          {0, 7, "sunmontuewedthufrisat"}}};

std::optional<int> value_of(std::string_view text, const Field& field) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && text.front() != '-')
    return value >= field.least && value <= field.most ? std::optional(value) : std::nullopt;
  if (text.size() != 3) return {};
  for (std::size_t i = 0; i < field.names.size(); i += 3)
    if (std::ranges::equal(text, field.names.substr(i, 3), {},
                           [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }))
      return field.least + static_cast<int>(i / 3);
  return {};
}

// One part of a list as bits; nothing for what is no part.
std::optional<std::uint64_t> bits_of(std::string_view text, const Field& field) {
  int step = 1;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view after = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(after.data(), after.data() + after.size(), step);
    if (error != std::errc() || end != after.data() + after.size() || step < 1) return {};
    text = text.substr(0, slash);
  }
  if (text.empty()) return {};
  int from = field.least;
  int to = field.most;
  if (text != "*") {
    const std::size_t dash = text.find('-');
    if (dash == 0 || dash + 1 == text.size()) return {};
    const auto first = value_of(text.substr(0, dash), field);
    if (!first) return {};
    from = *first;
    if (dash != std::string_view::npos) {
      const auto second = value_of(text.substr(dash + 1), field);
      if (!second || *second < from) return {};
      to = *second;
    } else if (slash == std::string_view::npos) {
      to = from; // "5/15" begins at 5 and goes on to the end
    }
  }
  std::uint64_t bits = 0;
  for (std::int64_t value = from; value <= to; value += step) bits |= std::uint64_t{1} << value;
  return bits;
}

std::optional<std::uint64_t> bits_of_list(std::string_view text, const Field& field) {
  if (text.front() == ',' || text.back() == ',' || text.contains(",,")) return {};
  std::uint64_t all = 0;
  for (const std::string_view part : words(text, ",")) {
    const auto bits = bits_of(part, field);
    if (!bits) return {};
    all |= *bits;
  }
  return all;
}

constexpr std::int64_t day_seconds = 86'400;
constexpr int horizon = 8 * 366 + 1; // 29 February is eight years away at most

} // namespace

bool is_cron(std::string_view text) { return Cron::parse(text).has_value(); }

std::optional<Cron> Cron::parse(std::string_view text) {
  const std::vector<std::string_view> parts = words(text);
  if (parts.size() != fields.size()) return {};
  std::array<std::uint64_t, fields.size()> bits{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto found = bits_of_list(parts[i], fields[i]);
    if (!found) return {};
    bits[i] = *found;
  }
  Cron cron;
  cron.minutes_ = bits[0];
  cron.hours_ = static_cast<std::uint32_t>(bits[1]);
  cron.days_ = static_cast<std::uint32_t>(bits[2]);
  cron.months_ = static_cast<std::uint32_t>(bits[3]);
  // Sunday is 0 and 7.
  cron.weekdays_ = static_cast<std::uint32_t>((bits[4] | (bits[4] >> 7U)) & 0x7fU);
  cron.every_day_ = parts[2].front() == '*';
  cron.every_weekday_ = parts[4].front() == '*';
  return cron;
}

bool Cron::on(std::int64_t day) const {
  using namespace std::chrono;
  const sys_days date{days(day)};
  const year_month_day parts(date);
  if ((months_ >> static_cast<unsigned>(parts.month()) & 1U) == 0) return false;
  const bool by_day = (days_ >> static_cast<unsigned>(parts.day()) & 1U) != 0;
  const bool by_weekday = (weekdays_ >> weekday(date).c_encoding() & 1U) != 0;
  return every_day_ || every_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

std::optional<std::int64_t> Cron::next(std::int64_t after) const {
  const std::int64_t first =
      std::chrono::floor<std::chrono::minutes>(std::chrono::seconds(after)).count() + 1;
  std::int64_t day = std::chrono::floor<std::chrono::days>(std::chrono::minutes(first)).count();
  std::int64_t minute = first - day * (24 * 60);
  for (int tries = 0; tries < horizon; ++tries, ++day, minute = 0) {
    if (!on(day)) continue;
    for (; minute < 24 * 60; ++minute)
      if ((hours_ >> (minute / 60) & 1U) != 0 && (minutes_ >> (minute % 60) & 1U) != 0)
        return day * day_seconds + minute * 60;
  }
  return {};
}

std::optional<std::int64_t> Cron::last(std::int64_t at) const {
  const std::int64_t newest =
      std::chrono::floor<std::chrono::minutes>(std::chrono::seconds(at)).count();
  std::int64_t day = std::chrono::floor<std::chrono::days>(std::chrono::minutes(newest)).count();
  std::int64_t minute = newest - day * (24 * 60);
  for (int tries = 0; tries < horizon; ++tries, --day, minute = 24 * 60 - 1) {
    if (!on(day)) continue;
    for (; minute >= 0; --minute)
      if ((hours_ >> (minute / 60) & 1U) != 0 && (minutes_ >> (minute % 60) & 1U) != 0)
        return day * day_seconds + minute * 60;
  }
  return {};
}

} // namespace aethel::knowledge
