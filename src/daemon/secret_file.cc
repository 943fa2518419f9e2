#include "daemon/secret_file.h"

#include "base/write_all.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace aethel::daemon {

Result<void> write_secret(const std::string& path, const std::string& text,
                          std::string_view option) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0 && errno == EEXIST)
    return fail({.message = "is there already: keys are never overwritten",
                 .path = path,
                 .hint = fmt::format("delete it once its key is kept elsewhere, or name another "
                                     "file with {}",
                                     option)});
  if (file < 0)
    return fail({.message = fmt::format("cannot write: {}", std::strerror(errno)),
                 .path = path,
                 .hint = fmt::format("name another file with {}", option)});
  const bool written = write_all(file, text) && ::fsync(file) == 0;
  ::close(file);
  if (written) return {};
  ::unlink(path.c_str());
  return fail({.message = "cannot be written", .path = path});
}

} // namespace aethel::daemon
