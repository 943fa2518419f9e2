// The only place that starts threads. Parallel inside a pass, ordered outside:
// each index writes its own slot, so output does not depend on the number of threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace aethel {

// Calls body(i) once for each i in [0, count), on up to `threads` threads, and
// returns when all calls returned. `body` must not throw.
void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t)>& body);

// Threads of the running parts: each does one thing until it returns. Joined at the end of the
// group, so that nothing that they use may be declared after it.
class ThreadGroup {
public:
  void start(std::function<void()> body) { threads_.emplace_back(std::move(body)); }
  void join() { threads_.clear(); }

private:
  std::vector<std::jthread> threads_;
};

// Calls `body` on a thread of its own once a period, from the first on, while it lives.
class Periodic {
public:
  Periodic(std::chrono::milliseconds period, std::function<void()> body);
  // Waits for a call that is under way.
  ~Periodic() = default;
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

private:
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::jthread thread_; // last: it uses the others
};

// A thread that nobody waits for: for one call of the system that may hang and that nothing can
// end, such as a look-up of a name. What it uses has to belong to it.
void start_detached(std::function<void()> body);

// Number of threads for a request of 0 ("as many as the machine has").
unsigned thread_count(unsigned requested);

} // namespace aethel
