#include "platform/schedule.h"

#include <fmt/format.h>

#include <algorithm>

namespace aethel::platform {
namespace {

// After an attempt that failed. One that was stopped by the end of its process counts as attempt 0:
// another replica goes on at once.
std::int64_t pause_after(unsigned attempt) {
  constexpr std::int64_t pauses[] = {0, 300, 900};
  return attempt < std::size(pauses) ? pauses[attempt] : 0;
}

unsigned count_between(const knowledge::Cron& cron, std::int64_t after, std::int64_t before) {
  unsigned count = 0;
  for (auto time = cron.next(after); time && *time < before && count < missed_limit;
       time = cron.next(*time))
    ++count;
  return count;
}

} // namespace

std::int64_t delay_of(const Schedule& schedule, std::int64_t occurrence) {
  if (schedule.jitter <= 0) return 0;
  std::uint64_t hash = 14695981039346656037U; // FNV-1a: only to spread
  for (const char c : fmt::format("{} {} {}", schedule.seed, schedule.task, occurrence))
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  hash ^= hash >> 32U;
  return static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(schedule.jitter + 1));
}

Plan plan_turn(const Schedule& schedule, const backup::Turn& newest, std::int64_t now) {
  using State = backup::Turn::State;
  Plan plan;
  const auto following = schedule.cron.next(std::max(now, newest.occurrence));
  const auto begin_of = [&](std::int64_t time) { return time + delay_of(schedule, time); };
  if (following) plan.next = begin_of(*following);
  plan.look = plan.next == 0 ? now + 3600 : plan.next;

  // Nothing begins while another runs; what became due meanwhile is due afterwards, once.
  if (newest.runs(now)) {
    plan.look = newest.until;
    return plan;
  }
  const auto last = schedule.cron.last(now);
  if (last && *last > newest.occurrence) {
    const std::int64_t begin = begin_of(*last);
    if (begin > now) {
      plan.next = plan.look = begin;
      return plan;
    }
    const unsigned before = count_between(schedule.cron, newest.occurrence, *last);
    plan.due =
        Due{.occurrence = *last,
            .attempt = 1,
            .missed = std::min(before + (now - begin > late_seconds ? 1U : 0U), missed_limit)};
    return plan;
  }
  const bool again = newest.state == State::failed || newest.state == State::running;
  if (again && newest.attempt < attempts_limit) {
    const std::int64_t begin = newest.state == State::running
                                   ? now // it expired
                                   : newest.time + pause_after(newest.attempt);
    if (begin <= now) {
      plan.due = Due{.occurrence = newest.occurrence, .attempt = newest.attempt + 1};
    } else if (plan.next == 0 || begin < plan.next) {
      plan.next = plan.look = begin;
    }
  }
  return plan;
}

} // namespace aethel::platform
