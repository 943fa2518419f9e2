#include "link/steps/world.h"

#include "base/files.h"
#include "knowledge/table.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace aethel::steps {
namespace {

// The folder above, and whether there is one: the workspace has none.
std::optional<std::string_view> above(std::string_view path) {
  if (path.empty() || path == "/" || path == "~" || path == "..") return std::nullopt;
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::string_view();
  if (slash == 0) return path.substr(0, 1);
  return path.substr(0, slash);
}

bool is_below(std::string_view path, std::string_view directory) {
  if (directory.empty()) return !path.empty() && is_in_workspace(path);
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

} // namespace

std::string_view name_of(Answer answer) {
  return answer == Answer::no ? "no" : answer == Answer::yes ? "yes" : "maybe";
}

bool is_in_workspace(std::string_view path) {
  return !path.starts_with('/') && !path.starts_with('~') && !is_outside(path);
}

std::string locate(std::string_view directory, std::string_view path) {
  std::string whole;
  if (path.starts_with('/') || path.starts_with('~'))
    whole = path;
  else
    whole =
        directory.empty() ? std::string(path) : std::string(directory) + "/" + std::string(path);
  const bool absolute = whole.starts_with('/');
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= whole.size();) {
    const std::size_t end = std::min(whole.find('/', at), whole.size());
    const std::string_view part = std::string_view(whole).substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    const bool up = part == ".." && !parts.empty() && parts.back() != ".." && parts.back() != "~";
    if (up)
      parts.pop_back();
    else if (part != ".." || !absolute)
      parts.push_back(part);
  }
  std::string result = absolute ? "/" : "";
  for (const std::string_view part : parts) {
    if (!result.empty() && result != "/") result += '/';
    result += part;
  }
  return result;
}

const std::pair<const std::string, World::Content>* World::mount_of(std::string_view path) const {
  for (std::optional<std::string_view> at = path; at; at = above(*at)) {
    const auto found = mounts_.find(*at);
    if (found != mounts_.end()) return &*found;
  }
  return nullptr;
}

Answer World::base(std::string_view path) const {
  if (!is_in_workspace(path)) return Answer::maybe;
  if (path.empty()) return Answer::yes;
  const auto* mount = mount_of(path);
  if (mount == nullptr || mount->second == Content::unknown || tree_ == nullptr)
    return Answer::maybe;
  // A folder above a mount is there because of it.
  for (const auto& [directory, content] : mounts_)
    if (is_below(directory, path) || directory == path)
      return content == Content::perhaps ? Answer::maybe : Answer::yes;
  if (mount->second == Content::empty) return Answer::no;
  std::string_view rest = path;
  if (!mount->first.empty()) rest.remove_prefix(std::min(rest.size(), mount->first.size() + 1));
  switch (tree_->exists(rest)) {
  case Existence::absent: return Answer::no;
  case Existence::file:
  case Existence::directory: return mount->second == Content::perhaps ? Answer::maybe : Answer::yes;
  // A checkout leaves the folder of a submodule empty, so it is there.
  case Existence::submodule: return mount->second == Content::perhaps ? Answer::maybe : Answer::yes;
  case Existence::ignored_by_design:
  case Existence::outside:
  case Existence::unknown: return Answer::maybe;
  }
  return Answer::maybe;
}

Answer World::exists(std::string_view path) const {
  const auto own = entries_.find(path);
  if (own != entries_.end() && own->second.self) return *own->second.self;
  bool more = anything_;
  for (auto at = above(path); at; at = above(*at)) {
    const auto found = entries_.find(*at);
    if (found == entries_.end()) continue;
    if (found->second.below == Below::none) return more ? Answer::maybe : Answer::no;
    if (found->second.below == Below::unknown) return Answer::maybe;
    if (found->second.below == Below::more) more = true;
  }
  const Answer answer = base(path);
  if (answer != Answer::no) return answer;
  if (more) return Answer::maybe;
  if (!names_.empty())
    for (std::optional<std::string_view> at = path; at && !at->empty(); at = above(*at))
      for (const std::string& name : names_)
        if (knowledge::matches(name, file_name(*at))) return Answer::maybe;
  return Answer::no;
}

Answer World::exists_if_committed(std::string_view path) const {
  const Answer answer = exists(path);
  if (answer != Answer::maybe || anything_ || entries_.contains(path) || tree_ == nullptr)
    return answer;
  const auto* mount = mount_of(path);
  if (mount == nullptr || mount->second != Content::repository) return answer;
  for (auto at = above(path); at; at = above(*at))
    if (const auto found = entries_.find(*at);
        found != entries_.end() && found->second.below != Below::inherit)
      return answer;
  for (const std::string& name : names_)
    if (knowledge::matches(name, file_name(path))) return answer;
  std::string_view rest = path;
  if (!mount->first.empty()) rest.remove_prefix(std::min(rest.size(), mount->first.size() + 1));
  return tree_->exists(rest) == Existence::ignored_by_design ? Answer::no : answer;
}

Answer World::exists_named(std::string_view name) const {
  for (const auto& [path, entry] : entries_)
    if (entry.self == Answer::yes && is_in_workspace(path) && file_name(path) == name)
      return Answer::yes;
  if (tree_ == nullptr || anything_ || !names_.empty()) return Answer::maybe;
  for (const auto& [path, entry] : entries_)
    if (is_in_workspace(path) && (entry.self || entry.below != Below::inherit))
      return Answer::maybe;
  bool repository = false;
  for (const auto& [directory, content] : mounts_) {
    if (content == Content::perhaps || content == Content::unknown) return Answer::maybe;
    repository = repository || content == Content::repository;
  }
  if (!repository) return Answer::no;
  for (const TreeEntry& entry : tree_->entries()) {
    if (file_name(entry.path) == name) return Answer::yes;
    if (entry.type == EntryType::submodule || entry.type == EntryType::directory)
      return Answer::maybe;
  }
  return Answer::no;
}

Answer World::is_directory(std::string_view path) const {
  const auto own = entries_.find(path);
  if (own != entries_.end() && own->second.directory)
    return *own->second.directory ? Answer::yes : Answer::no;
  if (path.empty() || path == "/" || path == "~") return Answer::yes;
  if (!is_in_workspace(path)) return Answer::maybe;
  const auto lower = entries_.upper_bound(std::string(path) + "/");
  if (lower != entries_.end() && is_below(lower->first, path) && lower->second.self == Answer::yes)
    return Answer::yes;
  const auto* mount = mount_of(path);
  if (mount == nullptr || tree_ == nullptr || mount->second == Content::unknown)
    return Answer::maybe;
  std::string_view rest = path;
  if (!mount->first.empty()) rest.remove_prefix(std::min(rest.size(), mount->first.size() + 1));
  switch (tree_->exists(rest)) {
  case Existence::directory:
  case Existence::submodule: return Answer::yes;
  case Existence::file: return Answer::no;
  default: return Answer::maybe;
  }
}

std::optional<std::string> World::committed(std::string_view path) const {
  if (!is_in_workspace(path) || exists(path) == Answer::no || tree_ == nullptr) return std::nullopt;
  const auto own = entries_.find(path);
  if (own != entries_.end() && own->second.self && own->second.directory) return std::nullopt;
  const auto* mount = mount_of(path);
  if (mount == nullptr || mount->second == Content::empty || mount->second == Content::unknown)
    return std::nullopt;
  std::string_view rest = path;
  if (!mount->first.empty()) rest.remove_prefix(std::min(rest.size(), mount->first.size() + 1));
  if (tree_->exists(rest) != Existence::file) return std::nullopt;
  return tree_->resolve(rest);
}

void World::make_parents(std::string_view path) {
  for (auto at = above(path); at && !at->empty() && *at != "/"; at = above(*at)) {
    if (exists(*at) == Answer::yes) break;
    Entry& entry = entries_[std::string(*at)];
    entry.self = Answer::yes;
    entry.directory = true;
  }
}

void World::create_file(std::string_view path) {
  make_parents(path);
  Entry& entry = entries_[std::string(path)];
  entry.self = Answer::yes;
  entry.directory = false;
}

void World::create_directory(std::string_view path) {
  if (path.empty()) return;
  make_parents(path);
  Entry& entry = entries_[std::string(path)];
  entry.self = Answer::yes;
  entry.directory = true;
}

void World::fill(std::string_view directory) {
  create_directory(directory);
  may_hold_more(directory);
}

void World::may_hold_more(std::string_view directory) {
  for (auto& [path, each] : entries_)
    if (is_below(path, directory)) {
      if (each.self == Answer::no) each.self = Answer::maybe;
      if (each.below == Below::none) each.below = Below::unknown;
    }
  Entry& entry = entries_[std::string(directory)];
  if (entry.below != Below::unknown) entry.below = Below::more;
  if (!directory.empty()) may_create(directory);
}

// What was removed before may be made again.
void World::may_create_name(std::string_view name) {
  // What carries the name, and what is below it: it comes with content.
  for (auto& [path, entry] : entries_)
    for (std::optional<std::string_view> at = path; at && !at->empty(); at = above(*at)) {
      if (!knowledge::matches(name, file_name(*at))) continue;
      if (entry.self == Answer::no) entry.self = Answer::maybe;
      if (entry.below == Below::none) entry.below = Below::unknown;
      break;
    }
  names_.emplace(name);
}

void World::may_create_anything() {
  for (auto& [path, entry] : entries_) {
    if (entry.self == Answer::no) entry.self = Answer::maybe;
    if (entry.below == Below::none) entry.below = Below::unknown;
  }
  anything_ = true;
}

void World::may_create(std::string_view path) {
  for (std::optional<std::string_view> at = path; at && !at->empty() && *at != "/";
       at = above(*at)) {
    if (exists(*at) != Answer::no) continue;
    entries_[std::string(*at)].self = Answer::maybe;
  }
}

void World::erase_below(std::string_view path) {
  std::erase_if(entries_, [&](const auto& each) { return is_below(each.first, path); });
}

void World::remove(std::string_view path) {
  if (path.empty()) return unknown_below(path);
  erase_below(path);
  entries_[std::string(path)] = {.self = Answer::no, .below = Below::none};
}

void World::may_remove(std::string_view path) {
  if (path.empty()) return unknown_below(path);
  if (exists(path) == Answer::no) return;
  unknown_below(path);
  entries_[std::string(path)].self = Answer::maybe;
}

void World::unknown_below(std::string_view directory) {
  erase_below(directory);
  entries_[std::string(directory)].below = Below::unknown;
}

void World::mount(std::string_view directory, Content content) {
  // `actions/checkout` cleans the folder that it fills.
  erase_below(directory);
  const auto own = entries_.find(directory);
  if (own != entries_.end()) entries_.erase(own);
  std::erase_if(mounts_, [&](const auto& each) { return is_below(each.first, directory); });
  mounts_[std::string(directory)] = content;
}

void World::assume(std::string_view path, Answer answer) {
  if (path.empty()) return;
  if (answer == Answer::yes) make_parents(path);
  if (answer != Answer::no || exists(path) != Answer::no) entries_[std::string(path)].self = answer;
}

void World::doubt(std::string_view path) {
  if (path.empty() || exists(path) == Answer::maybe) return;
  Entry& entry = entries_[std::string(path)];
  entry.self = Answer::maybe;
  entry.below = Below::unknown;
}

void World::join(const World& other) {
  std::map<std::string, Entry, std::less<>> joined;
  const auto add = [&](const std::string& path) {
    const auto mine = std::as_const(entries_).find(path);
    const auto theirs = other.entries_.find(path);
    const Entry empty;
    const Entry& a = mine == entries_.end() ? empty : mine->second;
    const Entry& b = theirs == other.entries_.end() ? empty : theirs->second;
    Entry entry;
    if (a.self || b.self) {
      const Answer left = exists(path), right = other.exists(path);
      entry.self = left == right ? left : Answer::maybe;
      if (a.directory == b.directory)
        entry.directory = a.directory;
      else if (!a.directory || !b.directory)
        entry.directory = a.directory ? a.directory : b.directory;
    }
    if (a.below == b.below)
      entry.below = a.below;
    else if (a.below != Below::none && b.below != Below::none && a.below != Below::unknown &&
             b.below != Below::unknown)
      entry.below = Below::more;
    else
      entry.below = Below::unknown;
    joined.emplace(path, entry);
  };
  for (const auto& [path, entry] : entries_) add(path);
  for (const auto& [path, entry] : other.entries_)
    if (!entries_.contains(path)) add(path);
  std::map<std::string, Content, std::less<>> mounts = other.mounts_;
  for (const auto& [directory, content] : mounts_) {
    const auto found = mounts.find(directory);
    if (found == mounts.end())
      mounts.emplace(directory, content == Content::repository ? Content::perhaps : content);
    else if (found->second != content)
      found->second = found->second == Content::unknown || content == Content::unknown
                          ? Content::unknown
                          : Content::perhaps;
  }
  for (auto& [directory, content] : mounts)
    if (!mounts_.contains(directory) && content == Content::repository) content = Content::perhaps;
  entries_ = std::move(joined);
  mounts_ = std::move(mounts);
  names_.insert(other.names_.begin(), other.names_.end());
  anything_ = anything_ || other.anything_;
}

} // namespace aethel::steps
