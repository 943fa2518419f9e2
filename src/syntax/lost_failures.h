// Where a shell program goes on as if a command had succeeded: `X || true`, and `X | gzip` of
// which only the last one's status counts as long as `pipefail` is off. Conditions are no place to
// lose a failure; a status that is kept (`|| failed=1`, `PIPESTATUS`) is not lost.
// Source: POSIX.1-2024 XCU 2.9.2 and 2.9.3
// (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09), `set -o
// pipefail` in XCU 2.15.
#pragma once

#include "syntax/shell_program.h"

#include <cstdint>
#include <string>
#include <vector>

namespace aethel::shell {

struct LostFailure {
  enum class How : std::uint8_t { alternative, pipe };
  How how = How::alternative;
  std::vector<std::string> words;   // of the command; what only the run knows is "\1"
  std::vector<std::string> instead; // of the one whose status counts
  Range range;                      // of the command, in the text
};

// `pipefail`: whether it is on where the text begins. In order of the text; never fails. The texts
// of `sh -c '...'` and the like are read too, with `pipefail` off.
std::vector<LostFailure> lost_failures(std::string_view text, bool pipefail);

// A command for people: its first words, "..." for what only the run knows and for the rest.
std::string shown(const std::vector<std::string>& words);

} // namespace aethel::shell
