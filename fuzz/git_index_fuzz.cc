// The input is an index; when it is split, it is also its own shared part.
#include "syntax/git_index.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aethel;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const ObjectFormat format : {ObjectFormat::sha1, ObjectFormat::sha256}) {
    auto file = read_index_file(bytes, format);
    if (!file) continue;
    const IndexFile shared = *file;
    const auto index = join_index(std::move(*file), &shared);
    if (!index) continue;
    std::string_view before;
    for (const IndexEntry& entry : index->entries) {
      const std::string_view path = index->path(entry);
      if (path.empty() || path.starts_with('/') || path <= before) std::abort();
      before = path;
    }
  }
  return 0;
}
