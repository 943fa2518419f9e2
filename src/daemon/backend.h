// What the configuration and its secrets give, opened: replaced as a whole when they are read
// again, so that whoever works with one is not disturbed.
#pragma once

#include "daemon/settings.h"
#include "platform/schedule.h"

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aethel::daemon {

struct Backend;
using BackendPointer = std::shared_ptr<const Backend>;

struct Backend {
  Settings settings;
  std::unique_ptr<store::ObjectStore> store;
  std::optional<backup::Repository> repository; // never empty in one that was opened
  std::optional<backup::SigningKey> signing;    // without it nothing is made here, only told
  std::string why_not;                          // why there is no signing key
  bool conditional = true;                      // the store refuses a second write
  std::vector<platform::Schedule> schedules;    // of what is done by the clock; empty without a key

  static std::expected<BackendPointer, OpenFailure> open(const Common& common);
};

} // namespace aethel::daemon
