// Files that were read, and places in them.
#pragma once

#include "base/range.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// Index into Sources; `none` for what stands in no file (a default of a tool).
struct FileId {
  static constexpr std::uint32_t none = 0xffffffff;
  std::uint32_t value = none;
  explicit operator bool() const { return value != none; }
  friend auto operator<=>(const FileId&, const FileId&) = default;
};

struct Span {
  FileId file;
  Range range;
  friend bool operator==(const Span&, const Span&) = default;
};

struct Place {
  std::uint32_t line = 1;   // 1-based
  std::uint32_t column = 1; // 1-based, in bytes
};

// The bytes of one file, with its lines. Immutable; shared by everything that points into it.
class Source {
public:
  Source(std::string path, std::string bytes);

  const std::string& path() const { return path_; }
  std::string_view bytes() const { return bytes_; }
  Place place(std::uint32_t offset) const;
  // Text of a 1-based line without its end; empty past the last one.
  std::string_view line(std::uint32_t number) const;
  std::uint32_t line_count() const { return static_cast<std::uint32_t>(starts_.size()); }

private:
  std::string path_;
  std::string bytes_;
  std::vector<std::uint32_t> starts_;
};

} // namespace aethel
