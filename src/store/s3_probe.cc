#include "store/s3.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <thread>

namespace aethel::store {
namespace {

constexpr int rounds = 4;
constexpr int writers = 8;

// Whether one of several writers at once wins, and what is there then is what it wrote.
StoreResult<bool> one_wins(ObjectStore& store, const std::string& key) {
  std::array<StoreResult<void>, writers> results;
  std::atomic<int> ready = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < writers; ++i)
      threads.emplace_back([&, i] {
        ready.fetch_add(1);
        while (ready.load() < writers) std::this_thread::yield();
        results[static_cast<std::size_t>(i)] =
            store.put(key, fmt::format("writer {}", i), Put::if_absent);
      });
  }
  int won = 0;
  for (const StoreResult<void>& each : results) {
    if (each) {
      ++won;
    } else if (each.error().trouble != Trouble::exists) {
      return std::unexpected(each.error());
    }
  }
  return won == 1;
}

StoreResult<bool> probe(ObjectStore& store, const std::string& key) {
  if (auto first = store.put(key, "first", Put::if_absent); !first)
    return std::unexpected(std::move(first.error()));
  const StoreResult<void> second = store.put(key, "second", Put::if_absent);
  if (second) return false;
  if (second.error().trouble != Trouble::exists) return std::unexpected(second.error());
  StoreResult<std::string> there = store.get(key, 64);
  if (!there) return std::unexpected(std::move(there.error()));
  if (*there != "first") return false;
  for (int i = 0; i < rounds; ++i) {
    if (auto removed = store.remove(key); !removed)
      return std::unexpected(std::move(removed.error()));
    StoreResult<bool> one = one_wins(store, key);
    if (!one || !*one) return one;
  }
  return true;
}

} // namespace

StoreResult<bool> has_conditional_writes(ObjectStore& store, std::string_view nonce) {
  const std::string key = fmt::format("probe/{}", nonce);
  StoreResult<bool> holds = probe(store, key);
  const StoreResult<void> removed = store.remove(key);
  if (holds && !removed) return std::unexpected(removed.error());
  return holds;
}

StoreResult<bool> has_conditional_writes(BucketOptions options, std::string_view nonce) {
  options.lock.reset();
  StoreResult<std::unique_ptr<ObjectStore>> store = open_bucket(std::move(options));
  if (!store) return std::unexpected(std::move(store.error()));
  return has_conditional_writes(**store, nonce);
}

StoreResult<std::int64_t> clock_skew(ObjectStore& store, const std::function<std::int64_t()>& now) {
  const std::int64_t before = now();
  StoreResult<std::int64_t> theirs = store.clock();
  if (!theirs) return theirs;
  return *theirs - (before + (now() - before) / 2);
}

} // namespace aethel::store
