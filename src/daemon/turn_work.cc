#include "daemon/turn_work.h"

#include "backup/turns.h"
#include "base/parallel.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

namespace aethel::daemon {
namespace {

using backup::Turn;

// Writes the turn again and again while the work is done. When another process has it all the same
// - this one slept for too long -, or when the store cannot be reached until it is over, the work
// is cancelled.
class Renewal {
public:
  Renewal(const Backend& backend, const backup::Turns& turns, Turn turn, const TurnWork& how)
      : backend_(backend), turns_(turns), turn_(std::move(turn)), how_(how),
        renewed_(std::chrono::steady_clock::now()) {
    threads_.start([this] { loop(); });
  }
  ~Renewal() { end(); }
  Renewal(const Renewal&) = delete;
  Renewal& operator=(const Renewal&) = delete;

  // The newest turn of ours; nothing: it is not ours any more.
  std::optional<Turn> end() {
    {
      const std::scoped_lock lock(mutex_);
      over_ = true;
      changed_.notify_all();
    }
    threads_.join();
    return lost_ ? std::nullopt : std::optional(turn_);
  }

private:
  void loop() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::seconds(1), [this] { return over_; })) {
      if (how_.tick) how_.tick();
      if (!lost_ &&
          std::chrono::steady_clock::now() - renewed_ >= std::chrono::seconds(backup::turn_renewal))
        renew();
    }
  }

  void renew() {
    const auto begin = std::chrono::steady_clock::now();
    const auto now = backend_.store->clock();
    if (now) {
      Turn next = turn_;
      next.time = *now;
      next.until = *now + backup::turn_seconds;
      auto written = turns_.write(turn_, next);
      if (written && *written) {
        turn_ = next;
        renewed_ = begin;
        return;
      }
      if (written) return lose();
    }
    if (begin - renewed_ >= std::chrono::seconds(backup::turn_seconds - 10)) lose();
  }
  void lose() {
    lost_ = true;
    how_.progress->cancelled = true;
  }

  const Backend& backend_;
  const backup::Turns& turns_;
  Turn turn_;
  const TurnWork& how_;
  std::chrono::steady_clock::time_point renewed_;
  bool lost_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  ThreadGroup threads_;
};

} // namespace

Result<std::string> with_turn(const Backend& backend, const TurnWork& how,
                              const std::function<Outcome()>& work) {
  const backup::Turns turns(*backend.repository, *backend.signing, how.task);
  // Where the store lets two write the same number, the database lets only one have its lock. It is
  // held by the session, so that it ends with the process.
  std::optional<backup::Session> lock;
  if (!backend.conditional) {
    auto address = database_address(backend.settings);
    if (!address) return std::unexpected(address.error());
    auto session = backup::Session::open(*address);
    if (!session) return std::unexpected(session.error());
    auto got =
        session->query("SELECT pg_try_advisory_lock(hashtextextended($1, 0))",
                       {fmt::format("aethel {} {}", backend.repository->config().id, how.task)});
    if (!got) return std::unexpected(got.error());
    if (!got->boolean(0, 0)) return fail(fmt::format("another process runs the {}", how.task));
    lock.emplace(std::move(*session));
  }
  auto now = backend.store->clock();
  if (!now) return fail(now.error().message);
  auto newest = turns.newest();
  if (!newest) return std::unexpected(newest.error());
  const std::optional<Turn>& before = *newest;
  if (before && before->runs(*now))
    return fail(fmt::format("another process runs the {}", how.task));
  if (how.due && before &&
      (before->occurrence > how.due->occurrence ||
       (before->occurrence == how.due->occurrence && before->state == Turn::State::succeeded)))
    return fail(fmt::format("another process ran the {}", how.task));
  Turn turn{.state = Turn::State::running,
            .time = *now,
            .until = *now + backup::turn_seconds,
            // What somebody asks for is not tried again by itself.
            .attempt = how.due ? how.due->attempt : platform::attempts_limit,
            .holder = backup::random_hex(8)};
  turn.occurrence = how.due ? how.due->occurrence : before ? before->occurrence : *now;
  auto taken = turns.write(before, turn);
  if (!taken) return std::unexpected(taken.error());
  if (!*taken) return fail(fmt::format("another process was first to run the {}", how.task));

  Renewal renewal(backend, turns, turn, how);
  Outcome outcome = work();
  const auto ours = renewal.end();
  if (!ours)
    return fail(outcome.result ? "it took so long that another process went on"
                               : outcome.result.error().message);
  Turn end = *ours;
  now = backend.store->clock();
  end.time = end.until = now ? *now : ours->until;
  end.state = outcome.done ? Turn::State::succeeded : Turn::State::failed;
  if (!outcome.done && !outcome.result) end.failure = outcome.result.error().message;
  if (!outcome.done && how.progress->cancelled) {
    const bool stopped = how.stopping != nullptr && *how.stopping;
    // By the end of this process: another one tries at once. By a person: nobody does.
    end.attempt = stopped ? 0 : platform::attempts_limit;
  }
  // When it cannot be written the turn expires, and the schedule goes on from there.
  if (auto written = turns.write(ours, end); written && *written) turns.forget(end);
  return std::move(outcome.result);
}

} // namespace aethel::daemon
