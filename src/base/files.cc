#include "base/files.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace aethel {
namespace {

FileType type_of(mode_t mode) {
  if (S_ISREG(mode)) return FileType::regular;
  if (S_ISDIR(mode)) return FileType::directory;
  if (S_ISLNK(mode)) return FileType::symlink;
  return FileType::other;
}

FileType type_of_entry(unsigned char type) {
  switch (type) {
  case DT_REG: return FileType::regular;
  case DT_DIR: return FileType::directory;
  case DT_LNK: return FileType::symlink;
  default: return FileType::other;
  }
}

class DiskFiles final : public Vfs {
public:
  explicit DiskFiles(std::string root) : root_(std::move(root)) {
    while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
    char real[PATH_MAX];
    if (::realpath(root_.c_str(), real) != nullptr) real_root_ = real;
  }

  Result<std::string> read(std::string_view path, std::uint64_t limit) const override {
    if (!contained(path)) return fail(Failure{.message = "outside the root", .path = std::string(path)});
    // O_NONBLOCK: a FIFO in a working tree must not hang the run.
    const int descriptor = ::open(full(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return failure(path);
    struct Closer {
      int descriptor;
      ~Closer() { ::close(descriptor); }
    } closer{descriptor};
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return failure(path);
    if (!S_ISREG(status.st_mode))
      return fail(Failure{.message = "not a regular file", .path = std::string(path)});
    if (static_cast<std::uint64_t>(status.st_size) > limit)
      return fail(Failure{.message = "larger than " + std::to_string(limit) + " bytes",
                          .path = std::string(path)});
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t got = ::read(descriptor, bytes.data() + done, bytes.size() - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failure(path);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  }

  FileStatus status(std::string_view path) const override {
    struct stat status {};
    if (!contained_parent(path) || ::lstat(full(path).c_str(), &status) != 0) return {};
    return {.type = type_of(status.st_mode),
            .size = static_cast<std::uint64_t>(status.st_size),
            .executable = (status.st_mode & S_IXUSR) != 0};
  }

  Result<std::vector<DirectoryEntry>> list(std::string_view path) const override {
    DIR* directory = ::opendir(full(path).c_str());
    if (directory == nullptr) return failure(path);
    std::vector<DirectoryEntry> entries;
    while (const dirent* entry = ::readdir(directory)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      FileType type = type_of_entry(entry->d_type);
      if (entry->d_type == DT_UNKNOWN) type = status(join_path(path, name)).type;
      entries.push_back({.name = std::string(name), .type = type});
    }
    ::closedir(directory);
    std::ranges::sort(entries, {}, &DirectoryEntry::name);
    return entries;
  }

  Result<std::string> read_link(std::string_view path) const override {
    std::string target(4096, '\0');
    const ssize_t length = ::readlink(full(path).c_str(), target.data(), target.size());
    if (length < 0) return failure(path);
    target.resize(static_cast<std::size_t>(length));
    return target;
  }

private:
  std::string full(std::string_view path) const {
    if (path.empty()) return root_;
    return root_ + '/' + std::string(path);
  }

  // A symlink may lead anywhere; what it names outside the root is not the
  // repository's, and reading it could print a file of the machine.
  bool contained(std::string_view path) const {
    if (is_outside(path)) return false;
    return within_root(full(path));
  }
  bool contained_parent(std::string_view path) const {
    if (is_outside(path)) return false;
    return path.empty() || within_root(full(parent_path(path)));
  }
  bool within_root(const std::string& path) const {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return true; // absent: open reports it
    char real[PATH_MAX];
    if (::realpath(path.c_str(), real) == nullptr) return true;
    const std::string_view inner = real, outer = real_root_;
    if (outer.empty()) return false;
    if (outer == "/") return true;
    return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
  }

  static std::unexpected<Failure> failure(std::string_view path) {
    return fail(Failure{.message = std::strerror(errno), .path = std::string(path)});
  }

  std::string root_;
  std::string real_root_;
};

} // namespace

std::unique_ptr<Vfs> disk_files(std::string root) {
  return std::make_unique<DiskFiles>(std::move(root));
}

void MemoryFiles::make_directory(std::string path) {
  for (std::string_view at = path; !at.empty(); at = parent_path(at))
    entries_.try_emplace(std::string(at), Entry{FileType::directory, {}});
}

void MemoryFiles::write(std::string path, std::string bytes) {
  make_directory(std::string(parent_path(path)));
  entries_.insert_or_assign(std::move(path), Entry{FileType::regular, std::move(bytes)});
}

void MemoryFiles::link(std::string path, std::string target) {
  make_directory(std::string(parent_path(path)));
  entries_.insert_or_assign(std::move(path), Entry{FileType::symlink, std::move(target)});
}

Result<std::string> MemoryFiles::read(std::string_view path, std::uint64_t limit) const {
  std::string at(path);
  for (int hops = 0; hops < 40; ++hops) {
    const auto found = entries_.find(at);
    if (found == entries_.end())
      return fail(Failure{.message = "no such file or directory", .path = std::string(path)});
    if (found->second.type == FileType::symlink) {
      at = join_path(parent_path(at), found->second.bytes);
      continue;
    }
    if (found->second.type != FileType::regular)
      return fail(Failure{.message = "not a regular file", .path = std::string(path)});
    if (found->second.bytes.size() > limit)
      return fail(Failure{.message = "larger than " + std::to_string(limit) + " bytes",
                          .path = std::string(path)});
    return found->second.bytes;
  }
  return fail(Failure{.message = "too many levels of symbolic links", .path = std::string(path)});
}

FileStatus MemoryFiles::status(std::string_view path) const {
  if (path.empty()) return {.type = FileType::directory};
  const auto found = entries_.find(path);
  if (found == entries_.end()) return {};
  return {.type = found->second.type, .size = found->second.bytes.size()};
}

Result<std::vector<DirectoryEntry>> MemoryFiles::list(std::string_view path) const {
  if (status(path).type != FileType::directory)
    return fail(Failure{.message = "not a directory", .path = std::string(path)});
  const std::string prefix = path.empty() ? "" : std::string(path) + '/';
  std::vector<DirectoryEntry> result;
  for (auto at = entries_.lower_bound(prefix); at != entries_.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    const std::string_view rest = std::string_view(at->first).substr(prefix.size());
    if (!rest.empty() && rest.find('/') == std::string_view::npos)
      result.push_back({.name = std::string(rest), .type = at->second.type});
  }
  std::ranges::sort(result, {}, &DirectoryEntry::name);
  return result;
}

Result<std::string> MemoryFiles::read_link(std::string_view path) const {
  const auto found = entries_.find(path);
  if (found == entries_.end() || found->second.type != FileType::symlink)
    return fail(Failure{.message = "not a symbolic link", .path = std::string(path)});
  return found->second.bytes;
}

std::string join_path(std::string_view directory, std::string_view path) {
  std::vector<std::string_view> parts;
  std::size_t above = 0;
  auto walk = [&](std::string_view text) {
    while (!text.empty()) {
      const std::size_t slash = text.find('/');
      const std::string_view part = text.substr(0, slash);
      text = slash == std::string_view::npos ? "" : text.substr(slash + 1);
      if (part.empty() || part == ".") continue;
      if (part != "..") parts.push_back(part);
      else if (!parts.empty()) parts.pop_back();
      else ++above;
    }
  };
  if (!path.starts_with('/')) walk(directory);
  walk(path);
  std::string result = path.starts_with('/') ? "/" : "";
  if (result.empty())
    for (; above > 0; --above) parts.insert(parts.begin(), "..");
  for (const std::string_view part : parts) {
    if (!result.empty() && !result.ends_with('/')) result += '/';
    result += part;
  }
  return result;
}

std::string_view parent_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_outside(std::string_view path) {
  return path == ".." || path.starts_with("../") || path.starts_with('/');
}

std::string relative_path(std::string_view path, std::string_view directory) {
  if (path == directory) return ".";
  if (directory.empty() || path.starts_with('/')) return std::string(path);
  std::string result;
  std::string_view base = directory;
  while (!base.empty()) {
    if (path == base) return result.empty() ? "." : result.substr(0, result.size() - 1);
    if (path.starts_with(base) && path[base.size()] == '/')
      return result + std::string(path.substr(base.size() + 1));
    result += "../";
    base = parent_path(base);
  }
  return result + std::string(path);
}

} // namespace aethel
