// Places as services want them that show findings beside the text of a file: our columns count
// bytes, theirs UTF-16 code units, as JavaScript, LSP and SARIF do.
#pragma once

#include "link/program.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aethel {

struct Region {
  std::uint32_t line = 1, column = 1;         // from 1; a byte order mark has no column
  std::uint32_t end_line = 1, end_column = 1; // the end is exclusive
};

// Nothing when the span has no file, or one without lines.
std::optional<Region> region_of(const Program& program, const Span& span);

// UTF-16 code units of a text; each byte that is not UTF-8 is shown as one character.
std::size_t utf16_length(std::string_view text);

// The path of the span's file, seen from the top of the repository; empty without a file.
std::string path_of(const Program& program, const Span& span, std::string_view prefix);

// UTF-8: what is not is U+FFFD, one for each byte.
std::string as_utf8(std::string_view text);

} // namespace aethel
