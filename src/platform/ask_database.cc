#include "platform/ask_database.h"

#include "backup/probe.h"
#include "http/connection.h"

#include <sstream>

namespace aethel::platform {

Result<bool> ask_database(const backup::Address& address,
                          std::chrono::steady_clock::time_point deadline) {
  // libpq looks names up without a time-out.
  if (address.word("hostaddr").empty()) {
    std::istringstream hosts(address.word("host"));
    for (std::string host; std::getline(hosts, host, ',');)
      if (!host.empty() && !host.starts_with('/') && !host.starts_with('@'))
        if (auto resolved = http::resolve(host, deadline); !resolved)
          return std::unexpected(resolved.error());
  }
  return backup::probe(address, deadline);
}

} // namespace aethel::platform
