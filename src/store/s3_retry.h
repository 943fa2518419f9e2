// When a request to a bucket is sent again, and after how long.
#pragma once

#include "store/object_store.h"
#include "store/s3.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace aethel::store {

enum class Again : std::uint8_t {
  no,
  yes,     // after a pause
  at_once, // without one
  renewed  // at once, once, with new credentials
};

template <class T> struct Attempt {
  StoreResult<T> result;
  Again again = Again::no;
  std::chrono::seconds after{0}; // what the server asked for (Retry-After)
};

struct RetryOptions {
  int attempts = 6;
  int budget = 100;
  std::function<void(std::chrono::milliseconds)> sleep;
  std::function<double()> random;
};

class Retries {
public:
  explicit Retries(RetryOptions options);

  template <class T> StoreResult<T> run(const std::function<Attempt<T>()>& once) {
    for (int attempt = 1;; ++attempt) {
      Attempt<T> out = once();
      if (out.result) {
        give_back();
        return std::move(out.result);
      }
      if (out.again != Again::yes && out.again != Again::at_once) return std::move(out.result);
      if (attempt >= options_.attempts || !take()) {
        if (attempt > 1) out.result.error().message += ", " + std::to_string(attempt) + " times";
        return std::move(out.result);
      }
      if (out.again == Again::yes) options_.sleep(pause(attempt, out.after));
    }
  }

  // After that many attempts: between nothing and 0.1 s, 0.2 s, 0.4 s, ... at most 20 s, so that
  // those who failed together do not come back together ("full jitter": AWS Architecture Blog,
  // "Exponential Backoff And Jitter"); never less than the server asked for.
  std::chrono::milliseconds pause(int attempt, std::chrono::seconds after);

private:
  bool take();
  void give_back();

  RetryOptions options_;
  std::mutex mutex_;
  std::int64_t tenths_; // of what is left of the budget
};

// The defaults of what is not given.
void complete(BucketOptions::World& world, const TransportOptions& transport);

} // namespace aethel::store
