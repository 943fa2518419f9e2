// Text that was taken out of a file and changed on the way (escapes, line breaks,
// indentation), with the offset in the file of each of its bytes.
#pragma once

#include "base/range.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct MappedText {
  std::string text;
  std::vector<std::uint32_t> offsets; // one more than bytes in `text`, after finish()

  void push(char c, std::size_t offset) {
    text += c;
    offsets.push_back(static_cast<std::uint32_t>(offset));
  }
  // Bytes that stand in the file as they are.
  void append(std::string_view bytes, std::size_t offset) {
    text += bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      offsets.push_back(static_cast<std::uint32_t>(offset + i));
  }
  void finish(std::size_t offset) { offsets.push_back(static_cast<std::uint32_t>(offset)); }

  Range file_range(Range range) const {
    return {.begin = offsets[range.begin], .end = offsets[range.end]};
  }
};

inline Range range_of(std::size_t begin, std::size_t end) {
  return {.begin = static_cast<std::uint32_t>(begin), .end = static_cast<std::uint32_t>(end)};
}

} // namespace aethel
