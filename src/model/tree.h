// The files of a repository as the passes see them: what a checkout holds, whose it is,
// and what can be said of a path that is not there. Immutable; any number of threads may ask.
#pragma once

#include "syntax/gitignore.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel {

enum class EntryType : std::uint8_t {
  file,
  symlink,
  submodule,
  directory // only one without entries below it: empty, or with unknown content
};

enum class FileClass : std::uint8_t {
  ours,
  vendored,          // other people's, copied in
  generated,         // made from something else in the repository
  nested_repository, // a repository inside: what it configures never runs
  lfs                // the content lies in Git LFS
};

struct TreeEntry {
  std::string_view path;
  std::uint32_t size = 0; // capped at 2^32-1; of tracked files as of the last `git add` or status
  EntryType type = EntryType::file;
  FileClass file_class = FileClass::ours;
  bool tracked : 1 = false;
  bool executable : 1 = false;
  bool content_known : 1 = true;  // false: left out by a sparse checkout, or in an unreadable place
  bool binary : 1 = false;        // .gitattributes says `-text` or `binary`
  bool documentation : 1 = false; // .gitattributes says linguist-documentation
  bool is_ours() const {
    return type == EntryType::file && file_class == FileClass::ours && content_known;
  }
};

enum class SkipReason : std::uint8_t {
  ignored,
  vendored,
  generated,
  nested_repository,
  submodule,
  lfs,
  symlink,      // read under the name of its target, if that is in the tree
  sparse,       // tracked, but left out by a sparse checkout
  deleted,      // tracked, but not in the working tree
  special_file, // a socket, FIFO or device
  unreadable,
  broken_index // then everything counts as untracked
};

struct Skipped {
  std::string path; // with '/' at the end for a whole directory
  SkipReason reason = SkipReason::ignored;
  std::uint32_t files = 1; // those that the tree knows of
};

enum class Existence : std::uint8_t {
  absent,
  file,
  directory,
  submodule,
  ignored_by_design, // not in the tree, and would be ignored: it is made on each machine
  outside,           // above the root
  unknown            // inside a submodule, or where this snapshot has no content
};

// "nested-repository", "ignored-by-design": for lists and reports.
std::string_view name_of(EntryType type);
std::string_view name_of(FileClass file_class);
std::string_view name_of(SkipReason reason);
std::string_view name_of(Existence existence);

struct TreeChild {
  std::string_view name;
  const TreeEntry* entry = nullptr; // null for a directory that has entries
};

enum class TreeKind : std::uint8_t { git, folder };

struct TreeParts {
  TreeKind kind = TreeKind::folder;
  std::vector<std::unique_ptr<const std::string>> names; // what the paths of the entries point into
  std::vector<TreeEntry> entries;                        // by path
  std::vector<std::pair<std::string, std::string>> links; // path, target; by path
  IgnoreRules ignore;
  std::string prefix;           // of the tree in the working tree that the ignore rules are about
  std::vector<Skipped> skipped; // by path
};

class Tree {
public:
  Tree() = default;
  explicit Tree(TreeParts parts) : parts_(std::move(parts)) {}

  TreeKind kind() const { return parts_.kind; }
  std::span<const TreeEntry> entries() const { return parts_.entries; }
  // Entries below a directory; all of them for "".
  std::span<const TreeEntry> under(std::string_view directory) const;
  // The entry of exactly this path; symlinks are not followed.
  const TreeEntry* find(std::string_view path) const;

  // Paths are relative to the root and may be written in any way ("./a/../b/"). Symlinks are
  // followed while they stay in the tree; one that leads to nothing is absent.
  Existence exists(std::string_view path) const;
  // Where a path really lies, after symlinks, whether it is there or not; `is_outside` tells
  // when one leads out of the tree. Nothing when they lead in circles.
  std::optional<std::string> resolve(std::string_view path) const;
  // A path that is there and differs from an absent one only in case: it works on macOS and
  // Windows, and breaks on Linux. Letters of ASCII and Latin-1.
  std::optional<std::string> exists_ignoring_case(std::string_view path) const;
  // By name; of the directory itself, not through a symlink.
  std::vector<TreeChild> children(std::string_view directory) const;
  // The line of an ignore file that keeps this path out of the repository, whether it
  // exists or not. A tracked file is never ignored.
  std::optional<IgnoreRules::Reason> ignored(std::string_view path, PathKind kind) const;

  // What is in the working tree or the index and is not read as ours, by path.
  std::span<const Skipped> skipped() const { return parts_.skipped; }

private:
  std::optional<Existence> exists_literally(std::string_view path) const;

  TreeParts parts_;
};

} // namespace aethel
