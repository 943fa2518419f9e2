#include "store/s3_retry.h"

#include <algorithm>
#include <condition_variable>
#include <random>

namespace aethel::store {

Retries::Retries(RetryOptions options)
    : options_(std::move(options)), tenths_(std::int64_t{10} * options_.budget) {}

std::chrono::milliseconds Retries::pause(int attempt, std::chrono::seconds after) {
  const std::int64_t most = std::min<std::int64_t>(100LL << std::min(attempt - 1, 20), 20'000);
  double random = 0;
  {
    const std::scoped_lock lock(mutex_);
    random = options_.random();
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(random * static_cast<double>(most))) +
         after;
}

bool Retries::take() {
  const std::scoped_lock lock(mutex_);
  if (tenths_ < 10) return false;
  tenths_ -= 10;
  return true;
}

void Retries::give_back() {
  const std::scoped_lock lock(mutex_);
  tenths_ = std::min(tenths_ + 1, std::int64_t{10} * options_.budget);
}

void complete(BucketOptions::World& world, const TransportOptions& transport) {
  if (!world.now)
    world.now = [] {
      return std::chrono::duration_cast<std::chrono::seconds>(
                 std::chrono::system_clock::now().time_since_epoch())
          .count();
    };
  if (!world.sleep)
    world.sleep = [stop = transport.stop](std::chrono::milliseconds time) {
      std::mutex mutex;
      std::condition_variable_any woken;
      std::unique_lock lock(mutex);
      woken.wait_for(lock, stop, time, [] { return false; });
    };
  if (!world.random)
    // Called under a lock of whoever asks.
    world.random = [engine = std::make_shared<std::mt19937_64>(std::random_device{}())] {
      return std::uniform_real_distribution<double>(0, 1)(*engine);
    };
  if (!world.transport) world.transport = make_curl_transport(transport);
}

} // namespace aethel::store
