// Which backups are kept, and why; and the removal of the others. Pruning takes the last step of a
// backup's life, so that it stops rather than guess.
#pragma once

#include "backup/repository.h"

#include <cstdint>
#include <string>
#include <vector>

namespace aethel::backup {

struct RetentionPolicy {
  unsigned last = 3; // the newest ones
  // For each of so many hours, days, ISO weeks, months and years (UTC) that have a backup, counted
  // from the newest: the newest proven one, or the newest when none is.
  unsigned hourly = 0, daily = 14, weekly = 8, monthly = 12, yearly = 0;
  std::int64_t within = 0; // seconds: all that are younger
  unsigned proven = 3;     // never fewer proven ones than this
};

struct Candidate {
  std::string id;
  std::int64_t finished = 0;
  bool proven = false; // L3 or more
  bool held = false;
};

struct Decision {
  std::string id;
  bool keep = true;
  std::vector<std::string> reasons; // why it is kept; of what is removed why it may be
};

// In the order of the candidates, which is that of time.
std::vector<Decision> decide(const std::vector<Candidate>& candidates,
                             const RetentionPolicy& policy, std::int64_t now);

struct PrunePlan {
  std::vector<Decision> decisions;
  std::vector<std::string> orphans; // folders of objects without a manifest, older than a day
  std::string stopped;              // why nothing may be removed; empty: it may
  std::string hint;                 // what to do then, if anything
};

inline constexpr std::int64_t largest_skew = 300; // seconds between the store's clock and ours
inline constexpr unsigned largest_share = 30; // per cent of the backups in one go; one always may
inline constexpr std::int64_t orphan_age = 86'400;

// Of the backups of one database in the repository. `local` is this machine's clock. `agreed`: so
// many may be removed in one go, because somebody looked at them.
Result<PrunePlan> plan_prune(const Repository& repository, const std::string& database,
                             const RetentionPolicy& policy, std::int64_t local,
                             std::size_t agreed = 0);

struct Pruned {
  std::vector<std::string> removed, locked;
  std::size_t orphans = 0;
};
// The manifest first: what is half removed does not exist.
Result<Pruned> prune(const Repository& repository, const PrunePlan& plan);

// "48h", "30d", "2w"; -1 for anything else.
std::int64_t parse_duration(std::string_view text);

} // namespace aethel::backup
