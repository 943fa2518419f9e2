#include "link/discover.h"

#include "base/parallel.h"
#include "link/classify.h"
#include "link/git_files.h"
#include "link/walk.h"

#include <algorithm>
#include <iterator>

namespace aethel {
namespace {

// Puts the tree together from what the walk found.
class Assembly {
public:
  void add_tracked(const Walk& walk, GitIndex&& index, const std::vector<IndexEntry>& entries);
  void add_untracked(const std::vector<UntrackedFile>& untracked);
  void add_empty(std::string_view path);
  void add_opaque(const std::vector<Opaque>& directories);
  // After all of the above.
  Tree finish(const Vfs& files, unsigned threads, const std::vector<std::string>& repositories,
              const AttributeRules& attributes) &&;

  TreeParts parts;

private:
  std::string_view keep(std::string text) {
    parts.names.push_back(std::make_unique<const std::string>(std::move(text)));
    return *parts.names.back();
  }
  void skip(std::string_view path, SkipReason reason) {
    parts.skipped.push_back({std::string(path), reason});
  }
};

void Assembly::add_tracked(const Walk& walk, GitIndex&& index,
                           const std::vector<IndexEntry>& entries) {
  const std::string_view names = keep(std::move(index.names));
  parts.entries.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const IndexEntry& indexed = entries[i];
    const FileType found = walk.found(i);
    TreeEntry entry{.path = names.substr(indexed.name, indexed.length),
                    .size = indexed.size,
                    .tracked = true,
                    .executable = indexed.type == IndexType::executable};
    if (found == FileType::symlink) {
      entry.type = EntryType::symlink;
    } else if (found == FileType::regular) {
      entry.type = EntryType::file;
    } else if (indexed.type == IndexType::submodule) {
      // Present or not: a checkout without `--recursive` has an empty directory.
      entry.type = EntryType::submodule;
      parts.skipped.push_back({std::string(entry.path) + '/', SkipReason::submodule, 0});
    } else if (indexed.type == IndexType::directory) {
      entry.path.remove_suffix(entry.path.ends_with('/'));
      entry.type = EntryType::directory;
      entry.content_known = false;
      parts.skipped.push_back({std::string(entry.path) + '/', SkipReason::sparse, 0});
    } else if (found != FileType::absent) {
      skip(entry.path, SkipReason::special_file);
      continue;
    } else if (indexed.skip_worktree) {
      entry.type = indexed.type == IndexType::symlink ? EntryType::symlink : EntryType::file;
      entry.content_known = false;
      skip(entry.path, SkipReason::sparse);
    } else {
      skip(entry.path, SkipReason::deleted);
      continue;
    }
    parts.entries.push_back(entry);
  }
}

void Assembly::add_untracked(const std::vector<UntrackedFile>& untracked) {
  std::size_t size = 0;
  for (const UntrackedFile& file : untracked) size += file.path.size();
  std::string joined;
  joined.reserve(size);
  for (const UntrackedFile& file : untracked) joined += file.path;
  std::string_view rest = keep(std::move(joined));
  for (const UntrackedFile& file : untracked) {
    TreeEntry entry{
        .path = rest.substr(0, file.path.size()),
        .size = static_cast<std::uint32_t>(std::min<std::uint64_t>(file.status.size, 0xffffffff)),
        .executable = file.status.executable};
    entry.type = file.type == FileType::symlink ? EntryType::symlink : EntryType::file;
    rest.remove_prefix(file.path.size());
    parts.entries.push_back(entry);
  }
}

void Assembly::add_empty(std::string_view path) {
  parts.entries.push_back({.path = keep(std::string(path)), .type = EntryType::directory});
}

void Assembly::add_opaque(const std::vector<Opaque>& directories) {
  for (const Opaque& directory : directories) {
    TreeEntry entry{.path = keep(directory.path),
                    .type = EntryType::directory,
                    .tracked = directory.tracked,
                    .content_known = false};
    parts.entries.push_back(entry);
    if (!directory.tracked) continue;
    const std::string below = directory.path + '/';
    for (TreeEntry& other : parts.entries)
      if (other.path.starts_with(below)) other.content_known = false;
  }
}

Tree Assembly::finish(const Vfs& files, unsigned threads,
                      const std::vector<std::string>& repositories,
                      const AttributeRules& attributes) && {
  // The index is in order; what was added to it often is nothing.
  if (!std::ranges::is_sorted(parts.entries, {}, &TreeEntry::path))
    std::ranges::sort(parts.entries, {}, &TreeEntry::path);

  for (TreeEntry& entry : parts.entries)
    if (entry.type == EntryType::symlink) parts.links.push_back({std::string(entry.path), ""});
  parallel_for(parts.links.size(), threads, [&](std::size_t i) {
    auto& [path, target] = parts.links[i];
    target = files.read_link(path).value_or("");
  });
  for (const auto& link : parts.links) skip(link.first, SkipReason::symlink);

  std::vector<std::string_view> paths;
  for (const TreeEntry& entry : parts.entries) paths.push_back(entry.path);
  for (Skipped& skipped :
       classify(parts.entries, foreign_directories(paths, repositories), attributes, parts.prefix))
    parts.skipped.push_back(std::move(skipped));
  std::ranges::sort(parts.skipped, {}, [](const Skipped& skipped) {
    return std::pair(std::string_view(skipped.path), skipped.reason);
  });
  return Tree(std::move(parts));
}

GitFiles git_files(const Vfs& files, const GitPlace& place) {
  if (place.directory != nullptr) return {place.directory.get(), ""};
  if (files.status(".git/HEAD").type == FileType::regular) return {&files, ".git"};
  return {};
}

using AttributeFiles = std::vector<std::pair<std::string, std::string>>; // directory, text

// Rules of the directories above the tree, when it is a part of a repository.
const IgnoreScope* read_above(const Vfs& work_tree, std::string_view prefix,
                              std::vector<std::unique_ptr<IgnoreScope>>& scopes,
                              AttributeFiles& attributes) {
  const IgnoreScope* nearest = nullptr;
  for (std::size_t end = 0; end < prefix.size();
       end = std::min(prefix.find('/', end + 1), prefix.size())) {
    const std::string directory(prefix.substr(0, end));
    auto read = [&](std::string_view name) -> std::string {
      const std::string path = join_path(directory, name);
      if (work_tree.status(path).type != FileType::regular) return "";
      return work_tree.read(path, largest_rule_file).value_or("");
    };
    if (std::string text = read(".gitattributes"); !text.empty())
      attributes.push_back({directory, std::move(text)});
    if (nearest != nullptr && is_ignored(nearest, directory, PathKind::directory)) continue;
    if (IgnoreFile file(read(".gitignore")); !file.empty()) {
      scopes.push_back(std::make_unique<IgnoreScope>(nearest, directory, std::move(file)));
      nearest = scopes.back().get();
    }
  }
  return nearest;
}

} // namespace

Result<Tree> discover(const Vfs& files, const DiscoverOptions& options) {
  if (const auto root = files.list(""); !root) return std::unexpected(root.error());
  Assembly assembly;
  TreeParts& parts = assembly.parts;
  const Vfs* work_tree = options.git.work_tree != nullptr ? options.git.work_tree.get() : &files;
  std::string prefix = options.git.prefix;

  const GitFiles git = git_files(files, options.git);
  GitIndex index;
  if (git.files != nullptr) {
    parts.kind = TreeKind::git;
    const GitFiles common =
        options.git.common != nullptr ? GitFiles{options.git.common.get(), ""} : git;
    if (auto read = read_index(git, common))
      index = std::move(*read);
    else
      parts.skipped.push_back({".git/index", SkipReason::broken_index, 0});
  }
  const std::vector<IndexEntry> entries = entries_below(index, prefix);

  std::vector<std::unique_ptr<IgnoreScope>> scopes;
  AttributeFiles attribute_files;
  const IgnoreScope* above = read_above(*work_tree, prefix, scopes, attribute_files);
  IgnoreRules around;
  for (const auto& scope : scopes) around.add(scope->directory, scope->file);
  if (entries.empty() && !prefix.empty() && around.ignored(prefix, PathKind::directory)) {
    // Who names a directory that the repository around it ignores wants it linked.
    parts.kind = TreeKind::folder;
    scopes.clear();
    attribute_files.clear();
    above = nullptr;
    work_tree = &files;
    prefix.clear();
  }

  std::vector<std::string> repositories = submodule_paths(*work_tree, prefix);
  std::vector<std::string_view> tracked;
  for (const IndexEntry& entry : entries) tracked.push_back(index.path(entry));
  Walk walk(files, index, entries, prefix, foreign_directories(tracked, repositories));
  std::vector<UntrackedFile> untracked;
  std::vector<Opaque> opaque;
  // Level by level: all directories of one depth in parallel, in the order of their parents.
  std::vector<WalkDirectory> level;
  level.push_back({.end = entries.size(), .scope = above});
  while (!level.empty()) {
    std::vector<DirectoryListing> listings(level.size());
    parallel_for(level.size(), options.threads,
                 [&](std::size_t i) { listings[i] = walk.list(level[i]); });
    std::vector<WalkDirectory> next;
    for (std::size_t i = 0; i < level.size(); ++i) {
      DirectoryListing& listing = listings[i];
      const std::string& path = level[i].path;
      if (!listing.attributes.empty())
        attribute_files.push_back(
            {prefix.empty() ? path : join_path(prefix, path), std::move(listing.attributes)});
      if (listing.scope) scopes.push_back(std::move(listing.scope));
      if (listing.nested_repository) repositories.push_back(path);
      // Git has no empty directories, so that a checkout elsewhere lacks this one.
      if (listing.empty && parts.kind == TreeKind::folder && !path.empty())
        assembly.add_empty(path);
      std::ranges::move(listing.directories, std::back_inserter(next));
      std::ranges::move(listing.untracked, std::back_inserter(untracked));
      std::ranges::move(listing.skipped, std::back_inserter(parts.skipped));
      std::ranges::move(listing.opaque, std::back_inserter(opaque));
    }
    level = std::move(next);
  }

  assembly.add_tracked(walk, std::move(index), entries);
  assembly.add_untracked(untracked);
  assembly.add_opaque(opaque);
  std::ranges::sort(attribute_files); // macros of the top apply below it
  AttributeRules attributes;
  for (const auto& [directory, text] : attribute_files) attributes.add(directory, text);
  for (auto& scope : scopes) parts.ignore.add(scope->directory, std::move(scope->file));
  parts.prefix = std::move(prefix);
  return std::move(assembly).finish(files, options.threads, repositories, attributes);
}

} // namespace aethel
