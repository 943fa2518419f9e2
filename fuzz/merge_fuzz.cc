// Three texts, with NUL between: what changed on one side only is what comes out.
#include "generate/merge.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aethel::generate;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t first = input.find('\0');
  if (first == std::string_view::npos) return 0;
  const std::size_t second = input.find('\0', first + 1);
  if (second == std::string_view::npos) return 0;
  const std::string_view base = input.substr(0, first),
                         mine = input.substr(first + 1, second - first - 1),
                         theirs = input.substr(second + 1);
  if (merge(base, mine, base).text != mine) std::abort();
  if (merge(base, base, theirs).text != theirs) std::abort();
  const Merged merged = merge(base, mine, theirs);
  if (!merged.conflicts.empty() && !merged.text.empty()) std::abort();
  unified_diff(mine, theirs);
  return 0;
}
