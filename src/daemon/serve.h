// `aetheld serve`: health and metrics of a repository and its database.
#pragma once

#include "daemon/verb.h"

namespace aethel::daemon {

// Until SIGTERM or SIGINT; then it drains.
Exit serve(const Common& common);

} // namespace aethel::daemon
