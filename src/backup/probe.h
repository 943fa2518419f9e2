// One question to a server, for a check of its health: all of it ends by the deadline, also when
// the server accepts and says nothing. (A Session waits as long as its work takes.)
#pragma once

#include "backup/postgres.h"

#include <chrono>

namespace aethel::backup {

// Whether the server recovers - is a replica. Messages hold nothing of the address, nor of what the
// server said.
Result<bool> probe(const Address& address, std::chrono::steady_clock::time_point deadline);

} // namespace aethel::backup
