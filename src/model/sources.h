// The files of the repository by number, read when somebody asks. Numbers follow the
// order of paths, so they are the same on every run and for any number of threads.
#pragma once

#include "base/files.h"
#include "model/source.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

class Sources {
public:
  // No configuration file that people write is larger; what is, is named as not analysed.
  static constexpr std::uint64_t size_limit = 8u << 20;

  // `paths`: sorted, relative to the root of `files`. Both must outlive this.
  Sources(const Vfs& files, std::vector<std::string> paths);
  ~Sources();
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  std::size_t size() const { return paths_.size(); }
  FileId find(std::string_view path) const; // FileId::none when absent
  const std::string& path(FileId file) const { return paths_[file.value]; }

  // Reads at most once; may be called from many threads. The source lives as long as this.
  Result<const Source*> load(FileId file) const;
  // What was loaded before, or null.
  const Source* loaded(FileId file) const;
  // Reads without keeping the bytes: for files that are only searched.
  Result<std::string> read(FileId file) const;

  const Vfs& files() const { return files_; }

private:
  const Vfs& files_;
  std::vector<std::string> paths_;
  mutable std::vector<std::atomic<const Source*>> slots_;
};

} // namespace aethel
