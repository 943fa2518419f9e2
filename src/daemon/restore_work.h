// A restore that the API asked for.
#pragma once

#include "daemon/backend.h"
#include "platform/jobs.h"

#include <string>

namespace aethel::daemon {

// Into a new database of the configured server, which is made and, when it fails, removed; in place
// when `database` is empty, after a backup of what is there.
Result<std::string> restore_work(const Backend& backend, const backup::Manifest& manifest,
                                 const std::string& database, platform::JobProgress& progress);

} // namespace aethel::daemon
