// What people see of progress.
#include "daemon/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace aethel::daemon {
namespace {

TEST(Reading, SaysHowFastAndHowMuchLonger) {
  const Reading reading;
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_THAT(
      reading.text(1'000'000, 4'000'000),
      testing::ContainsRegex("^1[.]0 MB of 4[.]0 MB read at [0-9.]+ .?B/s, [0-9.]+ s left$"));
  // Nothing that would be a guess.
  EXPECT_EQ(reading.text(0, 4'000'000), "0 B of 4.0 MB read");
  EXPECT_EQ(reading.text(4'000'000, 4'000'000), "4.0 MB of 4.0 MB read");
}

} // namespace
} // namespace aethel::daemon
