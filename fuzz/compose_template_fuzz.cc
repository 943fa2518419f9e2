// Variable templates: pieces cover the text in order, and problems lie in it.
#include "syntax/compose_template.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using aethel::compose_template::Piece;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const std::vector<Piece>& pieces, std::size_t begin, std::size_t end) {
  for (const Piece& piece : pieces) {
    require(piece.range.begin == begin && piece.range.end > begin && piece.range.end <= end);
    begin = piece.range.end;
    if (piece.kind == aethel::compose_template::Kind::literal) continue;
    require(!piece.text.empty() && piece.name_range.end <= piece.range.end);
    if (piece.form == aethel::compose_template::Form::plain) continue;
    require(piece.operand_range.end < piece.range.end);
    check(piece.operand, piece.operand_range.begin, piece.operand_range.end);
  }
  require(begin == end);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto result = aethel::compose_template::parse(text);
  check(result.pieces, 0, size);
  for (const auto& problem : result.problems)
    require(problem.range.begin < problem.range.end && problem.range.end <= size);
  const auto value = [](std::string_view name) -> std::optional<std::string> {
    if (name.size() % 3 == 0) return std::nullopt;
    return std::string(name.size() % 3 - 1, 'x');
  };
  aethel::compose_template::substitute(result.pieces, value);
  return 0;
}
