// What is due by a schedule, and whose turn it is.
#include "platform/schedule.h"

#include "backup/turns.h"
#include "store/memory.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace aethel::platform {
namespace {

using backup::Turn;
using backup::Turns;

constexpr std::int64_t start = 1'780'000'000;

struct Replicas : testing::Test {
  Replicas() { backup::initialise_keys(); }

  store::MemoryStore store;
  backup::SigningKey key = backup::make_signing_key();
  backup::Repository repository = [this] {
    auto made = backup::Repository::create(store,
                                           {{"service", backup::make_private_key().public_key()},
                                            {"recovery", backup::make_private_key().public_key()}},
                                           key);
    EXPECT_TRUE(made);
    return std::move(*made);
  }();
  Schedule schedule{.task = "backup",
                    .text = "*/10 * * * *",
                    .cron = *knowledge::Cron::parse("*/10 * * * *"),
                    .jitter = 30,
                    .seed = "r"};
};

TEST_F(Replicas, GoOnWhereAnotherWasKilled) {
  const Turn killed{.number = 7,
                    .state = Turn::State::running,
                    .occurrence = start - start % 600,
                    .time = start,
                    .until = start + 180,
                    .attempt = 1};
  EXPECT_FALSE(plan_turn(schedule, killed, start + 179).due);
  EXPECT_EQ(plan_turn(schedule, killed, start + 179).look, start + 180);
  const Plan after = plan_turn(schedule, killed, start + 181);
  ASSERT_TRUE(after.due);
  EXPECT_EQ(after.due->occurrence, killed.occurrence);
  EXPECT_EQ(after.due->attempt, 2U);
  EXPECT_EQ(after.due->missed, 0U);
}

TEST_F(Replicas, TryAgainAndGiveUpUntilTheNextTime) {
  schedule.jitter = 0;
  schedule.cron = *knowledge::Cron::parse("0 3 * * *");
  const std::int64_t night = *schedule.cron.next(start);
  Turn turn{.number = 3,
            .state = Turn::State::failed,
            .occurrence = night,
            .time = night + 100,
            .attempt = 1};
  EXPECT_FALSE(plan_turn(schedule, turn, night + 399).due);
  EXPECT_EQ(plan_turn(schedule, turn, night + 399).next, night + 400);
  EXPECT_EQ(plan_turn(schedule, turn, night + 400).due->attempt, 2U);
  turn.attempt = 2;
  EXPECT_FALSE(plan_turn(schedule, turn, night + 400).due);
  EXPECT_EQ(plan_turn(schedule, turn, night + 1000).due->attempt, 3U);
  turn.attempt = attempts_limit;
  EXPECT_FALSE(plan_turn(schedule, turn, night + 80'000).due);
  EXPECT_EQ(plan_turn(schedule, turn, night + 80'000).next, night + 86'400);
  // One that ended with its process is tried by another at once.
  turn.attempt = 0;
  EXPECT_EQ(plan_turn(schedule, turn, night + 100).due->attempt, 1U);
}

TEST_F(Replicas, CatchUpOnceAndCountWhatWasMissed) {
  schedule.jitter = 0;
  const std::int64_t ten = start - start % 600;
  const Turn turn{.number = 3, .state = Turn::State::succeeded, .occurrence = ten, .time = ten + 5};
  EXPECT_FALSE(plan_turn(schedule, turn, ten + 599).due);
  EXPECT_EQ(plan_turn(schedule, turn, ten + 600).due->missed, 0U);
  const Plan late = plan_turn(schedule, turn, ten + 3000);
  EXPECT_EQ(late.due->occurrence, ten + 3000);
  EXPECT_EQ(late.due->missed, 4U);
  EXPECT_EQ(plan_turn(schedule, turn, ten + 86'400 * 365).due->missed, missed_limit);
}

TEST_F(Replicas, BeginLaterByTheSameForEverybody) {
  schedule.jitter = 300;
  std::map<std::int64_t, int> delays;
  for (std::int64_t time = start; time < start + 600 * 500; time += 600) {
    const std::int64_t delay = delay_of(schedule, time);
    EXPECT_EQ(delay, delay_of(schedule, time));
    EXPECT_GE(delay, 0);
    EXPECT_LE(delay, 300);
    ++delays[delay / 31];
  }
  EXPECT_GE(delays.size(), 10U);
  for (const auto& [part, count] : delays) EXPECT_LT(count, 150) << part;
}

TEST_F(Replicas, OneThatSleptWinsNothing) {
  Turns turns(repository, key, "backup");
  std::optional<Turn> newest;
  std::optional<Turn> seen; // by the one that sleeps
  for (int i = 0; i < 200; ++i) {
    Turn turn{.state = Turn::State::succeeded, .occurrence = start + i, .time = start + i};
    ASSERT_TRUE(*turns.write(newest, turn));
    turns.forget(turn);
    newest = turn;
    if (i == 3) seen = turn;
  }
  // Its number was written and removed meanwhile.
  Turn late{.state = Turn::State::running, .occurrence = start + 4, .time = start};
  auto won = turns.write(seen, late);
  ASSERT_TRUE(won);
  EXPECT_FALSE(*won);
  EXPECT_EQ((*turns.newest())->number, 200U);
}

TEST_F(Replicas, RefuseATurnThatNobodySigned) {
  Turns turns(repository, key, "backup");
  Turn turn{.occurrence = start, .time = start};
  ASSERT_TRUE(*turns.write(std::nullopt, turn));
  std::string* const bytes = store.at("turns/backup/000000000001");
  ASSERT_NE(bytes, nullptr);
  const std::size_t place = bytes->find("begun");
  ASSERT_NE(place, std::string::npos);
  bytes->replace(place, 5, "failed");
  EXPECT_FALSE(turns.newest());
  EXPECT_TRUE(*backup::refuses_second_write(store));
}

} // namespace
} // namespace aethel::platform
