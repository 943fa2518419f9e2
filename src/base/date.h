// Calendar dates for knowledge with dates: "breaks on 2026-12-02".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace aethel {

using Date = std::chrono::year_month_day;

// "2026-12-02" only; nothing for anything else or for a day that does not exist.
std::optional<Date> parse_date(std::string_view text);
std::string format_date(Date date);
Date today(); // of the machine's clock, in UTC

} // namespace aethel
