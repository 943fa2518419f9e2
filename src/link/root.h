// Which directory is linked, and which repository it belongs to.
#pragma once

#include "base/files.h"
#include "link/discover.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace aethel {

struct Root {
  std::string directory;        // what is linked; absolute, as all paths here
  std::string work_tree;        // the top of the repository around it; empty when there is none
  std::string prefix;           // of `directory` in `work_tree`
  std::string git_directory;    // where the index lies: ".git", or elsewhere for a linked worktree
  std::string common_directory; // where the configuration lies
};

enum class RootChoice : std::uint8_t {
  search, // no path was given: the repository around the current directory
  given   // the directory itself; what lies above it is outside
};

// `machine` is the file system from "/"; `directory` is absolute, without symlinks.
Result<Root> find_root(const Vfs& machine, std::string_view directory, RootChoice choice);

struct OpenedRoot {
  Root root;
  std::unique_ptr<Vfs> files;
  GitPlace git;
};

// On the disk: the given directory, or the repository around the current one.
Result<OpenedRoot> open_root(const std::optional<std::string>& path);

} // namespace aethel
