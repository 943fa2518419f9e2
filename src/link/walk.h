// The working tree, one directory at a time: names and types as the directory lists them,
// without asking for each file. Tracked files are matched with the index, others with the
// ignore files.
#pragma once

#include "base/files.h"
#include "link/classify.h"
#include "model/tree.h"
#include "syntax/git_index.h"
#include "syntax/gitignore.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace aethel {

constexpr std::uint64_t largest_rule_file = 1u << 20; // of ignore and attribute files

// The ignore files that apply in a directory, nearest first.
struct IgnoreScope {
  const IgnoreScope* above = nullptr;
  std::string directory; // in the working tree
  IgnoreFile file;
};

// Whether git would ignore it, its parent not being ignored. Paths are in the working tree.
bool is_ignored(const IgnoreScope* scope, std::string_view path, PathKind kind);

struct WalkDirectory {
  std::string path;               // in the tree
  std::size_t begin = 0, end = 0; // its entries of the index
  const IgnoreScope* scope = nullptr;
  bool ignored = false; // tracked files below it count, others do not
};

struct UntrackedFile {
  std::string path;
  FileType type = FileType::regular;
  FileStatus status;
};

// A directory whose content is not known.
struct Opaque {
  std::string path;
  bool tracked = false; // the index has files below it
};

// What one directory adds; each is written by one thread.
struct DirectoryListing {
  std::unique_ptr<IgnoreScope> scope;
  std::string attributes;
  std::vector<WalkDirectory> directories;
  std::vector<UntrackedFile> untracked;
  std::vector<Skipped> skipped;
  std::vector<Opaque> opaque;
  bool nested_repository = false; // tracked files, and a `.git` of its own
  bool empty = false;
};

class Walk {
public:
  // `foreign`: tracked directories that are taken as the index has them, and not looked
  // into. In the audited repository that is 94 % of the files; nothing there is read.
  Walk(const Vfs& files, const GitIndex& index, const std::vector<IndexEntry>& entries,
       std::string_view prefix, std::span<const ForeignDirectory> foreign);

  std::string_view path(std::size_t entry) const { return index_.path(entries_[entry]); }
  // Type of a tracked file in the working tree. Each directory writes its own entries.
  FileType found(std::size_t entry) const { return found_[entry]; }

  DirectoryListing list(const WalkDirectory& directory);

private:
  void match_tracked(const WalkDirectory& directory, const std::vector<DirectoryEntry>& names,
                     std::vector<bool>& tracked, DirectoryListing& listed);
  void add_untracked(const WalkDirectory& directory, const DirectoryEntry& name,
                     DirectoryListing& listed);
  void assume_present(const WalkDirectory& directory);
  bool is_repository(std::string_view path, FileType type) const;
  std::string in_work_tree(std::string_view path) const {
    return prefix_.empty() ? std::string(path) : join_path(prefix_, path);
  }

  const Vfs& files_;
  const GitIndex& index_;
  const std::vector<IndexEntry>& entries_;
  std::string_view prefix_;
  std::unordered_set<std::string_view> foreign_;
  std::vector<FileType> found_;
};

} // namespace aethel
