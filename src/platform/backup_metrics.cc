#include "platform/backup_metrics.h"

#include "backup/json.h"

#include <algorithm>
#include <map>

namespace aethel::platform {

Result<void> update_backup_metrics(Metrics& metrics, const backup::Repository& repository,
                                   const std::string& database) {
  auto listing = repository.list();
  if (!listing) return std::unexpected(listing.error());
  std::int64_t success = 0;
  std::int64_t proven = 0;
  const backup::Manifest* newest = nullptr;
  struct Drill {
    std::int64_t time = 0;
    std::uint64_t recovery = 0;
  };
  std::map<std::string, Drill> drills = {{"L3", {}}, {"L4", {}}};
  for (const backup::Listed& each : listing->backups) {
    if (each.manifest.database != database) continue;
    if (each.manifest.finished >= success) {
      success = each.manifest.finished;
      newest = &each.manifest;
    }
    if (each.proof.level < 3) continue;
    auto reports = repository.reports(each.manifest.id);
    if (!reports) continue;
    for (const std::string& text : *reports) {
      const auto report = backup::JsonReader::parse(text, "a report");
      if (!report || !report->boolean("passed")) continue;
      const std::uint64_t level = report->number("level");
      const std::int64_t time = backup::parse_time(report->text("finished"));
      if (level >= 3) proven = std::max(proven, time);
      for (std::uint64_t reached = 3; reached <= std::min<std::uint64_t>(level, 4); ++reached) {
        Drill& drill = drills["L" + std::to_string(reached)];
        if (time < drill.time) continue;
        drill = {time, report->number("recovery_milliseconds")};
      }
    }
  }
  metrics.set("aethel_backup_last_success_timestamp_seconds", {database},
              static_cast<double>(success));
  metrics.set("aethel_backup_last_proven_timestamp_seconds", {database},
              static_cast<double>(proven));
  metrics.set("aethel_backup_size_bytes", {database},
              newest == nullptr ? 0 : static_cast<double>(newest->stored()));
  metrics.set("aethel_backup_duration_seconds", {database},
              newest == nullptr ? 0 : static_cast<double>(newest->finished - newest->started));
  for (const auto& [level, drill] : drills) {
    metrics.set("aethel_drill_last_success_timestamp_seconds", {database, level},
                static_cast<double>(drill.time));
    metrics.set("aethel_drill_recovery_seconds", {database, level},
                static_cast<double>(drill.recovery) / 1000);
  }
  return {};
}

} // namespace aethel::platform
