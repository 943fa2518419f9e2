// .gitignore as git reads it: pure functions over the text of the files.
#pragma once

#include "syntax/wildmatch.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// One .gitignore. Paths are relative to its directory.
class IgnoreFile {
public:
  IgnoreFile() = default;
  explicit IgnoreFile(std::string_view bytes);

  struct Match {
    bool ignored;       // false: a pattern with "!" takes it back
    std::uint32_t line; // 1-based
  };
  // The last pattern that matches; nothing when none does. Does not look at the
  // directories above `path`.
  std::optional<Match> match(std::string_view path, PathKind kind) const;
  bool empty() const { return lines_.empty(); }

private:
  struct Line {
    PathPattern pattern;
    std::uint32_t number;
  };
  std::shared_ptr<const std::string> text_; // what the patterns point into
  std::vector<Line> lines_;
};

// All ignore files of a working tree. Paths are relative to its top.
class IgnoreRules {
public:
  void add(std::string directory, IgnoreFile file);

  struct Reason {
    std::string file; // "web/.gitignore"
    std::uint32_t line;
    std::string path; // what the line matches: the path itself or a directory above it
  };
  // Why git would not add `path` if it existed and was not tracked. A path below an ignored
  // directory cannot be taken back, and the ignore files below it do not count.
  std::optional<Reason> ignored(std::string_view path, PathKind kind) const;

private:
  std::map<std::string, IgnoreFile, std::less<>> files_;
};

} // namespace aethel
