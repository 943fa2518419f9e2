// Whose turn it is: what is done by the clock is done once, however many processes serve a
// repository. Each task ("backup", "drill") has a log of signed documents in the repository,
// turns/TASK/NUMBER; the newest says who runs, until when, and which time of the schedule was the
// last. The next number is written only if it is absent: of two that want it, one gets it.
//
// A turn that is not renewed expires: a killed process keeps nobody waiting for longer than that.
// Times are those of the store's clock.
#pragma once

#include "backup/repository.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace aethel::backup {

struct Turn {
  enum class State : std::uint8_t {
    begun,   // the schedule counts from here; nothing ran yet
    running, // until `until`, unless it is renewed
    succeeded,
    failed,
  };
  std::uint64_t number = 0;
  State state = State::begun;
  std::int64_t occurrence = 0; // the newest time of the schedule that was taken
  std::int64_t time = 0;       // when this was written
  std::int64_t until = 0;
  unsigned attempt = 0; // 1: the first for this occurrence
  std::string holder;   // random, of the process and the run
  std::string failure;  // of a failed one, for people

  bool runs(std::int64_t now) const { return state == State::running && now < until; }
};
std::string_view name_of(Turn::State state);

class Turns {
public:
  // `task`: lower-case letters.
  Turns(const Repository& repository, const SigningKey& key, std::string task)
      : repository_(&repository), key_(&key), task_(std::move(task)) {}

  // Nothing: nobody ever took one.
  Result<std::optional<Turn>> newest() const;
  // Writes the number after `before`'s; false: somebody else was first.
  Result<bool> write(const std::optional<Turn>& before, Turn& turn) const;
  // Removes what came long before `newest`. What cannot be removed stays.
  void forget(const Turn& newest) const;

private:
  std::string key_of(std::uint64_t number) const;
  const Repository* repository_;
  const SigningKey* key_;
  std::string task_;
};

// Whether the store refuses to write what is there already. Some servers ignore it: then a lock of
// the database has to decide as well. Writes and removes an object below "probe/".
Result<bool> refuses_second_write(store::ObjectStore& store);

inline constexpr std::int64_t turn_seconds = 180; // how long a turn holds without being renewed
inline constexpr std::int64_t turn_renewal = 45;
inline constexpr std::uint64_t turns_kept = 64;

} // namespace aethel::backup
