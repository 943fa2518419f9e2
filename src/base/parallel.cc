#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace aethel {

unsigned thread_count(unsigned requested) {
  if (requested != 0) return std::min(requested, 256u);
  return std::max(1u, std::min(std::thread::hardware_concurrency(), 64u));
}

Periodic::Periodic(std::chrono::milliseconds period, std::function<void()> body)
    : thread_([this, period, own = std::move(body)](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        for (;;) {
          woken_.wait_for(lock, stop, period, [] { return false; });
          if (stop.stop_requested()) return;
          own();
        }
      }) {}

void start_detached(std::function<void()> body) { std::thread(std::move(body)).detach(); }

void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t)>& body) {
  // Chunks of a few indices: one atomic per file would be measurable on 200,000 files.
  const std::size_t chunk = count > 4096 ? 16 : 1;
  std::atomic<std::size_t> next = 0;
  auto work = [&] {
    for (;;) {
      const std::size_t begin = next.fetch_add(chunk, std::memory_order_relaxed);
      if (begin >= count) return;
      for (std::size_t i = begin; i < std::min(begin + chunk, count); ++i) body(i);
    }
  };
  const std::size_t helpers = std::min<std::size_t>(thread_count(threads), count) - (count != 0);
  std::vector<std::jthread> pool;
  pool.reserve(helpers);
  for (std::size_t i = 0; i < helpers; ++i) pool.emplace_back(work);
  work();
}

} // namespace aethel
