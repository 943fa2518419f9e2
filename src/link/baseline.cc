#include "link/baseline.h"

#include "link/rule.h"

#include <algorithm>
#include <map>

namespace aethel {
namespace {

// The number at its end tells findings of one fingerprint apart within a report only.
std::string_view bare(std::string_view fingerprint) {
  return fingerprint.substr(0, fingerprint.find('-'));
}

} // namespace

void apply_baseline(Report& report, const Baseline& baseline, std::string name) {
  const Date today = report.program.today;
  std::map<std::string_view, std::size_t> found;
  std::map<std::string_view, const BaselineEntry*> entries;
  for (const BaselineEntry& entry : baseline.entries) entries[entry.fingerprint] = &entry;
  for (Finding& finding : report.findings) {
    const std::string_view key = bare(finding.fingerprint);
    const auto entry = entries.find(key);
    const bool known = entry != entries.end() && found[key]++ < entry->second->count;
    const bool expired = known && entry->second->expires && *entry->second->expires < today;
    finding.age = !known ? Age::fresh : expired ? Age::expired : Age::old;
  }
  BaselineUse use{.name = std::move(name)};
  for (const BaselineEntry& entry : baseline.entries) {
    const auto seen = found.find(entry.fingerprint);
    const std::size_t count = seen == found.end() ? 0 : seen->second;
    if (count < entry.count) {
      use.gone.push_back(entry);
      use.gone.back().count = entry.count - static_cast<std::uint32_t>(count);
    }
    if (count > 0 && entry.expires && *entry.expires < today) use.expired.push_back(entry);
  }
  report.baseline = std::move(use);
}

Baseline update_baseline(const Program& program, const Baseline& old, std::span<const Finding> all,
                         std::span<const Finding> shown) {
  std::map<std::string, BaselineEntry, std::less<>> entries;
  for (const Finding& finding : shown) {
    const auto [entry, fresh] = entries.try_emplace(std::string(bare(finding.fingerprint)));
    if (!fresh) {
      ++entry->second.count;
      continue;
    }
    entry->second = {.fingerprint = entry->first,
                     .rule = std::string(finding.rule->name),
                     .path = finding.span.file ? program.sources->path(finding.span.file) : "",
                     .name = finding.symbol,
                     .title = std::string(finding.rule->title_en),
                     .expires = {}};
  }
  std::map<std::string_view, std::uint32_t> present;
  for (const Finding& finding : all) ++present[bare(finding.fingerprint)];
  for (const BaselineEntry& entry : old.entries) {
    const auto there = present.find(entry.fingerprint);
    if (there == present.end()) continue;
    const auto [kept, hidden] = entries.try_emplace(entry.fingerprint, entry);
    if (hidden) {
      kept->second.count = std::min(entry.count, there->second);
      continue;
    }
    kept->second.count = std::max(kept->second.count, std::min(entry.count, there->second));
    kept->second.reason = entry.reason;
    kept->second.expires = entry.expires;
  }
  Baseline baseline;
  for (auto& [fingerprint, entry] : entries) baseline.entries.push_back(std::move(entry));
  return baseline;
}

std::size_t count_of(const Report& report, Age age) {
  return static_cast<std::size_t>(std::ranges::count(report.findings, age, &Finding::age));
}

} // namespace aethel
