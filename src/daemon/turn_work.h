// Work that only one process of all that serve a repository may do at a time.
#pragma once

#include "daemon/backend.h"
#include "platform/jobs.h"

#include <atomic>
#include <functional>
#include <optional>
#include <string>

namespace aethel::daemon {

struct Outcome {
  Result<std::string> result; // JSON, for the job
  bool done = true;           // the turn is over; false: it is tried again
};

struct TurnWork {
  std::string task;
  std::optional<platform::Due> due; // empty: somebody asked for it
  platform::JobProgress* progress = nullptr;
  const std::atomic<bool>* stopping = nullptr; // the process ends: somebody else goes on
  std::function<void()> tick;                  // called every second while it runs; may be empty
};

// Fails without doing anything when another process does it, or did.
Result<std::string> with_turn(const Backend& backend, const TurnWork& how,
                              const std::function<Outcome()>& work);

} // namespace aethel::daemon
