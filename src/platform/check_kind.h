// What `serve.checks` can look at: one file of platform/checks each.
#pragma once

#include "http/connection.h"
#include "platform/health.h"
#include "platform/outside.h"

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace aethel::platform {

struct CheckPlan {
  const CheckSettings& settings;
  const Outside& outside;
  // As it stands now: a password may be changed at any time.
  std::function<Result<std::string>()> address;
};

// One look, which ends by the deadline. What it says goes to people: no address, no password, and
// nothing that the other end chose.
using Look = std::function<CheckResult(http::Deadline deadline)>;

struct CheckKind {
  std::string_view name;
  std::span<const std::string_view> keys; // of aethel.yaml that it takes, beside those of all
  std::chrono::milliseconds every{5000};
  // What is wrong in the file is said here, before anything runs. A failure without a place is one
  // of the address. Only the look uses `plan.address` later; it is a copy.
  Result<Look> (*make)(const CheckPlan& plan);
};

namespace checks {
std::span<const CheckKind* const> all();
}

// The checks of aethel.yaml, ready to run. Fails with the place of the first thing that is wrong.
Result<std::vector<HealthCheck>> configured_checks(const std::vector<CheckSettings>& settings,
                                                   const Outside& outside);

} // namespace aethel::platform
