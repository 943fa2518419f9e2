// Regular expressions: the first line is the pattern, the rest the text. Any answer, in bounded
// time.
#include "syntax/expression.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t line = bytes.find('\n');
  if (line == std::string_view::npos) return 0;
  aethel::search_expression(bytes.substr(0, line), bytes.substr(line + 1));
  aethel::search_expression(bytes.substr(0, line), bytes.substr(line + 1), aethel::Case::ignored);
  return 0;
}
