#include "config/duration.h"

#include <charconv>

namespace aethel {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  constexpr std::chrono::milliseconds most = std::chrono::hours(24 * 3653);
  constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  std::int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || number < 0 || number > most.count()) return {};
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  for (const auto& [name, factor] : units)
    if (unit == name && number <= most.count() / factor)
      return std::chrono::milliseconds(number * factor);
  return {};
}

} // namespace aethel
