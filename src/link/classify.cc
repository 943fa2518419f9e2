#include "link/classify.h"

#include "base/files.h"

#include <algorithm>
#include <unordered_map>

namespace aethel {
namespace data {
extern const std::string_view tree_classes;
}

namespace {

enum class Needs : std::uint8_t { nothing, beside, inside };

struct NamedDirectory {
  FileClass file_class;
  Needs needs;
  std::vector<std::string_view> witnesses;
};

struct NamedFile {
  FileClass file_class;
  PathPattern pattern;
};

struct Names {
  std::unordered_multimap<std::string_view, NamedDirectory> directories;
  std::vector<NamedFile> files;
};

std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

const Names& known_names() {
  static const Names names = [] {
    Names result;
    for (std::string_view rest = data::tree_classes; !rest.empty();) {
      std::string_view line = take_until(rest, '\n');
      if (line.empty() || line.starts_with('#')) continue;
      const FileClass file_class =
          take_until(line, '\t') == "vendored" ? FileClass::vendored : FileClass::generated;
      const bool directory = take_until(line, '\t') == "directory";
      const std::string_view name = take_until(line, '\t');
      if (!directory) {
        result.files.push_back({file_class, PathPattern(name)});
        continue;
      }
      NamedDirectory entry{file_class, Needs::nothing, {}};
      if (!line.empty())
        entry.needs = take_until(line, ':') == "beside" ? Needs::beside : Needs::inside;
      while (!line.empty()) entry.witnesses.push_back(take_until(line, ','));
      result.directories.emplace(name, std::move(entry));
    }
    return result;
  }();
  return names;
}

class Paths {
public:
  explicit Paths(std::span<const std::string_view> paths) : paths_(paths) {}
  // A file or directory whose path begins so.
  bool any_begins(const std::string& beginning) const {
    const auto at = std::ranges::lower_bound(paths_, beginning);
    return at != paths_.end() && at->starts_with(beginning);
  }
  bool contains(const std::string& path) const {
    return std::ranges::binary_search(paths_, path) || any_begins(path + '/');
  }

private:
  std::span<const std::string_view> paths_;
};

enum class Order : std::uint8_t { before, inside, after };
// Of a path to the content of a directory: "a.b" stands before "a/c".
Order order(std::string_view path, std::string_view directory) {
  const int difference = path.substr(0, directory.size()).compare(directory);
  if (difference != 0) return difference < 0 ? Order::before : Order::after;
  const char next = path.size() > directory.size() ? path[directory.size()] : '\0';
  return next == '/' ? Order::inside : next < '/' ? Order::before : Order::after;
}

// A directory with workflows that GitHub never runs is a copy of another repository when
// something else of it speaks to that repository's visitors: its license, its owners, its
// templates. A package of ours that only has misplaced workflows stays ours.
bool is_copied_repository(const Paths& paths, const std::string& directory) {
  for (const std::string_view witness :
       {"LICENSE", "LICENCE", "License", "license", "COPYING", ".github/CODEOWNERS",
        ".github/ISSUE_TEMPLATE", ".github/PULL_REQUEST_TEMPLATE", ".github/pull_request_template"})
    if (paths.any_begins(join_path(directory, witness))) return true;
  return false;
}

FileClass class_by_name(const Paths& paths, std::string_view directory) {
  const auto [begin, end] = known_names().directories.equal_range(file_name(directory));
  for (auto at = begin; at != end; ++at) {
    const NamedDirectory& named = at->second;
    if (named.needs == Needs::nothing) return named.file_class;
    const std::string_view where =
        named.needs == Needs::inside ? directory : parent_path(directory);
    for (const std::string_view witness : named.witnesses)
      if (paths.contains(join_path(where, witness))) return named.file_class;
  }
  return FileClass::ours;
}

SkipReason reason_of(FileClass file_class) {
  switch (file_class) {
  case FileClass::vendored: return SkipReason::vendored;
  case FileClass::generated: return SkipReason::generated;
  case FileClass::lfs: return SkipReason::lfs;
  default: return SkipReason::nested_repository;
  }
}

void apply(const Attributes& attributes, TreeEntry& entry) {
  FileClass& file_class = entry.file_class;
  const bool foreign =
      file_class == FileClass::vendored || file_class == FileClass::nested_repository;
  if (attributes.vendored == Attribute::yes)
    file_class = FileClass::vendored;
  else if (attributes.vendored == Attribute::no && foreign)
    file_class = FileClass::ours;
  if (attributes.generated == Attribute::yes && file_class == FileClass::ours)
    file_class = FileClass::generated;
  else if (attributes.generated == Attribute::no && file_class == FileClass::generated)
    file_class = FileClass::ours;
  if (attributes.lfs == Attribute::yes && file_class == FileClass::ours)
    file_class = FileClass::lfs;
  entry.binary = attributes.text == Attribute::no;
  entry.documentation = attributes.documentation == Attribute::yes;
}

} // namespace

bool is_always_foreign(std::string_view directory_name) {
  const auto [begin, end] = known_names().directories.equal_range(directory_name);
  return std::any_of(begin, end, [](const auto& item) {
    return item.second.needs == Needs::nothing && item.second.file_class == FileClass::vendored;
  });
}

std::vector<ForeignDirectory> foreign_directories(std::span<const std::string_view> all,
                                                  std::vector<std::string> repositories) {
  const Paths paths(all);
  constexpr std::string_view workflows = "/.github/workflows/";
  std::string_view last;
  for (const std::string_view path : all) {
    const std::size_t at = path.find(workflows);
    if (at == std::string_view::npos || path.substr(0, at) == last) continue;
    last = path.substr(0, at);
    if (is_copied_repository(paths, std::string(last))) repositories.emplace_back(last);
  }
  std::ranges::sort(repositories);

  std::vector<ForeignDirectory> foreign;
  std::string_view before; // the last directory that was looked at, ours as a whole
  for (const std::string_view path : all) {
    const std::string_view directory = parent_path(path);
    if (directory == before) continue;
    if (!foreign.empty() && order(path, foreign.back().path) == Order::inside) continue;
    // Parts that it shares with the one before were looked at then.
    const auto [mine, other] = std::ranges::mismatch(directory, before);
    const auto shared = static_cast<std::size_t>(mine - directory.begin());
    before = directory;
    for (std::size_t end = 0; end < directory.size();) {
      end = std::min(directory.find('/', end + 1), directory.size());
      if (end < shared) continue;
      const std::string_view part = directory.substr(0, end);
      const FileClass found =
          std::ranges::binary_search(repositories, part, {}, [](std::string_view s) { return s; })
              ? FileClass::nested_repository
              : class_by_name(paths, part);
      if (found == FileClass::ours) continue;
      foreign.push_back({part, found});
      before = parent_path(part);
      break;
    }
  }
  return foreign;
}

std::vector<Skipped> classify(std::span<TreeEntry> entries,
                              std::span<const ForeignDirectory> foreign,
                              const AttributeRules& attributes, std::string_view prefix) {
  std::vector<Skipped> skipped;
  for (const ForeignDirectory& directory : foreign)
    skipped.push_back({std::string(directory.path) + '/', reason_of(directory.file_class), 0});
  std::size_t next = 0; // of `foreign`; both are in the order of paths
  for (TreeEntry& entry : entries) {
    while (next < foreign.size() && order(entry.path, foreign[next].path) == Order::after) ++next;
    const bool inside =
        next < foreign.size() && order(entry.path, foreign[next].path) == Order::inside;
    const FileClass by_directory = inside ? foreign[next].file_class : FileClass::ours;
    entry.file_class = by_directory;
    if (!inside && entry.type == EntryType::file)
      for (const NamedFile& named : known_names().files)
        if (named.pattern.matches(file_name(entry.path), PathKind::file))
          entry.file_class = named.file_class;
    if (!attributes.empty())
      apply(attributes.of(prefix.empty() ? std::string(entry.path) : join_path(prefix, entry.path)),
            entry);
    if (entry.type != EntryType::file || entry.file_class == FileClass::ours) continue;
    if (entry.file_class == by_directory)
      ++skipped[next].files;
    else
      skipped.push_back({std::string(entry.path), reason_of(entry.file_class)});
  }
  std::erase_if(skipped, [](const Skipped& item) { return item.files == 0; });
  return skipped;
}

} // namespace aethel
