// HCL: the tree is bounded, and every place lies in the text.
#include "syntax/hcl.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace aethel::hcl;

std::size_t limit = 0;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(aethel::Range range) { require(range.begin <= range.end && range.end <= limit); }

void check(const Expression& expression, std::size_t depth) {
  require(depth <= 2 * deepest);
  check(expression.range);
  for (const Expression& each : expression.items) check(each, depth + 1);
  for (const auto& [name, each] : expression.members) check(each, depth + 1);
}

void check(const Block& block, std::size_t depth) {
  require(depth <= 2 * deepest);
  check(block.range);
  for (const Attribute& each : block.attributes) {
    check(each.name_range);
    check(each.value, depth);
  }
  for (const Block& each : block.blocks) check(each, depth + 1);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  limit = size;
  check(parse({reinterpret_cast<const char*>(data), size}).body, 0);
  return 0;
}
