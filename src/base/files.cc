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
#include <utility>
#ifdef __linux__
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

namespace aethel {
namespace {

FileType type_of(mode_t mode) {
  if (S_ISREG(mode)) return FileType::regular;
  if (S_ISDIR(mode)) return FileType::directory;
  if (S_ISLNK(mode)) return FileType::symlink;
  return FileType::other;
}

FileStatus status_from(const struct stat& status) {
  return {.type = type_of(status.st_mode),
          .size = static_cast<std::uint64_t>(status.st_size),
          .executable = (status.st_mode & S_IXUSR) != 0};
}

FileType type_of_entry(unsigned char type) {
  switch (type) {
  case DT_REG: return FileType::regular;
  case DT_DIR: return FileType::directory;
  case DT_LNK: return FileType::symlink;
  default: return FileType::other;
  }
}

// An open file that closes itself.
class Descriptor {
public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }
  explicit operator bool() const { return value_ >= 0; }

private:
  int value_;
};

#ifdef O_PATH
constexpr int only_look = O_PATH; // needs no permission to read
#else
constexpr int only_look = O_RDONLY;
#endif

class DiskFiles final : public Vfs {
public:
  explicit DiskFiles(std::string root)
      : root_(std::move(root)),
        descriptor_(::open(root_.c_str(), only_look | O_DIRECTORY | O_CLOEXEC)) {
    while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
    char real[PATH_MAX];
    if (::realpath(root_.c_str(), real) != nullptr) real_root_ = real;
  }

  Result<std::string> read(std::string_view path, std::uint64_t limit) const override {
    // O_NONBLOCK: a FIFO in a working tree must not hang the run.
    const Descriptor file = open_inside(path, O_RDONLY | O_NONBLOCK);
    if (!file) return failure(path);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return failure(path);
    if (!S_ISREG(status.st_mode))
      return fail(Failure{.message = "not a regular file", .path = std::string(path)});
    if (static_cast<std::uint64_t>(status.st_size) > limit)
      return fail(Failure{.message = "larger than " + std::to_string(limit) + " bytes",
                          .path = std::string(path)});
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failure(path);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  }

  FileStatus status(std::string_view path) const override {
    struct stat status{};
    if (path.empty()) {
      if (::stat(root_.c_str(), &status) != 0) return {};
    } else {
      const Descriptor parent = open_inside(parent_path(path), only_look | O_DIRECTORY);
      const std::string name(file_name(path));
      if (!parent || ::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return {};
    }
    return status_from(status);
  }

  std::vector<FileStatus> status_of(std::string_view directory,
                                    std::span<const std::string_view> names) const override {
    std::vector<FileStatus> result(names.size());
    const Descriptor parent = open_inside(directory, only_look | O_DIRECTORY);
    for (std::size_t i = 0; parent && i < names.size(); ++i) {
      struct stat status{};
      if (::fstatat(parent.get(), std::string(names[i]).c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
        result[i] = status_from(status);
    }
    return result;
  }

  Result<std::vector<DirectoryEntry>> list(std::string_view path) const override {
    Descriptor opened = open_inside(path, O_RDONLY | O_DIRECTORY);
    DIR* directory = opened ? ::fdopendir(opened.get()) : nullptr;
    if (directory == nullptr) return failure(path);
    opened.release();
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
    const Descriptor parent = open_inside(parent_path(path), only_look | O_DIRECTORY);
    if (!parent) return failure(path);
    std::string target(PATH_MAX, '\0');
    const ssize_t length = ::readlinkat(parent.get(), std::string(file_name(path)).c_str(),
                                        target.data(), target.size());
    if (length < 0) return failure(path);
    target.resize(static_cast<std::size_t>(length));
    return target;
  }

private:
  std::string full(std::string_view path) const {
    if (path.empty()) return root_;
    return root_ + '/' + std::string(path);
  }

  // A symlink may lead anywhere; what it names outside the root is not the repository's,
  // and reading it could print a file of the machine. The kernel checks that while it
  // walks the path, in one call; realpath needs a call for each part of it, and is left
  // for kernels before 5.6, for sandboxes that forbid the call, and for absolute links.
  Descriptor open_inside(std::string_view path, int flags) const {
    if (is_outside(path)) {
      errno = EXDEV;
      return Descriptor(-1);
    }
    flags |= O_CLOEXEC;
#ifdef SYS_openat2
    if (descriptor_) {
      open_how how{};
      how.flags = static_cast<std::uint64_t>(flags);
      how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
      const std::string name = path.empty() ? "." : std::string(path);
      const long opened = ::syscall(SYS_openat2, descriptor_.get(), name.c_str(), &how, sizeof how);
      if (opened >= 0) return Descriptor(static_cast<int>(opened));
      if (errno != EXDEV && errno != ENOSYS && errno != EPERM && errno != EAGAIN)
        return Descriptor(-1);
    }
#endif
    const std::string whole = full(path);
    char real[PATH_MAX];
    if (::realpath(whole.c_str(), real) == nullptr) return Descriptor(-1);
    if (!is_within_root(real)) {
      errno = EXDEV;
      return Descriptor(-1);
    }
    return Descriptor(::open(whole.c_str(), flags));
  }
  bool is_within_root(std::string_view real) const {
    if (real_root_.empty()) return false;
    if (real_root_ == "/") return true;
    return real.starts_with(real_root_) &&
           (real.size() == real_root_.size() || real[real_root_.size()] == '/');
  }

  static std::unexpected<Failure> failure(std::string_view path) {
    return fail(Failure{.message = errno == EXDEV ? "outside the root" : std::strerror(errno),
                        .path = std::string(path)});
  }

  std::string root_;
  std::string real_root_;
  Descriptor descriptor_;
};

} // namespace

std::vector<FileStatus> Vfs::status_of(std::string_view directory,
                                       std::span<const std::string_view> names) const {
  std::vector<FileStatus> result;
  for (const std::string_view name : names) result.push_back(status(join_path(directory, name)));
  return result;
}

std::unique_ptr<Vfs> disk_files(std::string root) {
  return std::make_unique<DiskFiles>(std::move(root));
}

void MemoryFiles::make_directory(std::string_view path) {
  for (std::string_view at = path; !at.empty(); at = parent_path(at))
    entries_.try_emplace(std::string(at), Entry{FileType::directory, {}});
}

void MemoryFiles::make_executable(std::string_view path) {
  if (const auto found = entries_.find(path); found != entries_.end())
    found->second.executable = true;
}

void MemoryFiles::write(std::string path, std::string bytes) {
  make_directory(parent_path(path));
  entries_.insert_or_assign(std::move(path), Entry{FileType::regular, std::move(bytes)});
}

void MemoryFiles::link(std::string path, std::string target) {
  make_directory(parent_path(path));
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
  return {.type = found->second.type,
          .size = found->second.bytes.size(),
          .executable = found->second.executable};
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
      if (part != "..")
        parts.push_back(part);
      else if (!parts.empty())
        parts.pop_back();
      else
        ++above;
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
