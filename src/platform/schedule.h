// What is due by a schedule, from what the repository's log of turns says: nothing is remembered by
// a process, so that a restart, a pause or another replica changes nothing.
#pragma once

#include "backup/turns.h"
#include "knowledge/cron.h"

#include <cstdint>
#include <optional>
#include <string>

namespace aethel::platform {

struct Schedule {
  std::string task; // "backup", "drill"
  std::string text; // the cron line, for people
  knowledge::Cron cron;
  std::int64_t jitter = 0; // seconds: each time is later by up to so much, the same for everybody
  std::string seed;        // the repository's id: others at the same store begin at other moments
};

struct Due {
  std::int64_t occurrence = 0;
  unsigned attempt = 1;
  // Times of the schedule that passed without a run: all before this one, and this one when it is
  // later than `late_seconds`.
  unsigned missed = 0;
};

struct Plan {
  std::optional<Due> due;
  std::int64_t look = 0; // when to look again, if nothing else happens
  std::int64_t next = 0; // the next run, for people; 0: the schedule has no more times
};

inline constexpr unsigned attempts_limit = 3; // for one time of the schedule
inline constexpr std::int64_t late_seconds = 600;
inline constexpr unsigned missed_limit = 1000; // counted no further

// How much later than by the schedule an occurrence begins.
std::int64_t delay_of(const Schedule& schedule, std::int64_t occurrence);
// `newest` of the task's turns; `now` by the store's clock.
Plan plan_turn(const Schedule& schedule, const backup::Turn& newest, std::int64_t now);

} // namespace aethel::platform
