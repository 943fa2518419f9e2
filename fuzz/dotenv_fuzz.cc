// Env files in both dialects: every place lies in the file, and entries stand in order.
#include "syntax/dotenv.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using aethel::Range;
using aethel::compose_template::Piece;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(Range range, std::size_t size) {
  require(range.begin <= range.end && range.end <= size);
}

void check(const std::vector<Piece>& pieces, Range within) {
  for (const Piece& piece : pieces) {
    require(piece.range.begin >= within.begin && piece.range.end <= within.end);
    require(piece.range.begin <= piece.range.end);
    check(piece.operand, within);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto dialect : {aethel::dotenv::Dialect::compose, aethel::dotenv::Dialect::npm}) {
    const auto file = aethel::dotenv::parse(bytes, dialect);
    std::uint32_t last = 0;
    for (const auto& entry : file.entries) {
      check(entry.key_range, size);
      check(entry.value_range, size);
      check(entry.range, size);
      check(entry.comment, size);
      check(entry.value, entry.value_range);
      require(!entry.key.empty() && entry.range.begin >= last);
      last = entry.range.end;
    }
    for (const Range comment : file.comments) {
      check(comment, size);
      require(bytes[comment.begin] == '#');
    }
    for (const auto& problem : file.problems) check(problem.range, size);
  }
  return 0;
}
