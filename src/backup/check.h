// What would keep a backup, a drill or a restore from working: found before the first run.
#pragma once

#include "backup/prove.h"
#include "backup/repository.h"
#include "backup/run.h"

#include <optional>
#include <string>
#include <vector>

namespace aethel::backup {

struct Finding {
  enum class State : std::uint8_t { good, warning, bad };
  State state = State::good;
  std::string what; // "server", "rights", "store" ...
  std::string message;
  std::string hint;
};

struct CheckOptions {
  const RunOptions* run = nullptr;
  const ProveOptions* drill = nullptr;
  const PrivateKey* service = nullptr; // may be absent: then no drill happens here
  std::int64_t local = 0;              // this machine's clock
};

std::vector<Finding> check_backup(const Repository& repository, const SigningKey& key,
                                  const CheckOptions& options);

} // namespace aethel::backup
