// Git's index: which files are tracked. Versions 2, 3 and 4, with sparse directories and
// split indexes; SHA-1 and SHA-256. The checksum is not verified: git itself stopped
// writing it in large repositories, and a wrong entry is found when the tree is walked.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

enum class IndexType : std::uint8_t {
  file,
  executable,
  symlink,
  submodule,
  directory // of a sparse index: nothing below it is listed
};

struct IndexEntry {
  std::uint32_t name = 0; // where the path begins in GitIndex::names
  std::uint32_t length = 0;
  std::uint32_t size = 0; // when it was last compared, modulo 2^32
  IndexType type = IndexType::file;
  bool skip_worktree = false; // left out by a sparse checkout
};

struct GitIndex {
  std::string names;
  std::vector<IndexEntry> entries; // by path, each path once, all of them relative and normal

  std::string_view path(const IndexEntry& entry) const {
    return std::string_view(names).substr(entry.name, entry.length);
  }
};

enum class ObjectFormat : std::uint8_t { sha1, sha256 };

// The `link` extension: this index only holds changes to "sharedindex.<base>".
struct IndexLink {
  std::string base; // hexadecimal
  std::vector<bool> removed;
  std::vector<bool> replaced;
};

// One index file as it is written: entries in the file's order, replaced ones may lack a name.
struct IndexFile {
  GitIndex index;
  bool linked = false;
  IndexLink link;
};

Result<IndexFile> read_index_file(std::string_view content, ObjectFormat format);
// The whole index; `shared` is the file that `file.link` names, if it is linked.
Result<GitIndex> join_index(IndexFile file, const IndexFile* shared);

} // namespace aethel
