// aethel.yaml at the root of the audited repository: what its owner declares because no file
// shows it. One file of config/sections/ a section; docs/configuration.md for its readers.
#pragma once

#include "base/date.h"
#include "base/range.h"
#include "config/product.h"
#include "config/running.h"
#include "knowledge/stage.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// Every entry has a number, counted through the whole file: who uses an entry marks it, and
// what stays unmarked is stale.
struct EntryPlace {
  std::uint32_t index = 0;
  Range range;
};

// A target that is really started. Paths are relative to the repository and normalised.
struct TargetEntry {
  EntryPlace at;
  std::vector<Located> compose; // never empty
  std::string directory;        // "" is the root
  std::optional<Stage> stage;
  std::vector<Located> profiles;
  std::vector<Located> env_files;
};

// The stage of inferred targets under a path pattern.
struct StageEntry {
  EntryPlace at;
  Located path;
  Stage stage = Stage::unknown;
};

// What exists outside the repository. Globs in `name`; `in` is a path pattern.
struct ExternEntry {
  EntryPlace at;
  Located kind;
  Located name;
  Located in;
  Located reason;
};

struct IgnoreEntry {
  EntryPlace at;
  Located rule; // its name or its id
  Located path; // a path pattern
  Located name; // a glob
  Located reason;
  std::optional<Date> until; // the last day on which it holds
};

struct Config {
  std::vector<TargetEntry> targets;
  std::vector<StageEntry> stages;
  std::vector<ExternEntry> externs;
  std::vector<IgnoreEntry> ignores;
  std::uint32_t entries = 0; // one more than the last index
  Product product;
  Running running;
};

struct ConfigProblem {
  std::string message; // lowercase, no full stop
  Range range;
  std::uint32_t line = 0;   // 1-based
  std::uint32_t column = 0; // 1-based, in bytes
  std::string hint;         // may be empty
};

struct ConfigResult {
  Config config; // what could be read; to be used only when there are no problems
  std::vector<ConfigProblem> problems; // all of them, in the order of the file
  bool ok() const { return problems.empty(); }
};

// Names that upper layers know. An empty list: every name is taken.
struct Vocabulary {
  std::span<const std::string_view> kinds;
  std::span<const std::string_view> rules; // names and ids
};

ConfigResult read_config(std::string_view bytes, const Vocabulary& vocabulary = {});

} // namespace aethel
