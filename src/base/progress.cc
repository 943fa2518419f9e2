#include "base/progress.h"

#include "base/parallel.h"

#include <chrono>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>
#include <unistd.h>

namespace aethel {

struct Progress::State {
  std::mutex mutex;
  std::string name;
  int seconds = 0;
  std::optional<Periodic> shown;
};

Progress::Progress() {
  if (::isatty(STDERR_FILENO) == 0) return;
  state_ = std::make_unique<State>();
  state_->shown.emplace(std::chrono::seconds(1), [state = state_.get()] {
    const std::scoped_lock lock(state->mutex);
    std::fprintf(stderr, "\r\x1b[Kaethel: %s (%d s)", state->name.c_str(), ++state->seconds);
    std::fflush(stderr);
  });
}

Progress::~Progress() {
  if (!state_) return;
  state_->shown.reset();
  if (state_->seconds > 0) std::fputs("\r\x1b[K", stderr);
}

void Progress::stage(std::string_view name) {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  state_->name = name;
}

} // namespace aethel
