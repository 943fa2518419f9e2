#include "backup/retention.h"
#include "store/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <set>

namespace aethel::backup {
namespace {

constexpr std::int64_t day = 86'400;

// The same rules a second time, as a person would apply them with paper and scissors: for each rule
// the set of what it keeps, by names of periods that the C library prints.
std::set<std::string> model(const std::vector<Candidate>& all, const RetentionPolicy& policy,
                            std::int64_t now) {
  std::set<std::string> kept;
  std::vector<Candidate> newest_first(all.rbegin(), all.rend());
  for (std::size_t i = 0; i < newest_first.size(); ++i) {
    const Candidate& each = newest_first[i];
    if (i < policy.last || each.held || (policy.within > 0 && now - each.finished < policy.within))
      kept.insert(each.id);
  }
  const auto rule = [&](const char* format, unsigned count) {
    std::vector<std::string> names;
    std::map<std::string, std::vector<Candidate>> groups;
    for (const Candidate& each : newest_first) {
      char name[64];
      const std::time_t time = each.finished;
      std::tm parts{};
      ::gmtime_r(&time, &parts);
      std::strftime(name, sizeof name, format, &parts);
      if (!groups.contains(name)) names.emplace_back(name);
      groups[name].push_back(each);
    }
    for (std::size_t i = 0; i < names.size() && i < count; ++i) {
      const auto& group = groups[names[i]];
      const auto proven = std::ranges::find(group, true, &Candidate::proven);
      kept.insert(proven == group.end() ? group.front().id : proven->id);
    }
  };
  rule("%Y-%m-%d %H", policy.hourly);
  rule("%Y-%m-%d", policy.daily);
  rule("%G-%V", policy.weekly);
  rule("%Y-%m", policy.monthly);
  rule("%Y", policy.yearly);
  bool behind = false; // a proven one was seen that is newer
  for (const Candidate& each : newest_first) {
    if (!behind) kept.insert(each.id);
    behind = behind || each.proven;
  }
  for (const Candidate& each : newest_first) {
    const auto proven = std::ranges::count_if(
        all, [&](const Candidate& other) { return other.proven && kept.contains(other.id); });
    if (proven < static_cast<std::ptrdiff_t>(policy.proven) && each.proven) kept.insert(each.id);
  }
  return kept;
}

TEST(Retention, EqualsASimpleModel) {
  std::mt19937_64 random(20261126);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  for (int round = 0; round < 100'000; ++round) {
    std::vector<Candidate> all;
    // Hours, days or months apart, over the turns of months, years and ISO weeks.
    const std::int64_t steps[] = {900, 3600, 6 * 3600, day, 5 * day, 25 * day};
    const std::int64_t step = steps[below(6)];
    std::int64_t time = 1'600'000'000 + static_cast<std::int64_t>(below(200'000'000));
    const std::uint64_t count = below(24);
    for (std::uint64_t i = 0; i < count; ++i) {
      time += 1 + static_cast<std::int64_t>(below(2 * step));
      all.push_back({std::to_string(i), time, below(3) != 0, below(12) == 0});
    }
    const RetentionPolicy policy{
        .last = static_cast<unsigned>(below(4)),
        .hourly = static_cast<unsigned>(below(5)),
        .daily = static_cast<unsigned>(below(6)),
        .weekly = static_cast<unsigned>(below(4)),
        .monthly = static_cast<unsigned>(below(4)),
        .yearly = static_cast<unsigned>(below(3)),
        .within = below(2) == 0 ? 0 : static_cast<std::int64_t>(below(40)) * day / 4,
        .proven = static_cast<unsigned>(below(5))};
    const std::int64_t now = time + static_cast<std::int64_t>(below(3 * day));
    const std::set<std::string> expected = model(all, policy, now);
    const std::vector<Decision> decisions = decide(all, policy, now);
    ASSERT_EQ(decisions.size(), all.size());
    for (const Decision& each : decisions) {
      ASSERT_EQ(each.keep, expected.contains(each.id)) << "round " << round << " id " << each.id;
      ASSERT_FALSE(each.reasons.empty());
    }
  }
}

TEST(Retention, RemovesNothingWhileNothingIsProven) {
  std::vector<Candidate> all;
  for (int i = 0; i < 100; ++i) all.push_back({std::to_string(i), 1'700'000'000 + i * day});
  for (const Decision& each : decide(all, {.last = 1, .daily = 0, .weekly = 0, .monthly = 0}, 2e9))
    EXPECT_TRUE(each.keep);
}

class Prune : public testing::Test {
protected:
  Prune() : repository(Repository::create(store, {}, signing).value()) { store.set_clock(now); }
  std::string add(std::int64_t finished, bool proven) {
    Manifest manifest{.id = new_backup_id(finished),
                      .repository = repository.config().id,
                      .database = "main",
                      .environment = "test",
                      .program = "test",
                      .started = finished,
                      .finished = finished,
                      .server = "18.6",
                      .server_major = 18};
    EXPECT_TRUE(store.put(object_key(manifest.id, "archive", 1), "x", store::Put::always));
    EXPECT_TRUE(repository.publish(manifest, signing));
    if (proven) {
      const std::string text = R"({"backup":")" + manifest.id + R"(","repository":")" +
                               repository.config().id +
                               R"(","level":3,"passed":true,"failure":"","finished":")" +
                               time_text(finished) + R"(","recovery_milliseconds":5})";
      EXPECT_TRUE(repository.add_report(manifest.id, text, 3, true, finished, signing));
    }
    return manifest.id;
  }
  PrunePlan
  plan(RetentionPolicy policy = {.last = 9, .daily = 0, .weekly = 0, .monthly = 0, .proven = 1},
       std::size_t agreed = 0) {
    return plan_prune(repository, "main", policy, now, agreed).value();
  }
  const std::int64_t now = 1'700'000'000;
  store::MemoryStore store;
  SigningKey signing = make_signing_key();
  Repository repository;
};

TEST_F(Prune, RemovesWhatNoRuleKeeps) {
  std::vector<std::string> ids;
  for (int i = 12; i > 0; --i) ids.push_back(add(now - i * day, true));
  const PrunePlan made = plan();
  EXPECT_EQ(made.stopped, "");
  const auto pruned = prune(repository, made);
  EXPECT_EQ(pruned->removed, std::vector(ids.begin(), ids.begin() + 3));
  EXPECT_EQ(repository.list()->backups.size(), 9u);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(store.list("objects/" + ids[i])->size() + store.list("reports/" + ids[i])->size(),
              0u);
}

TEST_F(Prune, TakesNoBackupForProvenWhoseNewestDrillFailed) {
  std::vector<std::string> ids;
  for (int i = 12; i > 0; --i) ids.push_back(add(now - i * day, i > 1));
  EXPECT_EQ(std::ranges::count(plan().decisions, false, &Decision::keep), 3);
  for (std::size_t i = 3; i < ids.size(); ++i) {
    const std::string text = R"({"backup":")" + ids[i] + R"(","repository":")" +
                             repository.config().id +
                             R"(","level":2,"passed":false,"failure":"digests","finished":")" +
                             time_text(now) + R"(","recovery_milliseconds":5})";
    EXPECT_TRUE(repository.add_report(ids[i], text, 2, false, now, signing));
  }
  // The newest proven one is now older than all that nothing keeps.
  for (const Decision& each : plan().decisions) EXPECT_EQ(each.keep, each.id > ids[1]) << each.id;
}

TEST_F(Prune, StopsOnAnEmptyListing) {
  EXPECT_EQ(plan().stopped, "the listing shows no backup of this database");
  EXPECT_FALSE(prune(repository, plan()));
}

TEST_F(Prune, StopsWhenTooManyWouldGo) {
  for (int i = 20; i > 0; --i) add(now - i * day, true);
  EXPECT_EQ(plan().stopped, "11 of 20 backups would be removed, which is more than 30 %");
  EXPECT_FALSE(prune(repository, plan()));
  EXPECT_EQ(repository.list()->backups.size(), 20u);
  EXPECT_NE(plan().hint.find("--yes --remove 11"), std::string::npos) << plan().hint;
  const RetentionPolicy nine = {.last = 9, .daily = 0, .weekly = 0, .monthly = 0, .proven = 1};
  // Who looked at ten has not looked at eleven.
  EXPECT_FALSE(plan(nine, 10).stopped.empty());
  const auto pruned = prune(repository, plan(nine, 11));
  ASSERT_TRUE(pruned);
  EXPECT_EQ(pruned->removed.size(), 11u);
}

TEST_F(Prune, StopsWhenClocksDiffer) {
  add(now - day, true);
  store.set_clock(now + 301);
  EXPECT_EQ(plan().stopped, "the clocks of the store and of this machine differ by 301 s");
  store.set_clock(now);
  const std::string id = add(now + day, true);
  EXPECT_EQ(plan().stopped, "backup " + id + " is of the future");
}

TEST_F(Prune, StopsAtWhatItCannotRead) {
  for (int i = 12; i > 0; --i) add(now - i * day, true);
  const std::string id = new_backup_id(now - 30 * day);
  ASSERT_TRUE(store.put("manifests/" + id, "garbage", store::Put::always));
  EXPECT_EQ(plan().stopped, "backup " + id + " cannot be read: not a manifest of a backup");
}

TEST_F(Prune, SweepsWhatAKilledRunLeft) {
  add(now - day, true);
  const std::string old = new_backup_id(now - 3 * day);
  const std::string young = new_backup_id(now - 3 * day);
  store.set_clock(now - 2 * day);
  ASSERT_TRUE(store.put(object_key(old, "archive", 1), "x", store::Put::always));
  ASSERT_TRUE(store.put(object_key(young, "archive", 1), "x", store::Put::always));
  store.set_clock(now - day / 2);
  ASSERT_TRUE(store.put(object_key(young, "archive", 2), "x", store::Put::always));
  store.set_clock(now);
  EXPECT_EQ(plan().orphans, std::vector{old});
  EXPECT_EQ(prune(repository, plan())->orphans, 1u);
  EXPECT_EQ(store.list("objects/" + old)->size(), 0u);
  EXPECT_EQ(store.list("objects/" + young)->size(), 2u);
}

TEST_F(Prune, RespectsAHoldThatCameMeanwhile) {
  std::vector<std::string> ids;
  for (int i = 12; i > 0; --i) ids.push_back(add(now - i * day, true));
  const PrunePlan made = plan();
  ASSERT_TRUE(repository.hold(ids[1], "audit", signing));
  EXPECT_EQ(prune(repository, made)->removed.size(), 2u);
  EXPECT_TRUE(repository.find(ids[1]));
}

TEST(Durations, AreRead) {
  EXPECT_EQ(parse_duration("48h"), 48 * 3600);
  EXPECT_EQ(parse_duration("30d"), 30 * day);
  EXPECT_EQ(parse_duration("2w"), 14 * day);
  for (const char* text : {"", "h", "-1h", "1.5h", "1y", "0d", "999999999999999999999h"})
    EXPECT_EQ(parse_duration(text), -1) << text;
}

TEST(Retention, RulesOfNothingKeepTheNewestProvenAndWhatCameAfterIt) {
  const RetentionPolicy nothing{.last = 0, .daily = 0, .weekly = 0, .monthly = 0, .proven = 0};
  const std::vector<Candidate> all = {
      {"a", 1 * day, true}, {"b", 2 * day, true}, {"c", 3 * day, true}, {"d", 4 * day, false}};
  std::vector<bool> kept;
  for (const Decision& each : decide(all, nothing, 5 * day)) kept.push_back(each.keep);
  EXPECT_EQ(kept, (std::vector<bool>{false, false, true, true}));
}

} // namespace
} // namespace aethel::backup
