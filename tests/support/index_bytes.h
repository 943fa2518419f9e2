// Writes git indexes for tests: versions 2 to 4, hashes of any length.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct IndexedFile {
  std::string path;
  std::uint32_t mode = 0100644;
  bool skip_worktree = false;
  std::uint32_t stage = 0;
};

inline std::string big_endian(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = width - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

inline std::string index_bytes(std::uint32_t version, const std::vector<IndexedFile>& entries,
                               std::string_view extensions = "", std::size_t hash = 20) {
  std::string bytes = "DIRC" + big_endian(version, 4) + big_endian(entries.size(), 4);
  std::string before;
  for (const IndexedFile& entry : entries) {
    const std::size_t begin = bytes.size();
    bytes +=
        std::string(24, 't') + big_endian(entry.mode, 4) + std::string(8, 'u') + big_endian(7, 4);
    bytes += std::string(hash, 'h');
    bytes += big_endian((entry.skip_worktree ? 0x4000 : 0) | entry.stage << 12 |
                            std::min<std::size_t>(entry.path.size(), 0xfff),
                        2);
    if (entry.skip_worktree) bytes += big_endian(0x4000, 2);
    if (version == 4) {
      std::size_t common = 0;
      while (common < std::min(before.size(), entry.path.size()) &&
             before[common] == entry.path[common])
        ++common;
      bytes += static_cast<char>(before.size() - common); // short paths: one byte
      bytes += entry.path.substr(common) + '\0';
      before = entry.path;
    } else {
      bytes += entry.path;
      bytes += std::string(8 - (bytes.size() - begin) % 8, '\0');
    }
  }
  return bytes + std::string(extensions) + std::string(hash, 'c');
}

} // namespace aethel
