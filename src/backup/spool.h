// Objects of a backup, fetched into a folder: what was fetched before a break is not fetched again.
#pragma once

#include "backup/manifest.h"
#include "base/result.h"
#include "store/object_store.h"

#include <atomic>
#include <memory>
#include <string>

namespace aethel::backup {

// Fetches what is not there yet, `ahead` objects at the same time, each checked against the
// manifest. The result is a store that has them.
Result<std::unique_ptr<store::ObjectStore>> fetch_objects(store::ObjectStore& from,
                                                          const Manifest& manifest,
                                                          const std::string& folder, unsigned ahead,
                                                          std::atomic<std::uint64_t>* fetched);

} // namespace aethel::backup
