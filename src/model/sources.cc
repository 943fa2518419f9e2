#include "model/sources.h"

#include <algorithm>

namespace aethel {

Sources::Sources(const Vfs& files, std::vector<std::string> paths)
    : files_(files), paths_(std::move(paths)), slots_(paths_.size()) {}

Sources::~Sources() {
  for (const auto& slot : slots_) delete slot.load();
}

FileId Sources::find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(
      paths_, path, {}, [](const std::string& p) { return std::string_view(p); });
  if (found == paths_.end() || *found != path) return {};
  return {static_cast<std::uint32_t>(found - paths_.begin())};
}

Result<std::string> Sources::read(FileId file) const {
  return files_.read(paths_[file.value], size_limit);
}

Result<const Source*> Sources::load(FileId file) const {
  auto& slot = slots_[file.value];
  if (const Source* present = slot.load(std::memory_order_acquire)) return present;
  auto bytes = read(file);
  if (!bytes) return std::unexpected(bytes.error());
  auto made = std::make_unique<Source>(paths_[file.value], std::move(*bytes));
  const Source* expected = nullptr;
  // Two threads may read the same file; the first one to finish wins.
  if (slot.compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel))
    return made.release();
  return expected;
}

const Source* Sources::loaded(FileId file) const {
  return file ? slots_[file.value].load(std::memory_order_acquire) : nullptr;
}

} // namespace aethel
