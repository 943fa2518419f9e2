// aethel.yaml with the kinds and rules that this program has.
#pragma once

#include "base/result.h"
#include "config/config.h"

#include <string_view>

namespace aethel {

inline constexpr std::string_view configuration_path = "aethel.yaml"; // at the root

// All mistakes in one failure: a user who mends one line should not meet the next a run later.
Result<Config> read_configuration(std::string_view bytes);

} // namespace aethel
