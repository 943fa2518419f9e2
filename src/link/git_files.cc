#include "link/git_files.h"

#include "syntax/git_config.h"

#include <algorithm>

namespace aethel {
namespace {

constexpr std::uint64_t largest_index = 256u << 20;
constexpr std::uint64_t largest_config = 1u << 20;

ObjectFormat object_format(const GitFiles& common) {
  const auto text = common.read("config", largest_config);
  if (!text) return ObjectFormat::sha1;
  ObjectFormat format = ObjectFormat::sha1;
  for (const GitSetting& setting : parse_git_config(*text))
    if (setting.section == "extensions" && setting.key == "objectformat")
      format = setting.value == "sha256" ? ObjectFormat::sha256 : ObjectFormat::sha1;
  return format;
}

} // namespace

Result<std::string> GitFiles::read(std::string_view name, std::uint64_t limit) const {
  return files->read(join_path(inside, name), limit);
}

Result<GitIndex> read_index(const GitFiles& own, const GitFiles& common) {
  const auto bytes = own.read("index", largest_index);
  // A new repository has none; neither has a worktree whose repository is not mounted.
  if (!bytes && own.files->status(join_path(own.inside, "index")).type == FileType::absent)
    return GitIndex{};
  if (!bytes) return std::unexpected(bytes.error());
  const ObjectFormat format = object_format(common);
  auto file = read_index_file(*bytes, format);
  if (!file) return std::unexpected(file.error());
  if (!file->linked) return join_index(std::move(*file), nullptr);
  const auto shared_bytes = own.read("sharedindex." + file->link.base, largest_index);
  if (!shared_bytes) return std::unexpected(shared_bytes.error());
  const auto shared = read_index_file(*shared_bytes, format);
  if (!shared) return std::unexpected(shared.error());
  return join_index(std::move(*file), &*shared);
}

std::vector<IndexEntry> entries_below(const GitIndex& index, std::string_view directory) {
  if (directory.empty()) return index.entries;
  std::vector<IndexEntry> result;
  const std::string start = std::string(directory) + '/';
  for (auto at = std::ranges::lower_bound(
           index.entries, start, {}, [&](const IndexEntry& entry) { return index.path(entry); });
       at != index.entries.end() && index.path(*at).starts_with(start); ++at) {
    IndexEntry entry = *at;
    entry.name += static_cast<std::uint32_t>(start.size());
    entry.length -= static_cast<std::uint32_t>(start.size());
    if (entry.length > 0) result.push_back(entry);
  }
  return result;
}

std::vector<std::string> submodule_paths(const Vfs& work_tree, std::string_view directory) {
  std::vector<std::string> result;
  if (work_tree.status(".gitmodules").type != FileType::regular) return result;
  const auto text = work_tree.read(".gitmodules", largest_config);
  if (!text) return result;
  for (const GitSetting& setting : parse_git_config(*text)) {
    if (setting.section != "submodule" || setting.key != "path") continue;
    const std::string path = relative_path(join_path("", setting.value), directory);
    if (!path.empty() && path != "." && !is_outside(path)) result.push_back(path);
  }
  return result;
}

} // namespace aethel
