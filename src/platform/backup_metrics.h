// The state of a repository as metrics: from what exists, not from what this process remembers, so
// that they hold after a restart and for backups that another process made.
#pragma once

#include "backup/repository.h"
#include "platform/metrics.h"

#include <string>

namespace aethel::platform {

// Fails when the repository cannot be listed; then nothing is changed: what stands still is alerted
// on.
Result<void> update_backup_metrics(Metrics& metrics, const backup::Repository& repository,
                                   const std::string& database);

} // namespace aethel::platform
