#include "base/progress.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>

namespace aethel {

struct Progress::State {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::string name;
  bool shown = false;
  std::jthread thread;
};

Progress::Progress() {
  if (::isatty(STDERR_FILENO) == 0) return;
  state_ = std::make_unique<State>();
  state_->thread = std::jthread([state = state_.get()](std::stop_token stop) {
    std::unique_lock lock(state->mutex);
    for (int seconds = 1;; ++seconds) {
      state->wake.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
      if (stop.stop_requested()) return;
      std::fprintf(stderr, "\r\x1b[Kaethel: %s (%d s)", state->name.c_str(), seconds);
      std::fflush(stderr);
      state->shown = true;
    }
  });
}

Progress::~Progress() {
  if (!state_) return;
  state_->thread.request_stop();
  state_->thread.join();
  if (state_->shown) std::fputs("\r\x1b[K", stderr);
}

void Progress::stage(std::string_view name) {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  state_->name = name;
}

} // namespace aethel
