// Dockerfiles: every place lies in the file, and instructions stand in order.
#include "syntax/dockerfile.h"

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

void check(const std::vector<Piece>& pieces, std::size_t size) {
  for (const Piece& piece : pieces) {
    check(piece.range, size);
    check(piece.operand, size);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto file = aethel::dockerfile::parse(bytes);
  std::uint32_t last = 0;
  for (const auto& instruction : file.instructions) {
    check(instruction.range, size);
    check(instruction.name_range, size);
    require(instruction.range.begin >= last);
    last = instruction.range.end;
    require(instruction.arguments.offsets.size() == instruction.arguments.text.size() + 1);
    for (const auto& flag : instruction.flags) check(flag.range, size);
    for (const auto& document : instruction.here_documents) check(document.body, size);
    for (const auto& word : aethel::dockerfile::words(file, instruction)) check(word.range, size);
    check(aethel::dockerfile::whole(file, instruction).range, size);
    for (const auto& setting : aethel::dockerfile::settings(file, instruction))
      check(setting.name_range, size);
  }
  for (const auto& stage : file.stages) {
    check(stage.range, size);
    check(stage.image_range, size);
    check(stage.image, size);
    require(stage.first_instruction <= stage.end_instruction);
    require(stage.end_instruction <= file.instructions.size());
    aethel::dockerfile::resolve(file, stage.image, [](std::string_view) { return "x"; });
    aethel::dockerfile::find_stage(file, stage.base);
  }
  for (const auto& argument : file.arguments) {
    check(argument.value_range, size);
    if (argument.value) check(*argument.value, size);
  }
  for (const auto& problem : file.problems) check(problem.range, size);
  return 0;
}
