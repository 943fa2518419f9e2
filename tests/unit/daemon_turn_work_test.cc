// Replicas of one repository over simulated time: the process's own looks, turns and renewals; only
// what waits, and the work, are the test's.
#include "daemon/turn_work.h"

#include "store/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>

namespace aethel::daemon {
namespace {

using backup::Turn;
using std::chrono::seconds;

constexpr std::int64_t start = 1'780'000'000;
constexpr std::int64_t period = 600;

// The common store, as one replica sees it.
class Sight : public store::ObjectStore {
public:
  explicit Sight(store::MemoryStore& store) : store_(&store) {}

  bool away = false;
  bool loses_answers = false;         // what is written is there, and the answer is not
  std::function<void()> before_write; // between looking and writing: somebody else's moment

  store::StoreResult<void> put(std::string_view key, std::string_view bytes,
                               store::Put mode) override {
    if (away) return gone();
    if (const auto other = std::exchange(before_write, nullptr)) other();
    auto put = store_->put(key, bytes, mode);
    return loses_answers ? gone() : put;
  }
  store::StoreResult<std::string> get(std::string_view key, std::uint64_t limit) override {
    if (away) return gone();
    return store_->get(key, limit);
  }
  store::StoreResult<std::string> get_range(std::string_view key, std::uint64_t offset,
                                            std::uint64_t length) override {
    if (away) return gone();
    return store_->get_range(key, offset, length);
  }
  store::StoreResult<store::ObjectInfo> status(std::string_view key) override {
    if (away) return gone();
    return store_->status(key);
  }
  store::StoreResult<std::vector<store::ObjectInfo>> list(std::string_view prefix) override {
    if (away) return gone();
    return store_->list(prefix);
  }
  store::StoreResult<void> remove(std::string_view key) override {
    if (away) return gone();
    return store_->remove(key);
  }
  store::StoreResult<std::int64_t> clock() override {
    if (away) return gone();
    return store_->clock();
  }
  std::string describe() const override { return store_->describe(); }

private:
  static std::unexpected<store::StoreFailure> gone() {
    return store::trouble(store::Trouble::unavailable, "no answer");
  }
  store::MemoryStore* store_;
};

struct TwoReplicas : testing::Test {
  TwoReplicas() {
    backup::initialise_keys();
    key = backup::make_signing_key();
    begin();
  }
  void begin() {
    store.clear();
    store.set_clock(start);
    auto made = backup::Repository::create(store,
                                           {{"service", backup::make_private_key().public_key()},
                                            {"recovery", backup::make_private_key().public_key()}},
                                           key);
    EXPECT_TRUE(made);
    schedule.seed = made->config().id;
  }
  std::unique_ptr<Backend> backend(std::unique_ptr<store::ObjectStore> sight) {
    auto opened = backup::Repository::open(*sight, key.signer());
    EXPECT_TRUE(opened);
    auto one = std::make_unique<Backend>();
    one->store = std::move(sight);
    one->repository = std::move(*opened);
    one->signing = key;
    return one;
  }
  Turn newest() {
    auto repository = backup::Repository::open(store, key.signer());
    auto turn = backup::Turns(*repository, key, schedule.task).newest();
    EXPECT_TRUE(turn && *turn);
    return **turn;
  }

  store::MemoryStore store;
  backup::SigningKey key;
  platform::Schedule schedule{.task = "backup",
                              .text = "*/10 * * * *",
                              .cron = *knowledge::Cron::parse("*/10 * * * *"),
                              .jitter = 30};
};

// What happens to a replica beside its work. Of a thousand, at each moment.
struct Trouble {
  unsigned kill = 0, freeze = 0, away = 0, lost_answer = 0;
  unsigned failure = 0; // of a thousand runs
  std::int64_t longest_work = 0;
};

// Two replicas, one event after the other, in an order that is drawn by lot.
class Simulation {
public:
  struct Replica {
    Sight* sight = nullptr;
    std::unique_ptr<Backend> backend;
    std::int64_t wake = 0;
    std::optional<platform::Due> due; // seen, not yet taken
    std::optional<HeldTurn> held;
    std::int64_t work_ends = 0, away_until = 0;
    bool frozen = false;
  };
  struct Told {
    unsigned runs = 0;      // taken
    unsigned ends = 0;      // the work was done to its end
    unsigned succeeded = 0; // and the turn says so
  };

  Simulation(TwoReplicas& all, unsigned seed) : all_(all), random_(seed) {
    for (Replica& each : replicas_) {
      auto sight = std::make_unique<Sight>(all.store);
      each.sight = sight.get();
      each.backend = all.backend(std::move(sight));
      each.wake = now_ + draw(3);
    }
  }

  void run(std::int64_t until, const Trouble& trouble) {
    trouble_ = trouble;
    while (true) {
      const bool first = replicas_[0].wake != replicas_[1].wake
                             ? replicas_[0].wake < replicas_[1].wake
                             : draw(2) == 0;
      Replica& next = replicas_[first ? 0 : 1];
      if (next.wake >= until) break;
      set(std::max(now_, next.wake));
      step(next);
    }
    set(until);
  }

  const std::map<std::int64_t, Told>& told() const { return told_; }
  std::int64_t now() const { return now_; }
  unsigned met = 0; // two at the same turn
  unsigned kills = 0, freezes = 0, aways = 0, takeovers = 0;

private:
  std::int64_t draw(std::int64_t below) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(below));
  }
  bool happens(unsigned of_a_thousand) { return of_a_thousand > 0 && draw(1000) < of_a_thousand; }
  HeldTurn::Time steady() const { return HeldTurn::Time(seconds(now_)); }
  void set(std::int64_t time) {
    now_ = time;
    all_.store.set_clock(time);
  }

  void step(Replica& one) {
    one.frozen = false;
    one.sight->away = now_ < one.away_until;
    if (happens(trouble_.away)) {
      ++aways;
      one.sight->away = true;
      one.away_until = now_ + 1 + draw(400);
    }
    one.sight->loses_answers = happens(trouble_.lost_answer);
    one.wake = now_ + 1;
    if (one.held) {
      work(one);
    } else if (one.due) {
      take(one);
    } else {
      look(one);
    }
    if (happens(trouble_.kill)) {
      ++kills;
      one.held.reset();
      one.due.reset();
      one.wake = now_ + 1 + draw(300);
    } else if (happens(trouble_.freeze)) {
      ++freezes;
      one.frozen = true;
      one.wake = now_ + 1 + draw(400);
    }
  }

  void look(Replica& one) {
    const auto looked = look_at(*one.backend, all_.schedule);
    if (!looked) {
      one.wake = now_ + 15;
    } else if (*looked) {
      one.due = (*looked)->plan.due;
      one.wake =
          now_ + (one.due ? draw(2)
                          : std::clamp<std::int64_t>((*looked)->plan.look - now_, 1, longest_look));
    }
  }

  void take(Replica& one) {
    const platform::Due due = *one.due;
    one.due.reset();
    Replica& other = &one == &replicas_[0] ? replicas_[1] : replicas_[0];
    // The other at the same turn looks and writes between this one's look and its write.
    if (other.due && !other.frozen && !other.held && draw(2) == 0)
      one.sight->before_write = [&] {
        ++met;
        take(other);
      };
    auto held = HeldTurn::take(*one.backend, all_.schedule.task, due, steady());
    one.sight->before_write = nullptr;
    if (!held) return;
    Told& told = told_[due.occurrence];
    EXPECT_EQ(told.succeeded, 0U) << "done already: " << due.occurrence;
    if (told.runs++ > 0) ++takeovers;
    // Who had it stopped by itself before, or sleeps and cannot know.
    if (other.held) {
      EXPECT_TRUE(other.frozen) << "two at a time at " << now_;
      EXPECT_LE(other.held->turn().until, now_);
    }
    one.held.emplace(std::move(*held));
    one.work_ends = now_ + 1 + draw(trouble_.longest_work);
  }

  void work(Replica& one) {
    // Who woke up may end its work before it sees whether it still has the turn.
    const bool over = now_ >= one.work_ends;
    if ((!over || draw(2) == 0) && !one.held->keep(steady())) {
      // Nobody stops for an answer that was lost before.
      EXPECT_TRUE(one.sight->away || one.sight->loses_answers ||
                  all_.newest().holder != one.held->turn().holder)
          << now_;
      one.held.reset();
      return;
    }
    if (!over) return;
    const Turn before = all_.newest();
    const bool mine = before.holder == one.held->turn().holder;
    if (happens(trouble_.failure)) {
      one.held->end(Turn::State::failed, "it failed");
    } else {
      one.held->end(Turn::State::succeeded);
      if (mine) ++told_[before.occurrence].ends;
      if (mine && all_.newest().state == Turn::State::succeeded)
        ++told_[before.occurrence].succeeded;
    }
    if (!mine) EXPECT_EQ(all_.newest().number, before.number) << "wrote over another's turn";
    one.held.reset();
  }

  TwoReplicas& all_;
  std::mt19937_64 random_;
  Trouble trouble_;
  std::int64_t now_ = start;
  Replica replicas_[2];
  std::map<std::int64_t, Told> told_;
};

constexpr std::int64_t first = start - start % period + period;
// The last of so many has ended, and the next is not due.
constexpr std::int64_t after(std::int64_t schedules) { return first + schedules * period - 1; }

TEST_F(TwoReplicas, RunEachOfAThousandSchedulesOnce) {
  Simulation two(*this, 11);
  two.run(after(1000), {.longest_work = 480});
  EXPECT_EQ(two.told().size(), 1000U);
  for (const auto& [time, told] : two.told()) {
    EXPECT_EQ(told.runs, 1U) << time;
    EXPECT_EQ(told.succeeded, 1U) << time;
  }
  EXPECT_GT(two.met, 100U) << "the replicas never met";
  // The log does not grow for ever.
  EXPECT_LE(store.list("turns/")->size(), backup::turns_kept + 17);
}

TEST_F(TwoReplicas, KeepApartInEveryTrouble) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(seed);
    begin();
    Simulation two(*this, seed);
    two.run(after(200), {.kill = 1,
                         .freeze = 1,
                         .away = 1,
                         .lost_answer = 50,
                         .failure = 100,
                         .longest_work = 480});
    // What was recorded as done is never done again, however it went.
    std::size_t succeeded = 0, more_than_once = 0;
    for (const auto& [time, told] : two.told()) {
      EXPECT_LE(told.succeeded, 1U) << time;
      succeeded += told.succeeded;
      more_than_once += told.ends > 1;
    }
    // And all of it was tried.
    EXPECT_GE(succeeded, 120U);
    EXPECT_GE(more_than_once, 1U);
    for (const unsigned each : {two.kills, two.freezes, two.aways, two.takeovers, two.met})
      EXPECT_GE(each, 20U);
    // Once the trouble is over, all is as if it had never been.
    two.run(after(202), {.longest_work = 480});
    two.run(after(222), {.longest_work = 480});
    for (std::int64_t time = first + 203 * period; time < after(222); time += period) {
      const auto told = two.told().find(time);
      ASSERT_NE(told, two.told().end()) << time;
      EXPECT_EQ(told->second.runs, 1U) << time;
      EXPECT_EQ(told->second.succeeded, 1U) << time;
    }
  }
}

// Work that waits until it is let go, in a process that shares the repository with others.
struct Process {
  std::unique_ptr<Backend> backend;
  platform::JobProgress progress;
  std::atomic<bool> stopping = false;

  Result<std::string> run(const platform::Due& due, const std::function<Outcome()>& work) {
    return with_turn(*backend,
                     {.task = "backup", .due = due, .progress = &progress, .stopping = &stopping},
                     work);
  }
};

TEST_F(TwoReplicas, OfTwoAtOnceOneWorks) {
  Process processes[2];
  for (Process& each : processes) each.backend = backend(std::make_unique<Sight>(store));
  for (int round = 0; round < 100; ++round) {
    std::latch both(2);
    std::atomic<int> works = 0, done = 0;
    const auto process = [&](Process& one) {
      both.arrive_and_wait();
      const auto result = one.run({.occurrence = start + round}, [&]() -> Outcome {
        ++works;
        return {.result = "{}"};
      });
      if (result) ++done;
    };
    {
      std::jthread other([&] { process(processes[0]); });
      process(processes[1]);
    }
    EXPECT_EQ(works, 1);
    EXPECT_EQ(done, 1);
    EXPECT_EQ(newest().state, Turn::State::succeeded);
    EXPECT_EQ(newest().occurrence, start + round);
  }
}

TEST_F(TwoReplicas, SayHowAWorkEnded) {
  Process one;
  one.backend = backend(std::make_unique<Sight>(store));
  const auto failing = [&]() -> Outcome { return {.result = fail("no room"), .done = false}; };
  const platform::Due due{.occurrence = start, .attempt = 2};
  auto result = one.run(due, failing);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "no room");
  EXPECT_EQ(newest().state, Turn::State::failed);
  EXPECT_EQ(newest().failure, "no room");
  EXPECT_EQ(newest().attempt, 2U);

  // A person stopped it: nobody tries again.
  one.progress.cancelled = true;
  EXPECT_FALSE(one.run(due, failing));
  EXPECT_EQ(newest().attempt, platform::attempts_limit);
  // The process ends: another goes on at once.
  one.stopping = true;
  EXPECT_FALSE(one.run(due, failing));
  EXPECT_EQ(newest().attempt, 0U);

  // What failed for good is over all the same.
  EXPECT_FALSE(one.run(due, [] { return Outcome{.result = fail("unequal")}; }));
  EXPECT_EQ(newest().state, Turn::State::succeeded);
  result = one.run(due, failing);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "another process ran the backup");
}

TEST_F(TwoReplicas, WriteNothingOverAnothersTurn) {
  Process one, other;
  for (Process* each : {&one, &other}) each->backend = backend(std::make_unique<Sight>(store));
  // It sleeps in the middle; meanwhile the other takes over.
  const auto result = one.run({.occurrence = start}, [&]() -> Outcome {
    store.set_clock(start + backup::turn_seconds);
    EXPECT_TRUE(
        other.run({.occurrence = start, .attempt = 2}, [] { return Outcome{.result = "{}"}; }));
    return {.result = "{}", .done = false};
  });
  EXPECT_TRUE(result); // its work is there: only what the turn says is the other's
  EXPECT_EQ(newest().state, Turn::State::succeeded);
  EXPECT_EQ(newest().attempt, 2U);
}

} // namespace
} // namespace aethel::daemon
