// What a target is for. Priorities depend on it: what is broken in production comes first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace aethel {

enum class Stage : std::uint8_t { production, staging, development, test, example, unknown };

// What people may declare; `unknown` is what is left when nothing tells.
inline constexpr std::array<std::string_view, 5> stage_names = {"production", "staging",
                                                                "development", "test", "example"};

constexpr std::optional<Stage> stage_named(std::string_view name) {
  for (std::size_t i = 0; i < stage_names.size(); ++i)
    if (stage_names[i] == name) return static_cast<Stage>(i);
  return {};
}

constexpr std::string_view stage_name(Stage stage) {
  return stage == Stage::unknown ? "unknown" : stage_names[static_cast<std::size_t>(stage)];
}

} // namespace aethel
