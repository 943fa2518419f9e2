#include "store/memory.h"

#include <fmt/format.h>

namespace aethel::store {
namespace {

std::unexpected<StoreFailure> absent(std::string_view key) {
  return trouble(Trouble::absent, fmt::format("\"{}\" is not there", key));
}

} // namespace

StoreResult<void> MemoryStore::put(std::string_view key, std::string_view bytes, Put mode) {
  if (!is_key(key)) return trouble(Trouble::refused, fmt::format("\"{}\" is no key", key));
  const std::scoped_lock lock(mutex_);
  const auto found = objects_.find(key);
  if (found != objects_.end() && mode == Put::if_absent) {
    if (found->second.bytes == bytes) return {};
    return trouble(Trouble::exists, fmt::format("\"{}\" is there already", key));
  }
  objects_.insert_or_assign(std::string(key), Object{std::string(bytes), now_});
  return {};
}

StoreResult<std::string> MemoryStore::get(std::string_view key, std::uint64_t limit) {
  const std::scoped_lock lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return absent(key);
  if (found->second.bytes.size() > limit)
    return trouble(Trouble::corrupt, fmt::format("\"{}\" is larger than {} bytes", key, limit));
  return found->second.bytes;
}

StoreResult<std::string> MemoryStore::get_range(std::string_view key, std::uint64_t offset,
                                                std::uint64_t length) {
  const std::scoped_lock lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return absent(key);
  const std::string& bytes = found->second.bytes;
  return offset >= bytes.size() ? std::string() : bytes.substr(offset, length);
}

StoreResult<ObjectInfo> MemoryStore::status(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return absent(key);
  return ObjectInfo{found->first, found->second.bytes.size(), found->second.modified};
}

StoreResult<std::vector<ObjectInfo>> MemoryStore::list(std::string_view prefix) {
  const std::scoped_lock lock(mutex_);
  std::vector<ObjectInfo> out;
  for (auto each = objects_.lower_bound(prefix);
       each != objects_.end() && each->first.starts_with(prefix); ++each)
    out.push_back({each->first, each->second.bytes.size(), each->second.modified});
  return out;
}

StoreResult<void> MemoryStore::remove(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  const auto found = objects_.find(key);
  if (found != objects_.end()) objects_.erase(found);
  return {};
}

StoreResult<std::int64_t> MemoryStore::clock() {
  const std::scoped_lock lock(mutex_);
  return now_;
}

std::string MemoryStore::describe() const { return "memory"; }

void MemoryStore::set_clock(std::int64_t seconds) {
  const std::scoped_lock lock(mutex_);
  now_ = seconds;
}

void MemoryStore::clear() {
  const std::scoped_lock lock(mutex_);
  objects_.clear();
}

std::string* MemoryStore::at(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : &found->second.bytes;
}

} // namespace aethel::store
