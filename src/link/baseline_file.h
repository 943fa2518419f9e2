// The file of `aethel audit --baseline`: findings that were there before, so that a pipeline
// fails on new ones only. Written to be reviewed: one entry a finding, sorted by path, without
// line numbers, the same bytes each time. docs/commands.md has its form.
#pragma once

#include "base/date.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct BaselineEntry {
  std::string fingerprint; // of the finding, without the number that tells equal ones apart
  std::string rule;
  std::string path;
  std::string name; // of the symbol
  std::string title;
  std::uint32_t count = 1;     // how many findings have this fingerprint
  std::string reason = {};     // a person's; kept by an update
  std::optional<Date> expires; // the last day on which it holds; kept by an update
};

struct Baseline {
  std::vector<BaselineEntry> entries; // each fingerprint once
};

inline constexpr std::uint64_t baseline_size_limit = 8u << 20;

// `path` is only for the failure, which names the first mistake with its line and column.
Result<Baseline> read_baseline(std::string_view bytes, std::string_view path);

// Reading it gives the same entries, sorted.
std::string write_baseline(Baseline baseline);

} // namespace aethel
