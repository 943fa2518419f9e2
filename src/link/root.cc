#include "link/root.h"

#include "syntax/git_config.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace aethel {
namespace {

constexpr std::uint64_t small_file = 64 << 10;

std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// Paths of `machine` are absolute ones without their first '/'.
std::string_view inner(std::string_view absolute) { return absolute.substr(1); }
std::string absolute(std::string_view inner_path) { return '/' + std::string(inner_path); }
std::string join_inner(std::string_view directory, std::string_view written) {
  std::string joined = join_path(directory, written);
  if (joined.starts_with('/')) joined.erase(0, 1);
  return joined;
}

struct GitDirectories {
  std::string own;
  std::string common;
};

// Git's own test of a repository is a HEAD, `objects` and `refs`; a linked worktree has the
// last two in the common directory.
std::optional<GitDirectories> git_directories(const Vfs& machine, std::string_view top) {
  const std::string dot_git = join_path(inner(top), ".git");
  std::string own = dot_git;
  const FileType type = machine.status(dot_git).type;
  if (type == FileType::regular) {
    const auto text = machine.read(dot_git, small_file);
    if (!text || !text->starts_with("gitdir: ")) return std::nullopt;
    own = join_inner(inner(top), first_line(*text).substr(8));
    // A worktree that was mounted without its repository is still one, without an index.
    if (machine.status(own).type == FileType::absent)
      return GitDirectories{.own = absolute(own), .common = absolute(own)};
  } else if (type != FileType::directory && type != FileType::symlink) {
    return std::nullopt;
  }
  if (!machine.read(join_path(own, "HEAD"), small_file)) return std::nullopt;
  std::string common = own;
  if (const auto text = machine.read(join_path(own, "commondir"), small_file))
    common = join_inner(own, first_line(*text));
  return GitDirectories{.own = absolute(own), .common = absolute(common)};
}

} // namespace

Result<Root> find_root(const Vfs& machine, std::string_view directory, RootChoice choice) {
  if (machine.status(inner(directory)).type != FileType::directory)
    return fail(Failure{.message = "not a directory", .path = std::string(directory)});
  Root root{.directory = std::string(directory)};
  for (std::string_view at = inner(directory);; at = parent_path(at)) {
    const std::string top = absolute(at);
    if (const auto git = git_directories(machine, top)) {
      root.work_tree = top;
      root.git_directory = git->own;
      root.common_directory = git->common;
      if (choice == RootChoice::search)
        root.directory = top;
      else if (at.size() < inner(directory).size())
        root.prefix = inner(directory).substr(at.empty() ? 0 : at.size() + 1);
      return root;
    }
    if (at.empty()) return root;
  }
}

Result<OpenedRoot> open_root(const std::optional<std::string>& path) {
  char real[PATH_MAX];
  if (::realpath(path ? path->c_str() : ".", real) == nullptr)
    return fail(Failure{.message = std::strerror(errno), .path = path.value_or(".")});
  const std::unique_ptr<Vfs> machine = disk_files("/");
  auto root = find_root(*machine, real, path ? RootChoice::given : RootChoice::search);
  if (!root) return std::unexpected(root.error());
  OpenedRoot opened{.root = std::move(*root), .files = nullptr, .git = {}};
  opened.files = disk_files(opened.root.directory);
  if (!opened.root.work_tree.empty()) {
    opened.git.directory = disk_files(opened.root.git_directory);
    opened.git.common = disk_files(opened.root.common_directory);
    opened.git.work_tree = disk_files(opened.root.work_tree);
    opened.git.prefix = opened.root.prefix;
  }
  return opened;
}

} // namespace aethel
