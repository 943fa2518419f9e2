// "1 table", "2 tables".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aethel {

inline std::string counted(std::uint64_t number, std::string_view noun) {
  return std::to_string(number).append(" ").append(noun).append(number == 1 ? "" : "s");
}

} // namespace aethel
