// Which declaration covers what the linker found. Every answer is an entry, so that its user
// can mark it: what nobody marked is stale.
#pragma once

#include "config/config.h"

#include <string_view>

namespace aethel {

// For an inferred target; the last that matches.
const StageEntry* find_stage(const Config& config, std::string_view path);

// A reference to `name` of the kind, in the file `path`.
struct ExternQuery {
  std::string_view kind;
  std::string_view name;
  std::string_view path;
};
const ExternEntry* find_extern(const Config& config, const ExternQuery& query);

// Whether the entry means that name, wherever it is used. Whoever brings a folder brings what
// lies in it: for paths, what is below counts too.
bool means(const ExternEntry& entry, std::string_view kind, std::string_view name);

struct IgnoreQuery {
  std::string_view rule;
  std::string_view id; // of the rule
  std::string_view path;
  std::string_view name; // of the symbol; empty when the finding has none
};
// Entries whose day is past do not count.
const IgnoreEntry* find_ignore(const Config& config, const IgnoreQuery& query, Date today);

bool is_expired(const IgnoreEntry& entry, Date today);

// A glob over names. "./ssl", "ssl" and "ssl/" are the same path.
bool name_matches(std::string_view pattern, std::string_view name);

} // namespace aethel
