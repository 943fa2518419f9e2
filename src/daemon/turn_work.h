// Work that only one process of all that serve a repository may do at a time.
#pragma once

#include "backup/postgres.h"
#include "backup/turns.h"
#include "daemon/backend.h"
#include "platform/jobs.h"

#include <atomic>
#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace aethel::daemon {

// In seconds: a run that another replica began shows by then.
inline constexpr std::int64_t longest_look = 60;

// The task's newest turn, and what its schedule makes of it now.
struct Looked {
  backup::Turn newest;
  platform::Plan plan;
  std::int64_t now = 0; // by the store's clock
};
// The first who ever looks begins the log: then it is empty, and is looked at again.
Result<std::optional<Looked>> look_at(const Backend& backend, const platform::Schedule& schedule);

struct NotTaken {
  Failure failure;
  bool by_other = false; // it is, or was, another process's: no trouble
};

// A turn that this process has. It does not go by a clock of its own, so that a test can be one.
class HeldTurn {
public:
  using Time = std::chrono::steady_clock::time_point;
  // Empty `due`: somebody asked for it.
  static std::expected<HeldTurn, NotTaken> take(const Backend& backend, const std::string& task,
                                                const std::optional<platform::Due>& due, Time now);

  // Called about every second: writes it again before it expires. False: it is not ours any more -
  // this process slept for too long, or the store could not be reached until it was nearly over -
  // and whoever works has to stop.
  bool keep(Time now);
  bool lost() const { return lost_; }
  const backup::Turn& turn() const { return turn_; } // as it was last written
  // What cannot be written is left to expire, and the schedule goes on from there. `attempt`: as
  // which one it counts, when not as what it was.
  void end(backup::Turn::State state, std::string failure = {},
           std::optional<unsigned> attempt = {});

private:
  HeldTurn(const Backend& backend, const std::string& task, Time now);
  const Backend* backend_;
  backup::Turns turns_;
  backup::Turn turn_;
  Time renewed_;
  bool lost_ = false;
  std::optional<backup::Session> lock_;
};

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

// Takes the turn, works, and keeps it meanwhile. Fails without doing anything when another process
// does it, or did.
Result<std::string> with_turn(const Backend& backend, const TurnWork& how,
                              const std::function<Outcome()>& work);

} // namespace aethel::daemon
