// Wraps the data keys of backups that exist for recipients that came later. No data moves.
#pragma once

#include "backup/repository.h"

#include <string>
#include <vector>

namespace aethel::backup {

struct Rewrapped {
  std::size_t done = 0;
  std::vector<Unreadable>
      left; // backups that this private key does not open, or that cannot be read
};
Result<Rewrapped> rewrap(const Repository& repository, const PrivateKey& opens,
                         const std::vector<PublicKey>& recipients, const SigningKey& key);

} // namespace aethel::backup
