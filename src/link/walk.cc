#include "link/walk.h"

#include <algorithm>
#include <utility>

namespace aethel {
namespace {

FileType file_type(IndexType type) {
  switch (type) {
  case IndexType::symlink: return FileType::symlink;
  case IndexType::submodule:
  case IndexType::directory: return FileType::directory;
  default: return FileType::regular;
  }
}

bool equal_but_for_case(std::string_view left, std::string_view right) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

} // namespace

bool is_ignored(const IgnoreScope* scope, std::string_view path, PathKind kind) {
  for (; scope != nullptr; scope = scope->above)
    if (const auto match = scope->file.match(
            path.substr(scope->directory.empty() ? 0 : scope->directory.size() + 1), kind))
      return match->ignored;
  return false;
}

Walk::Walk(const Vfs& files, const GitIndex& index, const std::vector<IndexEntry>& entries,
           std::string_view prefix, std::span<const ForeignDirectory> foreign)
    : files_(files), index_(index), entries_(entries), prefix_(prefix),
      found_(entries.size(), FileType::absent) {
  for (const ForeignDirectory& directory : foreign) foreign_.insert(directory.path);
}

// A `.git` file, or a directory that git would take for a repository.
bool Walk::is_repository(std::string_view path, FileType type) const {
  if (type == FileType::regular) {
    const auto text = files_.read(path, 4096);
    return text && text->starts_with("gitdir: ");
  }
  return type == FileType::directory &&
         files_.status(join_path(path, "HEAD")).type != FileType::absent &&
         files_.status(join_path(path, "objects")).type == FileType::directory &&
         files_.status(join_path(path, "refs")).type == FileType::directory;
}

void Walk::assume_present(const WalkDirectory& directory) {
  for (std::size_t i = directory.begin; i < directory.end; ++i)
    found_[i] = file_type(entries_[i].type);
}

DirectoryListing Walk::list(const WalkDirectory& directory) {
  DirectoryListing listed;
  const bool has_tracked = directory.begin != directory.end;
  const auto names = files_.list(directory.path);
  if (!names) {
    // What is tracked there exists for linking; its content is not known.
    assume_present(directory);
    listed.skipped.push_back({directory.path + '/', SkipReason::unreadable, 0});
    listed.opaque.push_back({directory.path, has_tracked});
    return listed;
  }

  auto type_of = [&](std::string_view name) {
    const auto at = std::ranges::lower_bound(*names, name, {}, &DirectoryEntry::name);
    return at != names->end() && at->name == name ? at->type : FileType::absent;
  };
  if (!directory.path.empty() && type_of(".git") != FileType::absent &&
      is_repository(join_path(directory.path, ".git"), type_of(".git"))) {
    if (!has_tracked) {
      listed.skipped.push_back({directory.path + '/', SkipReason::nested_repository, 0});
      listed.opaque.push_back({directory.path});
      return listed;
    }
    listed.nested_repository = true;
  }

  WalkDirectory here = directory;
  // Git does not follow a symlink to an ignore file either.
  if (!directory.ignored && type_of(".gitignore") == FileType::regular) {
    const auto text = files_.read(join_path(directory.path, ".gitignore"), largest_rule_file);
    IgnoreFile file(text.value_or(""));
    if (!file.empty()) {
      listed.scope = std::make_unique<IgnoreScope>(directory.scope, in_work_tree(directory.path),
                                                   std::move(file));
      here.scope = listed.scope.get();
    }
  }
  if (type_of(".gitattributes") == FileType::regular)
    listed.attributes =
        files_.read(join_path(directory.path, ".gitattributes"), largest_rule_file).value_or("");

  std::vector<bool> tracked(names->size(), false);
  if (has_tracked) match_tracked(here, *names, tracked, listed);
  for (std::size_t i = 0; i < names->size(); ++i)
    if (!tracked[i] && (*names)[i].name != ".git") add_untracked(here, (*names)[i], listed);
  if (!listed.untracked.empty()) {
    std::vector<std::string_view> asked;
    for (const UntrackedFile& file : listed.untracked) asked.push_back(file_name(file.path));
    const std::vector<FileStatus> status = files_.status_of(directory.path, asked);
    for (std::size_t i = 0; i < asked.size(); ++i) listed.untracked[i].status = status[i];
  }
  listed.empty = names->empty();
  return listed;
}

void Walk::match_tracked(const WalkDirectory& directory, const std::vector<DirectoryEntry>& names,
                         std::vector<bool>& tracked, DirectoryListing& listed) {
  const std::size_t skip = directory.path.empty() ? 0 : directory.path.size() + 1;
  struct Missing {
    std::string_view name;
    std::size_t begin, end;
    bool is_directory;
  };
  std::vector<Missing> missing;

  auto take = [&](std::size_t at, std::string_view name, std::size_t begin, std::size_t end,
                  bool is_directory) {
    const FileType type = names[at].type;
    if (!is_directory) {
      const bool submodule = entries_[begin].type == IndexType::submodule;
      if (type == FileType::directory && !submodule) return false; // replaced by a directory
      found_[begin] = type;
    } else if (type == FileType::directory) {
      WalkDirectory child{.path = join_path(directory.path, name),
                          .begin = begin,
                          .end = end,
                          .scope = directory.scope,
                          .ignored = directory.ignored};
      const bool sparse = begin + 1 == end && entries_[begin].type == IndexType::directory;
      if (foreign_.contains(child.path)) {
        assume_present(child);
      } else if (!sparse) {
        if (!child.ignored)
          child.ignored = is_ignored(child.scope, in_work_tree(child.path), PathKind::directory);
        listed.directories.push_back(std::move(child));
      }
    } else {
      return false;
    }
    tracked[at] = true;
    return true;
  };

  for (std::size_t i = directory.begin; i < directory.end;) {
    const std::string_view rest = path(i).substr(skip);
    const std::size_t slash = rest.find('/');
    const std::string_view name = rest.substr(0, slash);
    std::size_t end = i + 1;
    if (slash != std::string_view::npos) {
      const std::string_view child = path(i).substr(0, skip + slash + 1);
      while (end < directory.end && path(end).starts_with(child)) ++end;
    }
    const bool is_directory = slash != std::string_view::npos;
    const auto at = std::ranges::lower_bound(names, name, {}, &DirectoryEntry::name);
    const bool listed_here = at != names.end() && at->name == name;
    if (!listed_here)
      missing.push_back({name, i, end, is_directory});
    else
      take(static_cast<std::size_t>(at - names.begin()), name, i, end, is_directory);
    i = end;
  }

  // On a file system without case, "README.md" may be listed as "Readme.md". The index has
  // the name that a checkout on Linux gets, so that name is used. The file system is
  // asked, not core.ignorecase: a setting can be wrong.
  for (const Missing& lost : missing)
    for (std::size_t i = 0; i < names.size(); ++i)
      if (!tracked[i] && equal_but_for_case(names[i].name, lost.name) &&
          files_.status(join_path(directory.path, lost.name)).type != FileType::absent) {
        take(i, lost.name, lost.begin, lost.end, lost.is_directory);
        break;
      }
}

void Walk::add_untracked(const WalkDirectory& directory, const DirectoryEntry& name,
                         DirectoryListing& listed) {
  std::string path = join_path(directory.path, name.name);
  const bool is_directory = name.type == FileType::directory;
  if (directory.ignored || is_ignored(directory.scope, in_work_tree(path),
                                      is_directory ? PathKind::directory : PathKind::file)) {
    listed.skipped.push_back(
        {is_directory ? path + '/' : path, SkipReason::ignored, is_directory ? 0u : 1u});
  } else if (is_directory && is_always_foreign(name.name)) {
    listed.skipped.push_back({path + '/', SkipReason::vendored, 0});
    listed.opaque.push_back({std::move(path)});
  } else if (is_directory) {
    listed.directories.push_back({.path = std::move(path),
                                  .begin = directory.end,
                                  .end = directory.end,
                                  .scope = directory.scope});
  } else if (name.type == FileType::other || name.type == FileType::absent) {
    listed.skipped.push_back({std::move(path), SkipReason::special_file});
  } else {
    listed.untracked.push_back({std::move(path), name.type});
  }
}

} // namespace aethel
