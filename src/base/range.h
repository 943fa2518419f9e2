// A half-open range of byte offsets in some text.
#pragma once

#include <cstdint>

namespace aethel {

struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

} // namespace aethel
