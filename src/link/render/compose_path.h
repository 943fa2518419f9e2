// Where a value stands in a compose model, and the patterns that compose-go's tables are
// written in (tree/path.go): `*` is any key or list item, `[]` a list item, and a pattern
// matches exactly one depth.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aethel::compose {

inline constexpr std::string_view list_item = "[]";

// A chain of stack frames: a path lives as long as the walk that made it.
class Path {
public:
  Path() = default;
  Path(const Path& up, std::string_view part) : up_(&up), part_(part) {}

  bool is_root() const { return up_ == nullptr; }
  std::string_view part() const { return part_; }
  const Path& up() const { return *up_; }
  std::size_t depth() const;

  // Besides keys, a pattern may begin with
  //   S  services.*
  //   W  services.* or jobs.*
  //   C  W, or services.*.pre_start.*: whatever starts a container
  bool matches(std::string_view pattern) const;
  std::string dotted() const;

private:
  const Path* up_ = nullptr;
  std::string_view part_;
};

} // namespace aethel::compose
