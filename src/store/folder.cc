#include "store/folder.h"

#include "base/write_all.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace aethel::store {
namespace {

constexpr std::string_view partial = ".partial";
constexpr std::int64_t sweep_after = 24 * 60 * 60;

// A file descriptor that is closed once.
class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

private:
  int number_;
};

std::unexpected<StoreFailure> failed(std::string_view what, std::string_view path, int error) {
  Trouble kind = Trouble::unavailable;
  if (error == ENOENT || error == ENOTDIR) kind = Trouble::absent;
  if (error == EEXIST) kind = Trouble::exists;
  if (error == EACCES || error == EPERM || error == EROFS) kind = Trouble::denied;
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) kind = Trouble::full;
  return trouble(kind, fmt::format("cannot {} \"{}\": {}", what, path, std::strerror(error)));
}

StoreResult<void> sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return failed("open", path, errno);
  if (::fsync(folder.get()) != 0) return failed("save", path, errno);
  return {};
}

// The folder and those above it, as far as they are absent, each of them saved in its parent. Those
// above `mine` are not of the store alone: others may pass.
StoreResult<void> make_folders(const std::string& path, std::size_t mine) {
  const mode_t mode = path.size() < mine ? 0755 : 0700;
  if (::mkdir(path.c_str(), mode) == 0) {
    const std::size_t slash = path.rfind('/');
    return sync_folder(slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash));
  }
  if (errno == EEXIST) return {};
  if (errno != ENOENT) return failed("make", path, errno);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return failed("make", path, ENOENT);
  if (auto above = make_folders(path.substr(0, slash), mine); !above) return above;
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return failed("make", path, errno);
  return sync_folder(path.substr(0, slash));
}

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class FolderStore final : public ObjectStore {
public:
  explicit FolderStore(std::string folder) : folder_(std::move(folder)) {}

  StoreResult<void> put(std::string_view key, std::string_view bytes, Put mode) override {
    if (!is_key(key)) return trouble(Trouble::refused, fmt::format("\"{}\" is no key", key));
    const std::string path = path_of(key);
    const std::string unnamed = fmt::format("{}/{}", folder_, partial);
    for (const std::string& each : {unnamed, path.substr(0, path.rfind('/'))})
      if (auto made = make_folders(each, folder_.size()); !made) return made;
    // The name: one of ours, whatever other writers do.
    static std::atomic<std::uint64_t> count = 0;
    const std::string beside =
        fmt::format("{}/{}-{}-{}", unnamed, ::getpid(), count++,
                    std::chrono::steady_clock::now().time_since_epoch().count());
    if (auto written = write(beside, bytes); !written) {
      ::unlink(beside.c_str());
      return written;
    }
    if (mode == Put::always) {
      if (::rename(beside.c_str(), path.c_str()) != 0) {
        const int error = errno;
        ::unlink(beside.c_str());
        return failed("name", path, error);
      }
    } else if (!name_if_absent(beside, path)) {
      const int error = errno;
      ::unlink(beside.c_str());
      if (error != EEXIST) return failed("name", path, error);
      const StoreResult<std::string> there = get(key, bytes.size());
      if (there && *there == bytes) return {};
      return trouble(Trouble::exists, fmt::format("\"{}\" is there already", key));
    }
    return sync_folder(path.substr(0, path.rfind('/')));
  }

  StoreResult<std::string> get(std::string_view key, std::uint64_t limit) override {
    return read(key, 0, UINT64_MAX, limit);
  }

  StoreResult<std::string> get_range(std::string_view key, std::uint64_t offset,
                                     std::uint64_t length) override {
    return read(key, offset, length, UINT64_MAX);
  }

  StoreResult<ObjectInfo> status(std::string_view key) override {
    if (!is_key(key)) return trouble(Trouble::refused, fmt::format("\"{}\" is no key", key));
    struct stat about{};
    const std::string path = path_of(key);
    if (::lstat(path.c_str(), &about) != 0) return failed("find", path, errno);
    if (!S_ISREG(about.st_mode)) return failed("find", path, ENOENT);
    return ObjectInfo{std::string(key), static_cast<std::uint64_t>(about.st_size),
                      about.st_mtim.tv_sec};
  }

  StoreResult<std::vector<ObjectInfo>> list(std::string_view prefix) override {
    std::vector<ObjectInfo> out;
    // Only the folder in which the prefix ends has to be walked.
    const std::size_t slash = prefix.rfind('/');
    const std::string_view above =
        slash == std::string_view::npos ? std::string_view() : prefix.substr(0, slash);
    if (!above.empty() && !is_key(above)) return out;
    if (auto walked = walk(std::string(above), prefix, out, 0); !walked)
      return std::unexpected(walked.error());
    std::ranges::sort(out, {}, &ObjectInfo::key);
    return out;
  }

  StoreResult<void> remove(std::string_view key) override {
    if (!is_key(key)) return trouble(Trouble::refused, fmt::format("\"{}\" is no key", key));
    const std::string path = path_of(key);
    if (::unlink(path.c_str()) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return {};
      return failed("remove", path, errno);
    }
    return sync_folder(path.substr(0, path.rfind('/')));
  }

  StoreResult<std::int64_t> clock() override { return now(); }

  std::string describe() const override { return "folder " + folder_; }

  void sweep() const {
    const std::string path = fmt::format("{}/{}", folder_, partial);
    DIR* const folder = ::opendir(path.c_str());
    if (folder == nullptr) return;
    while (const dirent* entry = ::readdir(folder)) {
      const std::string file = fmt::format("{}/{}", path, entry->d_name);
      struct stat about{};
      if (::lstat(file.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
          about.st_mtim.tv_sec + sweep_after < now())
        ::unlink(file.c_str());
    }
    ::closedir(folder);
  }

private:
  std::string path_of(std::string_view key) const { return fmt::format("{}/{}", folder_, key); }

  static StoreResult<void> write(const std::string& path, std::string_view bytes) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.get() < 0) return failed("write", path, errno);
    if (!write_all(file.get(), bytes)) return failed("write", path, errno);
    if (::fsync(file.get()) != 0 || !file.close()) return failed("save", path, errno);
    return {};
  }

  // Two writers cannot both win: link() and RENAME_NOREPLACE fail where there is a file. The
  // second is for file systems without hard links. False with errno.
  static bool name_if_absent(const std::string& from, const std::string& to) {
    if (::link(from.c_str(), to.c_str()) == 0) {
      ::unlink(from.c_str());
      return true;
    }
    if (errno == EEXIST) return false;
    return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
  }

  StoreResult<std::string> read(std::string_view key, std::uint64_t offset, std::uint64_t length,
                                std::uint64_t limit) const {
    if (!is_key(key)) return trouble(Trouble::refused, fmt::format("\"{}\" is no key", key));
    const std::string path = path_of(key);
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (file.get() < 0) return failed("read", path, errno);
    struct stat about{};
    if (::fstat(file.get(), &about) != 0) return failed("read", path, errno);
    if (!S_ISREG(about.st_mode)) return failed("read", path, ENOENT);
    const auto size = static_cast<std::uint64_t>(about.st_size);
    if (size > limit)
      return trouble(Trouble::corrupt, fmt::format("\"{}\" is larger than {} bytes", key, limit));
    std::string bytes(offset >= size ? 0 : std::min(length, size - offset), '\0');
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t count = ::pread(file.get(), bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failed("read", path, errno);
      if (count == 0)
        return trouble(Trouble::corrupt, fmt::format("\"{}\" became shorter while read", key));
      done += static_cast<std::size_t>(count);
    }
    return bytes;
  }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as keys have parts
  StoreResult<void> walk(const std::string& below, std::string_view prefix,
                         std::vector<ObjectInfo>& out, int depth) const {
    if (depth > 64) return trouble(Trouble::refused, "folders too deep in " + folder_);
    const std::string path = below.empty() ? folder_ : path_of(below);
    DIR* const folder = ::opendir(path.c_str());
    if (folder == nullptr) {
      if ((errno == ENOENT || errno == ENOTDIR) && !below.empty()) return {};
      return failed("list", path, errno);
    }
    StoreResult<void> result;
    errno = 0;
    for (const dirent* entry = ::readdir(folder); entry != nullptr; entry = ::readdir(folder)) {
      const std::string key =
          below.empty() ? std::string(entry->d_name) : fmt::format("{}/{}", below, entry->d_name);
      struct stat about{};
      if (is_key(key) && ::lstat(path_of(key).c_str(), &about) == 0) {
        if (S_ISDIR(about.st_mode)) {
          const std::string inside = key + "/";
          if (prefix.starts_with(inside) || std::string_view(inside).starts_with(prefix)) {
            result = walk(key, prefix, out, depth + 1);
            if (!result) break;
          }
        } else if (S_ISREG(about.st_mode) && key.starts_with(prefix)) {
          out.push_back({key, static_cast<std::uint64_t>(about.st_size), about.st_mtim.tv_sec});
        }
      }
      errno = 0;
    }
    if (result && errno != 0) result = failed("list", path, errno);
    ::closedir(folder);
    return result;
  }

  std::string folder_;
};

} // namespace

std::unique_ptr<ObjectStore> open_folder(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  auto store = std::make_unique<FolderStore>(std::move(folder));
  store->sweep();
  return store;
}

} // namespace aethel::store
