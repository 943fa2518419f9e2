// Times as aethel.yaml has them: "500ms", "5s", "2m", "1h", "30d".
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace aethel {

// At most ten years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

} // namespace aethel
