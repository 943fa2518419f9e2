#include "model/tree.h"

#include "base/files.h"

#include <algorithm>

namespace aethel {
namespace {

constexpr int most_links = 40; // as Linux has it

// The first entry that does not lie before "directory/".
auto first_below(const std::vector<TreeEntry>& entries, std::string_view directory) {
  return std::ranges::partition_point(entries, [&](const TreeEntry& entry) {
    const int order = entry.path.substr(0, directory.size()).compare(directory);
    if (order != 0 || entry.path.size() == directory.size()) return order <= 0;
    return entry.path[directory.size()] < '/';
  });
}

bool is_below(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path[directory.size()] == '/' &&
         path.starts_with(directory);
}

// Case folding for names that people give to files: ASCII, and the Latin-1 letters in UTF-8.
std::string folded(std::string_view name) {
  std::string result(name);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto c = static_cast<unsigned char>(result[i]);
    const auto before = i > 0 ? static_cast<unsigned char>(result[i - 1]) : 0;
    if (c >= 'A' && c <= 'Z')
      result[i] = static_cast<char>(c + 0x20);
    else if (before == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97)
      result[i] = static_cast<char>(c + 0x20);
  }
  return result;
}

} // namespace

std::string_view name_of(EntryType type) {
  constexpr std::string_view names[] = {"file", "symlink", "submodule", "directory"};
  return names[static_cast<std::size_t>(type)];
}

std::string_view name_of(FileClass file_class) {
  constexpr std::string_view names[] = {"ours", "vendored", "generated", "nested-repository",
                                        "lfs"};
  return names[static_cast<std::size_t>(file_class)];
}

std::string_view name_of(SkipReason reason) {
  constexpr std::string_view names[] = {
      "ignored", "vendored", "generated", "nested-repository", "submodule",  "lfs",
      "symlink", "sparse",   "deleted",   "special-file",      "unreadable", "broken-index"};
  return names[static_cast<std::size_t>(reason)];
}

std::string_view name_of(Existence existence) {
  constexpr std::string_view names[] = {
      "absent", "file", "directory", "submodule", "ignored-by-design", "outside", "unknown"};
  return names[static_cast<std::size_t>(existence)];
}

std::span<const TreeEntry> Tree::under(std::string_view directory) const {
  if (directory.empty()) return parts_.entries;
  const auto begin = first_below(parts_.entries, directory);
  const auto end = std::partition_point(begin, parts_.entries.end(), [&](const TreeEntry& entry) {
    return is_below(entry.path, directory);
  });
  return {begin, end};
}

const TreeEntry* Tree::find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(parts_.entries, path, {}, &TreeEntry::path);
  return found != parts_.entries.end() && found->path == path ? &*found : nullptr;
}

// Nothing when the path leads through a symlink.
std::optional<Existence> Tree::exists_literally(std::string_view path) const {
  if (path.empty()) return Existence::directory;
  if (const TreeEntry* entry = find(path)) {
    switch (entry->type) {
    case EntryType::file: return Existence::file;
    case EntryType::symlink: return std::nullopt;
    case EntryType::submodule: return Existence::submodule;
    // One that is there but not ours to list: on this machine only.
    case EntryType::directory:
      return entry->tracked || entry->content_known ? Existence::directory : Existence::unknown;
    }
  }
  const auto below = first_below(parts_.entries, path);
  if (below != parts_.entries.end() && is_below(below->path, path)) return Existence::directory;
  for (std::string_view at = parent_path(path); !at.empty(); at = parent_path(at)) {
    const TreeEntry* entry = find(at);
    if (entry == nullptr) continue;
    if (entry->type == EntryType::symlink) return std::nullopt;
    if (entry->type == EntryType::submodule || !entry->content_known) return Existence::unknown;
    return Existence::absent;
  }
  // A path that is not there has no type: `dist/` in .gitignore speaks of "dist".
  return ignored(path, PathKind::directory) || ignored(path, PathKind::file)
             ? Existence::ignored_by_design
             : Existence::absent;
}

std::optional<std::string> Tree::resolve(std::string_view path) const {
  std::string at = join_path("", path);
  for (int links = 0; links <= most_links; ++links) {
    if (is_outside(at)) return at;
    const std::pair<std::string, std::string>* link = nullptr;
    std::size_t end = 0;
    while (link == nullptr && end < at.size() && !parts_.links.empty()) {
      end = std::min(at.find('/', end + 1), at.size());
      const std::string_view part = std::string_view(at).substr(0, end);
      const auto found = std::ranges::lower_bound(
          parts_.links, part, {}, [](const auto& pair) -> std::string_view { return pair.first; });
      if (found != parts_.links.end() && found->first == part) link = &*found;
    }
    if (link == nullptr) return at;
    at = join_path(parent_path(link->first), link->second + at.substr(end));
  }
  return std::nullopt;
}

Existence Tree::exists(std::string_view path) const {
  const std::string normal = join_path("", path);
  if (is_outside(normal)) return Existence::outside;
  if (const auto found = exists_literally(normal)) return *found;
  // Rare enough to walk the path again from its beginning.
  const auto real = resolve(normal);
  if (!real) return Existence::absent;
  if (is_outside(*real)) return Existence::outside;
  return exists_literally(*real).value_or(Existence::absent);
}

std::vector<TreeChild> Tree::children(std::string_view directory) const {
  std::vector<TreeChild> result;
  const std::size_t skip = directory.empty() ? 0 : directory.size() + 1;
  const std::span<const TreeEntry> range = under(directory);
  for (auto at = range.begin(); at != range.end();) {
    const std::string_view rest = at->path.substr(skip);
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) {
      result.push_back({.name = rest, .entry = &*at});
      ++at;
      continue;
    }
    const std::string_view child = at->path.substr(0, skip + slash);
    result.push_back({.name = rest.substr(0, slash)});
    at = std::partition_point(at, range.end(),
                              [&](const TreeEntry& entry) { return is_below(entry.path, child); });
  }
  // "a.b" stands before "a/c" among paths, and after "a" among names. An unreadable
  // directory is an entry and may have tracked ones below it.
  std::ranges::sort(result, {}, &TreeChild::name);
  const auto repeated = std::ranges::unique(result, {}, &TreeChild::name);
  result.erase(repeated.begin(), repeated.end());
  return result;
}

std::optional<std::string> Tree::exists_ignoring_case(std::string_view path) const {
  const std::string normal = join_path("", path);
  if (normal.empty() || is_outside(normal)) return std::nullopt;
  // Both "Src" and "src" may be there, so that each level can have several candidates.
  std::vector<std::string> candidates = {""};
  std::string_view rest = normal;
  while (!rest.empty() && !candidates.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string wanted = folded(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
    std::vector<std::string> next;
    for (const std::string& candidate : candidates)
      for (const TreeChild& child : children(candidate))
        if (child.name.size() == wanted.size() && folded(child.name) == wanted)
          next.push_back(join_path(candidate, child.name));
    candidates = std::move(next);
  }
  for (std::string& candidate : candidates)
    if (candidate != normal) return std::move(candidate);
  return std::nullopt;
}

std::optional<IgnoreRules::Reason> Tree::ignored(std::string_view path, PathKind kind) const {
  if (find(path) != nullptr) return std::nullopt;
  // Deleted in the working tree, but a checkout elsewhere has it.
  const auto skipped = std::ranges::lower_bound(parts_.skipped, path, {}, &Skipped::path);
  if (skipped != parts_.skipped.end() && skipped->path == path &&
      skipped->reason == SkipReason::deleted)
    return std::nullopt;
  if (parts_.prefix.empty()) return parts_.ignore.ignored(path, kind);
  auto reason = parts_.ignore.ignored(join_path(parts_.prefix, path), kind);
  // As all paths here: from the root of this tree. Above it they stay as Git has them.
  if (reason)
    for (std::string* each : {&reason->file, &reason->path})
      if (each->starts_with(parts_.prefix + "/")) each->erase(0, parts_.prefix.size() + 1);
  return reason;
}

} // namespace aethel
