// Schedules of five fields, as POSIX cron has them and GitHub Actions takes them.
// Source:
// https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
#pragma once

#include <string_view>

namespace aethel::knowledge {

// Minute, hour, day, month, weekday: `*`, numbers, names of months and weekdays, ranges, lists and
// steps. `@daily` is none.
bool is_cron(std::string_view text);

} // namespace aethel::knowledge
