#include "commands/support/write_file.h"

#include "base/files.h"
#include "base/write_all.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace aethel {
namespace {

std::unexpected<Failure> failure(std::string_view what, std::string_view path) {
  return fail(Failure{.message = fmt::format("{}: {}", what, std::strerror(errno)),
                      .path = std::string(path)});
}

std::string full(const std::string& root, std::string_view path) {
  return path.empty() ? root : root + "/" + std::string(path);
}

} // namespace

// Every folder between the root and the file is a folder, or absent.
Result<void> check_folders(const std::string& root, std::string_view path) {
  if (path.empty() || is_outside(join_path("", path)))
    return fail(Failure{.message = "leads out of the folder", .path = std::string(path)});
  for (std::size_t at = path.find('/'); at != std::string_view::npos; at = path.find('/', at + 1)) {
    const std::string_view folder = path.substr(0, at);
    struct stat status{};
    if (::lstat(full(root, folder).c_str(), &status) != 0) {
      if (errno == ENOENT) return {};
      return failure("cannot be examined", folder);
    }
    if (!S_ISDIR(status.st_mode))
      return fail(Failure{.message = S_ISLNK(status.st_mode)
                                         ? "is a symlink: nothing is written through it"
                                         : "is no folder",
                          .path = std::string(folder)});
  }
  return {};
}

Result<void> check_writable(const std::string& root, std::string_view path) {
  if (auto good = check_folders(root, path); !good) return good;
  struct stat status{};
  const std::string file = full(root, path);
  if (::lstat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return fail(Failure{.message = "is no regular file", .path = std::string(path)});
  // The nearest folder that is there takes new entries.
  std::string_view folder = parent_path(path);
  while (!folder.empty() && ::access(full(root, folder).c_str(), F_OK) != 0)
    folder = parent_path(folder);
  if (::access(full(root, folder).c_str(), W_OK | X_OK) != 0)
    return failure("cannot be written", folder.empty() ? path : folder);
  return {};
}

Result<void> write_below(const std::string& root, std::string_view path, std::string_view bytes,
                         Mode mode) {
  if (auto good = check_folders(root, path); !good) return good;
  for (std::size_t at = path.find('/'); at != std::string_view::npos; at = path.find('/', at + 1))
    if (::mkdir(full(root, path.substr(0, at)).c_str(), 0777) != 0 && errno != EEXIST)
      return failure("cannot be made", path.substr(0, at));
  const std::string file = full(root, path);
  const std::string draft = file + ".new";
  ::unlink(draft.c_str());
  const mode_t bits = mode == Mode::secret ? 0600 : mode == Mode::executable ? 0777 : 0666;
  const int descriptor =
      ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, bits);
  if (descriptor < 0) return failure("cannot be written", path);
  if (!write_all(descriptor, bytes)) {
    auto failed = failure("cannot be written", path);
    ::close(descriptor);
    ::unlink(draft.c_str());
    return failed;
  }
  ::close(descriptor);
  if (::rename(draft.c_str(), file.c_str()) != 0) {
    auto failed = failure("cannot be replaced", path);
    ::unlink(draft.c_str());
    return failed;
  }
  return {};
}

Result<void> remove_below(const std::string& root, std::string_view path) {
  if (auto good = check_folders(root, path); !good) return good;
  if (::unlink(full(root, path).c_str()) != 0 && errno != ENOENT)
    return failure("cannot be removed", path);
  for (std::string_view folder = parent_path(path); !folder.empty(); folder = parent_path(folder))
    if (::rmdir(full(root, folder).c_str()) != 0) break; // not empty
  return {};
}

} // namespace aethel
