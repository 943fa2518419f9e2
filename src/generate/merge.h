// Texts compared and merged by lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::generate {

// Lines with their ends: joined again they are the text.
std::vector<std::string_view> lines_of(std::string_view text);

// A run of lines of `a` that became a run of lines of `b`.
struct Change {
  std::size_t a_begin, a_end, b_begin, b_end;
};
// The fewest changed lines, after E. Myers, "An O(ND) Difference Algorithm and Its Variations"
// (1986); beyond `effort` edits the rest counts as one change.
std::vector<Change> changes(const std::vector<std::string_view>& a,
                            const std::vector<std::string_view>& b, std::size_t effort = 4000);

// As `diff -u` writes it, without the names of files; empty for equal texts.
std::string unified_diff(std::string_view a, std::string_view b);

struct Conflict {
  std::size_t line = 0; // 1-based, in `mine`
  std::string base, mine, theirs;
};

struct Merged {
  std::string text; // only when nothing conflicts
  std::vector<Conflict> conflicts;
};
// What changed from `base` to `mine` and to `theirs`, together. Changes that touch the same or
// adjacent lines and differ are conflicts.
Merged merge(std::string_view base, std::string_view mine, std::string_view theirs);

} // namespace aethel::generate
