#include "config/match.h"

#include "base/glob.h"

namespace aethel {
namespace {

std::string_view bare(std::string_view name) {
  if (name.size() > 2 && name.starts_with("./")) name.remove_prefix(2);
  if (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
  return name;
}

bool in_scope(const Located& pattern, std::string_view path) {
  return pattern.value.empty() || path_covered(pattern.value, path);
}

} // namespace

bool name_matches(std::string_view pattern, std::string_view name) {
  return glob_match(bare(pattern), bare(name));
}

const StageEntry* find_stage(const Config& config, std::string_view path) {
  for (auto entry = config.stages.rbegin(); entry != config.stages.rend(); ++entry)
    if (path_covered(entry->path.value, path)) return &*entry;
  return nullptr;
}

bool means(const ExternEntry& entry, std::string_view kind, std::string_view name) {
  if (entry.kind.value != kind) return false;
  const std::string_view pattern = entry.name.value;
  if (name_matches(pattern, name)) return true;
  if (kind != "path") return false;
  for (std::size_t end = name.find('/', 1); end < name.size(); end = name.find('/', end + 1))
    if (name_matches(pattern, name.substr(0, end))) return true;
  return false;
}

const ExternEntry* find_extern(const Config& config, const ExternQuery& query) {
  for (const ExternEntry& entry : config.externs)
    if (means(entry, query.kind, query.name) && in_scope(entry.in, query.path)) return &entry;
  return nullptr;
}

bool is_expired(const IgnoreEntry& entry, Date today) {
  return entry.until && *entry.until < today;
}

const IgnoreEntry* find_ignore(const Config& config, const IgnoreQuery& query, Date today) {
  for (const IgnoreEntry& entry : config.ignores) {
    if (entry.rule.value != query.rule && entry.rule.value != query.id) continue;
    if (is_expired(entry, today) || !in_scope(entry.path, query.path)) continue;
    if (entry.name.value.empty() || name_matches(entry.name.value, query.name)) return &entry;
  }
  return nullptr;
}

} // namespace aethel
