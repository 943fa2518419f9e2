// Where bytes are kept under names: a folder, a bucket, memory (for tests). What a backup needs
// of it: a whole object at once, an object only if there is none yet, ranges, a listing.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::store {

enum class Trouble : std::uint8_t {
  absent,      // no object of that key
  exists,      // there is one, and the call was to make a new one
  denied,      // credentials or rights
  locked,      // kept by a retention lock: no error of who prunes
  full,        // no space, or a quota
  unavailable, // after all retries: network, overload, time-out
  refused,     // the store does not do what is asked: a wrong key, bucket, region, clock
  corrupt,     // what came is not what was said to come
};

struct StoreFailure {
  Trouble trouble = Trouble::unavailable;
  std::string message; // lowercase, no full stop, with the key, without secrets
};

template <class T> using StoreResult = std::expected<T, StoreFailure>;

inline std::unexpected<StoreFailure> trouble(Trouble kind, std::string message) {
  return std::unexpected(StoreFailure{kind, std::move(message)});
}

enum class Put : std::uint8_t {
  always,
  if_absent // `exists` when there is one already with other bytes; the same bytes are success
};

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;
  std::int64_t modified = 0; // seconds since 1970, by the store's clock
};

// Keys: parts of [A-Za-z0-9._-] joined by '/', no part begins with a dot, at most 512 bytes.
bool is_key(std::string_view key);

// Calls may come from several threads at once.
class ObjectStore {
public:
  virtual ~ObjectStore() = default;

  // All of it or nothing: no reader ever sees a part. When it returns, a crash loses nothing.
  virtual StoreResult<void> put(std::string_view key, std::string_view bytes, Put mode) = 0;
  // The same, by who knows the SHA-256 of `bytes` already: some stores have to send it.
  virtual StoreResult<void> put_hashed(std::string_view key, std::string_view bytes, Put mode,
                                       const std::array<unsigned char, 32>& /*sha256*/) {
    return put(key, bytes, mode);
  }
  virtual StoreResult<std::string> get(std::string_view key, std::uint64_t limit) = 0;
  // `length` bytes from `offset`; less only where the object ends.
  virtual StoreResult<std::string> get_range(std::string_view key, std::uint64_t offset,
                                             std::uint64_t length) = 0;
  virtual StoreResult<ObjectInfo> status(std::string_view key) = 0;
  // All objects whose key begins with `prefix`, in byte order of the keys. Fails rather than
  // give a part of them.
  virtual StoreResult<std::vector<ObjectInfo>> list(std::string_view prefix) = 0;
  // An absent object is success.
  virtual StoreResult<void> remove(std::string_view key) = 0;
  // The store's clock, seconds since 1970: what retention and leases go by.
  virtual StoreResult<std::int64_t> clock() = 0;
  // For people: "folder /var/lib/aethel/backups", "bucket b at https://...".
  virtual std::string describe() const = 0;
};

} // namespace aethel::store
