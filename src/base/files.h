// The file system as a parameter. Every pass reads through a Vfs: the disk in a
// run, memory in tests, an overlay in fixes. Paths are relative to the root of
// the Vfs, with '/' between parts, no leading "./" and no trailing '/'; the root
// itself is "". Bytes that are not UTF-8 are legal in paths.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

enum class FileType : std::uint8_t { absent, regular, directory, symlink, other };

struct FileStatus {
  FileType type = FileType::absent;
  std::uint64_t size = 0;
  bool executable = false;
};

struct DirectoryEntry {
  std::string name;
  FileType type = FileType::absent; // of the entry itself; symlinks are not followed
};

class Vfs {
public:
  virtual ~Vfs() = default;
  // Bytes of a regular file (symlinks followed while they stay inside the root).
  // Fails when absent, not regular, unreadable or over `limit` bytes.
  virtual Result<std::string> read(std::string_view path, std::uint64_t limit) const = 0;
  // Does not follow a symlink in the last part.
  virtual FileStatus status(std::string_view path) const = 0;
  // Of entries of one directory, in the order of the names; cheaper than one by one.
  virtual std::vector<FileStatus> status_of(std::string_view directory,
                                            std::span<const std::string_view> names) const;
  // Entries of a directory in byte order of their names, without "." and "..".
  virtual Result<std::vector<DirectoryEntry>> list(std::string_view path) const = 0;
  // Target of a symlink as written.
  virtual Result<std::string> read_link(std::string_view path) const = 0;
};

// Rooted at a directory of the disk; never leaves it through "..".
std::unique_ptr<Vfs> disk_files(std::string root);

// In memory; directories exist as far as files need them, or when added.
class MemoryFiles final : public Vfs {
public:
  void write(std::string path, std::string bytes);
  void link(std::string path, std::string target);
  void make_directory(std::string_view path);
  void make_executable(std::string_view path);

  Result<std::string> read(std::string_view path, std::uint64_t limit) const override;
  FileStatus status(std::string_view path) const override;
  Result<std::vector<DirectoryEntry>> list(std::string_view path) const override;
  Result<std::string> read_link(std::string_view path) const override;

private:
  struct Entry {
    FileType type;
    std::string bytes;
    bool executable = false;
  };
  std::map<std::string, Entry, std::less<>> entries_;
};

// Pure functions on paths. `join("a/b", "../c")` is "a/c". A result that would
// lie above the root begins with "../"; `is_outside` tells.
std::string join_path(std::string_view directory, std::string_view path);
std::string_view parent_path(std::string_view path);
std::string_view file_name(std::string_view path);
bool is_outside(std::string_view path);
// `path` as seen from `directory`; both normalised. "." for the directory itself.
std::string relative_path(std::string_view path, std::string_view directory);

} // namespace aethel
