#include "daemon/turn_work.h"

#include "base/parallel.h"

#include <fmt/format.h>

namespace aethel::daemon {

using backup::Turn;
using std::chrono::seconds;

Result<std::optional<Looked>> look_at(const Backend& backend, const platform::Schedule& schedule) {
  const auto now = backend.store->clock();
  if (!now) return fail(now.error().message);
  const backup::Turns turns(*backend.repository, *backend.signing, schedule.task);
  auto newest = turns.newest();
  if (!newest) return std::unexpected(newest.error());
  if (!*newest) {
    Turn begun{.occurrence = *now, .time = *now};
    auto written = turns.write(std::nullopt, begun);
    if (!written) return std::unexpected(written.error());
    return std::nullopt;
  }
  const platform::Plan plan = platform::plan_turn(schedule, **newest, *now);
  return Looked{.newest = std::move(**newest), .plan = plan, .now = *now};
}

HeldTurn::HeldTurn(const Backend& backend, const std::string& task, Time now)
    : backend_(&backend), turns_(*backend.repository, *backend.signing, task), renewed_(now) {}

std::expected<HeldTurn, NotTaken> HeldTurn::take(const Backend& backend, const std::string& task,
                                                 const std::optional<platform::Due>& due,
                                                 Time now) {
  const auto trouble = [](const Failure& failure) {
    return std::unexpected(NotTaken{.failure = failure});
  };
  const auto others = [&](std::string_view what) {
    return std::unexpected(
        NotTaken{.failure = {.message = fmt::format("another process {} the {}", what, task)},
                 .by_other = true});
  };
  HeldTurn held(backend, task, now);
  // Where the store lets two write the same number, the database lets only one have its lock. It is
  // held by the session, so that it ends with the process.
  if (!backend.conditional) {
    auto address = database_address(backend.settings);
    if (!address) return trouble(address.error());
    auto session = backup::Session::open(*address);
    if (!session) return trouble(session.error());
    auto got = session->query("SELECT pg_try_advisory_lock(hashtextextended($1, 0))",
                              {fmt::format("aethel {} {}", backend.repository->config().id, task)});
    if (!got) return trouble(got.error());
    if (!got->boolean(0, 0)) return others("runs");
    held.lock_.emplace(std::move(*session));
  }
  auto time = backend.store->clock();
  if (!time) return trouble({.message = time.error().message});
  auto newest = held.turns_.newest();
  if (!newest) return trouble(newest.error());
  const std::optional<Turn>& before = *newest;
  if (before && before->runs(*time)) return others("runs");
  if (due && before &&
      (before->occurrence > due->occurrence ||
       (before->occurrence == due->occurrence && before->state == Turn::State::succeeded)))
    return others("ran");
  held.turn_ = {.state = Turn::State::running,
                .time = *time,
                .until = *time + backup::turn_seconds,
                // What somebody asks for is not tried again by itself.
                .attempt = due ? due->attempt : platform::attempts_limit,
                .holder = backup::random_hex(8)};
  held.turn_.occurrence = due ? due->occurrence : before ? before->occurrence : *time;
  auto taken = held.turns_.write(before, held.turn_);
  if (!taken) return trouble(taken.error());
  if (!*taken) return others("was first to run");
  return held;
}

bool HeldTurn::keep(Time now) {
  if (lost_ || now - renewed_ < seconds(backup::turn_renewal)) return !lost_;
  if (const auto time = backend_->store->clock()) {
    Turn next = turn_;
    next.time = *time;
    next.until = *time + backup::turn_seconds;
    const auto written = turns_.write(turn_, next);
    if (written && *written) {
      turn_ = next;
      renewed_ = now;
      return true;
    }
    if (written) lost_ = true;
  }
  if (now - renewed_ >= seconds(backup::turn_seconds - 10)) lost_ = true;
  return !lost_;
}

void HeldTurn::end(Turn::State state, std::string failure, std::optional<unsigned> attempt) {
  Turn end = turn_;
  const auto time = backend_->store->clock();
  end.time = end.until = time ? *time : turn_.until;
  end.state = state;
  end.failure = std::move(failure);
  if (attempt) end.attempt = *attempt;
  if (const auto written = turns_.write(turn_, end); written && *written) turns_.forget(end);
}

Result<std::string> with_turn(const Backend& backend, const TurnWork& how,
                              const std::function<Outcome()>& work) {
  auto held = HeldTurn::take(backend, how.task, how.due, std::chrono::steady_clock::now());
  if (!held) {
    // Of the clock's work somebody does it: that is all that is wanted.
    if (held.error().by_other && how.due) how.progress->cancelled = true;
    return std::unexpected(held.error().failure);
  }
  Outcome outcome = [&] {
    const Periodic renewal(seconds(1), [&] {
      if (how.tick) how.tick();
      if (!held->keep(std::chrono::steady_clock::now())) how.progress->cancelled = true;
    });
    return work();
  }();
  if (held->lost())
    return fail(outcome.result ? "it took so long that another process went on"
                               : outcome.result.error().message);
  if (outcome.done) {
    held->end(Turn::State::succeeded);
    return std::move(outcome.result);
  }
  std::optional<unsigned> attempt;
  if (how.progress->cancelled) {
    const bool stopped = how.stopping != nullptr && *how.stopping;
    // By the end of this process: another one tries at once. By a person: nobody does.
    attempt = stopped ? 0 : platform::attempts_limit;
  }
  held->end(Turn::State::failed, outcome.result ? "" : outcome.result.error().message, attempt);
  return std::move(outcome.result);
}

} // namespace aethel::daemon
