#include "base/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace aethel {
namespace {

constexpr std::array<std::string_view, 5> stages = {"production", "staging", "development", "test",
                                                    "example"};

TEST(EditDistance, counts_a_swap_as_one) {
  EXPECT_EQ(edit_distance("", "", 9), 0u);
  EXPECT_EQ(edit_distance("web", "wbe", 9), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 9), 3u);
  EXPECT_EQ(edit_distance("ca", "abc", 9), 3u);
  EXPECT_EQ(edit_distance("abcdef", "", 9), 6u);
  EXPECT_EQ(edit_distance("abcdef", "uvwxyz", 2), 3u);
}

TEST(EditDistance, stopping_early_changes_nothing) {
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string a, b;
    for (auto n = random() % 9; n > 0; --n) a += static_cast<char>('a' + random() % 3);
    for (auto n = random() % 9; n > 0; --n) b += static_cast<char>('a' + random() % 3);
    const std::size_t exact = edit_distance(a, b, 100);
    for (std::size_t limit = 0; limit < 9; ++limit)
      ASSERT_EQ(edit_distance(a, b, limit), std::min(exact, limit + 1)) << a << ' ' << b;
    ASSERT_EQ(exact, edit_distance(b, a, 100));
  }
}

TEST(Nearest, finds_what_was_meant) {
  EXPECT_EQ(nearest("prodution", stages), "production");
  EXPECT_EQ(nearest("Staging", stages), "staging");
  EXPECT_EQ(nearest("tset", stages), "test");
  EXPECT_EQ(nearest("prod", stages), "production");
  EXPECT_EQ(nearest("dev", stages), "development");
  EXPECT_EQ(nearest("env-files", std::array<std::string_view, 1>{"env_files"}), "env_files");
}

TEST(Nearest, is_silent_when_nothing_is_near) {
  EXPECT_EQ(nearest("live", stages), std::nullopt);
  EXPECT_EQ(nearest("te", stages), std::nullopt);
  EXPECT_EQ(nearest("", stages), std::nullopt);
  EXPECT_EQ(nearest("port", std::array<std::string_view, 1>{"host"}), std::nullopt);
  EXPECT_EQ(nearest(std::string(100000, 'x'), stages), std::nullopt);
}

TEST(Nearest, prefers_an_edit_over_an_abbreviation_and_then_the_first) {
  EXPECT_EQ(nearest("test", std::array<std::string_view, 2>{"testing-ground", "tests"}), "tests");
  EXPECT_EQ(nearest("abx", std::array<std::string_view, 2>{"aby", "abz"}), "aby");
}

} // namespace
} // namespace aethel
