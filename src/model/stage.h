// What a target is for, how sure a finding is, and how much it matters.
#pragma once

#include "knowledge/stage.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace aethel {

inline constexpr std::size_t stage_count = 6;

// certain: documented semantics of the files; likely: leans on the knowledge tables;
// possible: shown on request only.
enum class Confidence : std::uint8_t { certain, likely, possible };

enum class Priority : std::uint8_t { p0, p1, p2, none };

// The audit's categories, plus `infra`.
enum class Category : std::uint8_t {
  config,
  secrets,
  cicd,
  monitoring,
  backup,
  tls,
  health,
  kubernetes,
  infra
};
inline constexpr std::size_t category_count = 9;

// One priority a stage, in the order of Stage.
struct PriorityTable {
  Priority production, staging, development, test, example, unknown;

  constexpr Priority at(Stage stage) const {
    const std::array<Priority, stage_count> row = {production, staging, development,
                                                   test,       example, unknown};
    return row[static_cast<std::size_t>(stage)];
  }
};

inline std::string_view name_of(Stage stage) { return stage_name(stage); }
std::string_view name_of(Confidence confidence);
std::string_view name_of(Priority priority); // "P0", "P1", "P2", "none"
std::string_view name_of(Category category);
std::optional<Priority> parse_priority(std::string_view name);

} // namespace aethel
