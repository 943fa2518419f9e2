#include "backup/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

namespace aethel::backup {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

sys_seconds at(std::int64_t seconds) { return sys_seconds(std::chrono::seconds(seconds)); }

std::int64_t hour_of(std::int64_t time) { return time / 3600; }
std::int64_t day_of(std::int64_t time) {
  return std::chrono::floor<days>(at(time)).time_since_epoch().count();
}
// ISO weeks begin on Monday; 1970-01-01 was a Thursday.
std::int64_t week_of(std::int64_t time) { return (day_of(time) + 3) / 7; }
std::int64_t month_of(std::int64_t time) {
  const std::chrono::year_month_day date(std::chrono::floor<days>(at(time)));
  return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month()));
}
std::int64_t year_of(std::int64_t time) {
  return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<days>(at(time))).year());
}

struct Period {
  const char* name;
  unsigned RetentionPolicy::* count;
  std::int64_t (*of)(std::int64_t);
};
constexpr Period periods[] = {{"hourly", &RetentionPolicy::hourly, hour_of},
                              {"daily", &RetentionPolicy::daily, day_of},
                              {"weekly", &RetentionPolicy::weekly, week_of},
                              {"monthly", &RetentionPolicy::monthly, month_of},
                              {"yearly", &RetentionPolicy::yearly, year_of}};

} // namespace

std::vector<Decision> decide(const std::vector<Candidate>& candidates,
                             const RetentionPolicy& policy, std::int64_t now) {
  const std::size_t count = candidates.size();
  std::vector<Decision> decisions(count);
  const auto keep = [&](std::size_t i, std::string why) {
    decisions[i].reasons.push_back(std::move(why));
  };
  for (std::size_t i = 0; i < count; ++i) decisions[i].id = candidates[i].id;
  for (std::size_t i = count - std::min<std::size_t>(count, policy.last); i < count; ++i)
    keep(i, "last");
  for (std::size_t i = 0; i < count; ++i) {
    if (candidates[i].held) keep(i, "held");
    if (policy.within > 0 && candidates[i].finished > now - policy.within) keep(i, "within");
  }
  for (const Period& period : periods) {
    unsigned left = policy.*period.count;
    // From the newest on: one group of neighbours a period.
    for (std::size_t end = count; end > 0 && left > 0; --left) {
      const std::int64_t number = period.of(candidates[end - 1].finished);
      std::size_t chosen = end - 1;
      std::size_t begin = end;
      while (begin > 0 && period.of(candidates[begin - 1].finished) == number) {
        --begin;
        if (candidates[begin].proven && !candidates[chosen].proven) chosen = begin;
      }
      keep(chosen, period.name);
      end = begin;
    }
  }
  // Nothing is removed but behind a newer backup that was restored and found equal.
  std::size_t newest_proven = count;
  for (std::size_t i = 0; i < count; ++i)
    if (candidates[i].proven) newest_proven = i;
  for (std::size_t i = 0; i < count; ++i)
    if (newest_proven == count || i >= newest_proven)
      if (decisions[i].reasons.empty()) keep(i, "no newer one is proven");
  // And never so many that too few proven ones are left.
  std::size_t proven = 0;
  for (std::size_t i = 0; i < count; ++i)
    proven += candidates[i].proven && !decisions[i].reasons.empty() ? 1 : 0;
  for (std::size_t i = count; i > 0 && proven < policy.proven; --i)
    if (candidates[i - 1].proven && decisions[i - 1].reasons.empty()) {
      keep(i - 1, "one of the proven ones that are always kept");
      ++proven;
    }
  for (Decision& each : decisions) {
    each.keep = !each.reasons.empty();
    if (!each.keep)
      each.reasons.push_back(fmt::format("no rule keeps it, and {} is newer and proven",
                                         candidates[newest_proven].id));
  }
  return decisions;
}

Result<PrunePlan> plan_prune(const Repository& repository, const std::string& database,
                             const RetentionPolicy& policy, std::int64_t local,
                             std::size_t agreed) {
  auto listing = repository.list();
  if (!listing) return std::unexpected(listing.error());
  auto clock = repository.store().clock();
  if (!clock) return fail({.message = clock.error().message});
  PrunePlan plan;
  std::vector<Candidate> candidates;
  for (const Listed& each : listing->backups)
    if (each.manifest.database == database)
      candidates.push_back({each.manifest.id, each.manifest.finished,
                            each.proof.level >= 3 && !each.proof.failed, each.held});
  std::ranges::sort(candidates, {}, [](const Candidate& each) {
    return std::pair(each.finished, std::string_view(each.id));
  });
  const auto stop = [&](std::string why) {
    if (plan.stopped.empty()) plan.stopped = std::move(why);
  };
  if (candidates.empty()) stop("the listing shows no backup of this database");
  if (!listing->unreadable.empty())
    stop(fmt::format("backup {} cannot be read: {}", listing->unreadable.front().id,
                     listing->unreadable.front().why));
  if (std::abs(*clock - local) > largest_skew)
    stop(fmt::format("the clocks of the store and of this machine differ by {} s",
                     std::abs(*clock - local)));
  for (const Candidate& each : candidates)
    if (each.finished > *clock + largest_skew)
      stop(fmt::format("backup {} is of the future", each.id));
  plan.decisions = decide(candidates, policy, *clock);
  const auto removed =
      static_cast<std::size_t>(std::ranges::count(plan.decisions, false, &Decision::keep));
  if (removed > std::max<std::size_t>(agreed, 1) &&
      removed * 100 > candidates.size() * largest_share && plan.stopped.empty()) {
    stop(fmt::format("{} of {} backups would be removed, which is more than {} %", removed,
                     candidates.size(), largest_share));
    plan.hint = fmt::format("look at what `aetheld backup prune` shows; `aetheld backup prune "
                            "--yes --remove {}` removes as many",
                            removed);
  }

  // What a killed run left. One that is at work has a young object.
  auto objects = repository.store().list("objects/");
  if (!objects) return fail({.message = objects.error().message});
  std::map<std::string, std::int64_t> youngest;
  for (const store::ObjectInfo& each : *objects) {
    const std::string id = each.key.substr(8, each.key.find('/', 8) - 8);
    std::int64_t& time = youngest[id];
    time = std::max(time, each.modified);
  }
  std::set<std::string> known;
  for (const Listed& each : listing->backups) known.insert(each.manifest.id);
  for (const Unreadable& each : listing->unreadable) known.insert(each.id);
  for (const auto& [id, time] : youngest)
    if (!known.contains(id) && is_backup_id(id) && time + orphan_age < *clock)
      plan.orphans.push_back(id);
  return plan;
}

namespace {

// A lock is no error: what is locked is kept.
Result<bool> remove_all(store::ObjectStore& store, const std::string& prefix) {
  auto objects = store.list(prefix);
  if (!objects) return fail({.message = objects.error().message});
  bool all = true;
  for (const store::ObjectInfo& each : *objects) {
    auto removed = store.remove(each.key);
    if (removed) continue;
    if (removed.error().trouble != store::Trouble::locked)
      return fail({.message = removed.error().message});
    all = false;
  }
  return all;
}

} // namespace

Result<Pruned> prune(const Repository& repository, const PrunePlan& plan) {
  if (!plan.stopped.empty()) return fail(plan.stopped);
  store::ObjectStore& store = repository.store();
  Pruned pruned;
  for (const Decision& each : plan.decisions) {
    if (each.keep) continue;
    // A hold that came meanwhile counts.
    if (store.status("holds/" + each.id)) continue;
    if (auto removed = store.remove("manifests/" + each.id); !removed) {
      if (removed.error().trouble != store::Trouble::locked)
        return fail({.message = removed.error().message});
      pruned.locked.push_back(each.id);
      continue;
    }
    for (const char* folder : {"objects", "keys", "reports"})
      if (auto gone = remove_all(store, fmt::format("{}/{}/", folder, each.id)); !gone)
        return std::unexpected(gone.error());
    pruned.removed.push_back(each.id);
  }
  for (const std::string& id : plan.orphans) {
    // Its manifest may have come since.
    if (store.status("manifests/" + id)) continue;
    for (const char* folder : {"objects", "keys", "reports"})
      if (auto gone = remove_all(store, fmt::format("{}/{}/", folder, id)); !gone)
        return std::unexpected(gone.error());
    ++pruned.orphans;
  }
  return pruned;
}

std::int64_t parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error != std::errc() || number <= 0 || number > 100'000) return -1;
  if (unit == "m") return number * 60;
  if (unit == "h") return number * 3600;
  if (unit == "d") return number * 86'400;
  if (unit == "w") return number * 7 * 86'400;
  return -1;
}

} // namespace aethel::backup
