// What checks ask a PostgreSQL, with the names of its hosts looked up within the same deadline.
#pragma once

#include "backup/postgres.h"

#include <chrono>

namespace aethel::platform {

// Whether it recovers - is a replica. Messages hold nothing of the address.
Result<bool> ask_database(const backup::Address& address,
                          std::chrono::steady_clock::time_point deadline);

} // namespace aethel::platform
