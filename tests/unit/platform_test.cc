#include "platform/health.h"
#include "platform/metrics.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace aethel::platform {
namespace {

using std::chrono::milliseconds;

TEST(Metrics, AreWrittenInBothFormats) {
  Metrics metrics;
  metrics.set("aethel_backup_last_success_timestamp_seconds", {"ma\"in\\\n"}, 1'700'000'000);
  metrics.declare("aethel_backup_runs_total", {"main", "failure"});
  metrics.add("aethel_backup_runs_total", {"main", "success"}, 1);
  metrics.add("aethel_backup_runs_total", {"main", "success"}, 1.5);
  EXPECT_EQ(metrics.write(MetricsFormat::text),
            "# HELP aethel_backup_last_success_timestamp_seconds when the last backup of the store "
            "succeeded; 0 when none ever did\n"
            "# TYPE aethel_backup_last_success_timestamp_seconds gauge\n"
            "aethel_backup_last_success_timestamp_seconds{store=\"ma\\\"in\\\\\\n\"} 1700000000\n"
            "# HELP aethel_backup_runs_total backup runs by result: success or failure\n"
            "# TYPE aethel_backup_runs_total counter\n"
            "aethel_backup_runs_total{store=\"main\",result=\"failure\"} 0\n"
            "aethel_backup_runs_total{store=\"main\",result=\"success\"} 2.5\n");
  const std::string open = metrics.write(MetricsFormat::openmetrics);
  EXPECT_NE(open.find("# TYPE aethel_backup_runs counter\n"), std::string::npos);
  EXPECT_NE(open.find("\naethel_backup_runs_total{store=\"main\",result=\"failure\"} 0\n"),
            std::string::npos);
  EXPECT_TRUE(open.ends_with("\n# EOF\n"));
}

TEST(MetricsDeathTest, OutsideOfTheCatalogueEndTheProgram) {
  Metrics metrics;
  EXPECT_DEATH(metrics.set("aethel_invented", {}, 1), "no metric aethel_invented");
  EXPECT_DEATH(metrics.set("aethel_backup_runs_total", {"main"}, 1), "with 1 labels");
}

template <class Condition> bool soon(Condition condition) {
  for (int i = 0; i < 400; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

TEST(Health, FollowsAHardCheckWithHysteresis) {
  std::atomic<bool> good = true;
  std::atomic<int> runs = 0;
  HealthBoard board({{.name = "database",
                      .run = [&]() -> Result<void> {
                        ++runs;
                        if (good) return {};
                        return fail("away");
                      },
                      .period = milliseconds(20),
                      .failures = 3,
                      .successes = 2}});
  EXPECT_TRUE(soon([&] { return board.ready() == Health::pass && board.started(); }));
  good = false;
  EXPECT_TRUE(soon([&] { return board.ready() == Health::fail; }));
  EXPECT_TRUE(board.started()) << "what has started does not start again";
  EXPECT_EQ(board.states()[0].message, "away");
  good = true;
  EXPECT_TRUE(soon([&] { return board.ready() == Health::pass; }));
  board.stop_taking();
  EXPECT_EQ(board.ready(), Health::fail);
}

TEST(Health, OfASoftCheckDegrades) {
  HealthBoard board(
      {{.name = "cache", .run = []() -> Result<void> { return fail("away"); }, .hard = false}});
  EXPECT_TRUE(soon([&] { return board.states()[0].known; }));
  EXPECT_EQ(board.ready(), Health::warn);
  EXPECT_TRUE(board.started());
}

TEST(Health, IsUnknownWhenACheckHangs) {
  std::atomic<bool> hang = false;
  HealthBoard board({{.name = "database",
                      .run = [&]() -> Result<void> {
                        while (hang) std::this_thread::sleep_for(milliseconds(5));
                        return {};
                      },
                      .period = milliseconds(10),
                      .maximum_age = milliseconds(150)}});
  EXPECT_TRUE(soon([&] { return board.ready() == Health::pass; }));
  hang = true;
  EXPECT_TRUE(soon([&] { return board.ready() == Health::fail; }));
  EXPECT_EQ(board.states()[0].message, "no answer for too long");
  hang = false;
  EXPECT_TRUE(soon([&] { return board.ready() == Health::pass; }));
}

TEST(Health, IsWrittenForPeople) {
  HealthBoard board({{.name = "a", .run = [] { return Result<void>(); }},
                     {.name = "b", .run = []() -> Result<void> { return fail("away"); }}});
  EXPECT_TRUE(soon([&] { return board.states()[1].known && board.states()[0].known; }));
  EXPECT_EQ(write_health(board, false, {}), R"({"status":"fail"})");
  EXPECT_EQ(write_health(board, false, {"b"}), R"({"status":"pass"})");
  const std::string verbose = write_health(board, true, {});
  EXPECT_NE(verbose.find(R"("output":"away")"), std::string::npos) << verbose;
}

} // namespace
} // namespace aethel::platform
