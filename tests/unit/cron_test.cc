#include "knowledge/cron.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <string>

namespace aethel::knowledge {
namespace {

std::int64_t at(const char* text) {
  std::tm parts{};
  ::strptime(text, "%Y-%m-%d %H:%M:%S", &parts);
  return ::timegm(&parts);
}

std::string text_of(std::optional<std::int64_t> time) {
  if (!time) return "never";
  const std::time_t seconds = *time;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  ::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

struct Case {
  const char *cron, *from, *next, *last;
};

TEST(Cron, FindsTheTimesAround) {
  for (const Case& each : {
           Case{"0 */6 * * *", "2026-11-26 18:00:00", "2026-11-27 00:00:00", "2026-11-26 18:00:00"},
           Case{"0 */6 * * *", "2026-11-26 17:59:59", "2026-11-26 18:00:00", "2026-11-26 12:00:00"},
           Case{"30 2 * * *", "2026-12-31 23:59:00", "2027-01-01 02:30:00", "2026-12-31 02:30:00"},
           Case{"0 4 * * 0", "2026-11-26 00:00:00", "2026-11-29 04:00:00", "2026-11-22 04:00:00"},
           Case{"0 4 * * 7", "2026-11-26 00:00:00", "2026-11-29 04:00:00", "2026-11-22 04:00:00"},
           Case{"0 0 29 2 *", "2026-11-26 00:00:00", "2028-02-29 00:00:00", "2024-02-29 00:00:00"},
           // Across 2100, which has no such day.
           Case{"0 0 29 feb *", "2096-03-01 00:00:00", "2104-02-29 00:00:00",
                "2096-02-29 00:00:00"},
           // Either the day or the weekday.
           Case{"0 0 1 * mon", "2026-11-26 00:00:00", "2026-11-30 00:00:00", "2026-11-23 00:00:00"},
           Case{"0 0 1 * mon", "2026-11-30 00:00:00", "2026-12-01 00:00:00", "2026-11-30 00:00:00"},
           // A field that begins with a star restricts nothing by itself.
           Case{"0 0 */2 * mon", "2026-11-26 00:00:00", "2026-12-07 00:00:00",
                "2026-11-23 00:00:00"},
           Case{"5/20 * * * *", "2026-11-26 10:06:00", "2026-11-26 10:25:00",
                "2026-11-26 10:05:00"},
           Case{"0 0 30 2 *", "2026-11-26 00:00:00", "never", "never"},
       }) {
    const auto cron = Cron::parse(each.cron);
    ASSERT_TRUE(cron) << each.cron;
    EXPECT_EQ(text_of(cron->next(at(each.from))), each.next) << each.cron;
    EXPECT_EQ(text_of(cron->last(at(each.from))), each.last) << each.cron;
  }
}

TEST(Cron, RefusesWhatIsNoSchedule) {
  for (const char* text :
       {"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8", "*/0 * * * *", "1-0 * * * *", "1,,2 * * * *", ",1 * * * *", "1- * * * *",
        "-1 * * * *", "* * * foo *", "@daily", "*/99999999999 * * * *"})
    EXPECT_FALSE(is_cron(text)) << text;
  EXPECT_TRUE(is_cron("*/2147483647 * * * *"));
}

// What lies between two times in a row is none: minute by minute, by the C library's calendar.
TEST(Cron, LeavesNothingOut) {
  std::mt19937_64 random(7);
  const auto one_of = [&](std::initializer_list<const char*> list) {
    return std::string(*(list.begin() + static_cast<long>(random() % list.size())));
  };
  for (int round = 0; round < 60; ++round) {
    const std::string minute = one_of({"*", "0", "*/7", "5,10-12", "59"});
    const std::string hour = one_of({"*", "3", "*/5", "22-23,0"});
    const std::string day = one_of({"*", "1", "31", "*/9", "10-12"});
    const std::string weekday = one_of({"*", "0", "mon-fri", "7", "6"});
    const auto cron = Cron::parse(minute + " " + hour + " " + day + " * " + weekday);
    ASSERT_TRUE(cron);
    const auto hour_only = Cron::parse(minute + " " + hour + " * * *");
    const auto day_only = Cron::parse("* * " + day + " * *");
    const auto weekday_only = Cron::parse("* * * * " + weekday);
    std::int64_t time =
        at("2026-01-01 00:00:00") + static_cast<std::int64_t>(random() % 31'536'000);
    time -= time % 60;
    const auto found = cron->next(time);
    for (int minutes = 0; minutes < 3000; ++minutes) {
      time += 60;
      const auto has = [&](const std::optional<Cron>& part) { return part->last(time) == time; };
      const bool both = day.front() == '*' || weekday == "*";
      const bool due = has(hour_only) && (both ? has(day_only) && has(weekday_only)
                                               : has(day_only) || has(weekday_only));
      EXPECT_EQ(due, cron->last(time) == time);
      if (due) {
        EXPECT_EQ(found, time);
        break;
      }
      EXPECT_TRUE(!found || *found > time);
    }
  }
}

} // namespace
} // namespace aethel::knowledge
