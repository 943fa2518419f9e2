// `serve.checks` and `serve.notify` of aethel.yaml, ready to use. Addresses and keys are read when
// they are used: a password that is changed needs no restart.
#pragma once

#include "daemon/settings.h"
#include "platform/health.h"
#include "platform/notify.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace aethel::daemon {

// Fails with the place of what is wrong, also when a variable or a file is not there.
Result<std::vector<platform::HealthCheck>> configured_checks(const Settings& settings);

// `complain` is told of notices that did not arrive, on a thread of its own.
Result<std::unique_ptr<platform::Notifier>>
configured_notifier(const Settings& settings, std::function<void(std::string)> complain);

} // namespace aethel::daemon
