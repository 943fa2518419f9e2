// Schedules of five fields, as POSIX cron has them and GitHub Actions takes them.
// Sources:
// https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace aethel::knowledge {

// Minute, hour, day, month, weekday: `*`, numbers, names of months and weekdays, ranges, lists and
// steps. `@daily` is none.
bool is_cron(std::string_view text);

// A schedule's times, in UTC: no hour is there twice or not at all. Where both the day and the
// weekday are restricted, either is enough.
class Cron {
public:
  static std::optional<Cron> parse(std::string_view text);

  // Seconds since 1970, on a whole minute. Nothing: no date has it, such as 30 February.
  std::optional<std::int64_t> next(std::int64_t after) const; // later than `after`
  std::optional<std::int64_t> last(std::int64_t at) const;    // at `at` or before

private:
  bool on(std::int64_t day) const; // days since 1970

  std::uint64_t minutes_ = 0;
  std::uint32_t hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0; // bit N: the value N
  bool every_day_ = false, every_weekday_ = false;                 // the field begins with `*`
};

} // namespace aethel::knowledge
