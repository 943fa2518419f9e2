#include "daemon/audit.h"

#include "base/write_all.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace aethel::daemon {

Result<std::unique_ptr<Audit>> Audit::open(std::string path) {
  std::unique_ptr<Audit> audit(new Audit(std::move(path)));
  if (auto opened = audit->reopen(); !opened) return std::unexpected(opened.error());
  return audit;
}

Audit::~Audit() {
  if (descriptor_ > 2) ::close(descriptor_);
}

Result<void> Audit::reopen() {
  if (path_.empty()) return {};
  const int fresh = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fresh < 0)
    return fail({.message = std::string("the audit cannot be written: ") + std::strerror(errno),
                 .path = path_});
  const std::scoped_lock lock(mutex_);
  if (descriptor_ > 2) ::close(descriptor_);
  descriptor_ = fresh;
  return {};
}

void Audit::write(const std::string& line) {
  const std::scoped_lock lock(mutex_);
  // Whether or not it can be: a full disk keeps nobody from a restore.
  static_cast<void>(write_all(descriptor_, line + "\n"));
}

} // namespace aethel::daemon
