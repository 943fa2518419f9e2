// The files of a `.git` directory that say what is tracked.
#pragma once

#include "base/files.h"
#include "syntax/git_index.h"

#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// A `.git` directory: a file system of its own, or a directory in one.
struct GitFiles {
  const Vfs* files = nullptr; // null when there is no repository
  std::string_view inside;
  Result<std::string> read(std::string_view name, std::uint64_t limit) const;
};

// The whole index, also when it is split. Empty when there is none: a new repository, or a
// worktree whose repository is elsewhere. `common` holds the configuration.
Result<GitIndex> read_index(const GitFiles& own, const GitFiles& common);

// The part of the index below a directory, with paths relative to it.
std::vector<IndexEntry> entries_below(const GitIndex& index, std::string_view directory);

// Paths of the submodules in .gitmodules relative to `directory`; those outside are left out.
std::vector<std::string> submodule_paths(const Vfs& work_tree, std::string_view directory);

} // namespace aethel
