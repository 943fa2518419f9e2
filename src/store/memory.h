// Objects in memory: a folder's twin for tests.
#pragma once

#include "store/object_store.h"

#include <map>
#include <mutex>
#include <string>

namespace aethel::store {

class MemoryStore : public ObjectStore {
public:
  StoreResult<void> put(std::string_view key, std::string_view bytes, Put mode) override;
  StoreResult<std::string> get(std::string_view key, std::uint64_t limit) override;
  StoreResult<std::string> get_range(std::string_view key, std::uint64_t offset,
                                     std::uint64_t length) override;
  StoreResult<ObjectInfo> status(std::string_view key) override;
  StoreResult<std::vector<ObjectInfo>> list(std::string_view prefix) override;
  StoreResult<void> remove(std::string_view key) override;
  StoreResult<std::int64_t> clock() override;
  std::string describe() const override;

  // For tests: time stands still unless it is moved.
  void set_clock(std::int64_t seconds);
  void clear();
  // Bytes of an object, to be changed behind the back of its user.
  std::string* at(std::string_view key);

private:
  struct Object {
    std::string bytes;
    std::int64_t modified = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Object, std::less<>> objects_;
  std::int64_t now_ = 1'700'000'000;
};

} // namespace aethel::store
