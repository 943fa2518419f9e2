// YAML streams: every place lies in the file, and in the place of what holds it.
#include "syntax/yaml.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace aethel::yaml;

void require(bool holds) {
  if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Stream stream = parse(bytes, {.depth = 100, .nodes = 10'000});
  for (const auto& document : stream.documents) {
    require(document->range.begin <= document->range.end && document->range.end <= size);
    for (const Node& node : document->nodes) {
      require(node.range.begin <= node.range.end && node.range.end <= size);
      if (node.kind != Kind::scalar) continue;
      for (const std::size_t offset : {std::size_t{0}, node.value.size() / 2, node.value.size()}) {
        const std::uint32_t at = locate(bytes, node, offset);
        require(at >= node.range.begin && at <= node.range.end);
      }
    }
    for (const Comment& comment : document->comments)
      require(comment.range.begin < comment.range.end && comment.range.end <= size);
  }
  for (const Problem& problem : stream.problems) require(problem.at <= size);
  return 0;
}
