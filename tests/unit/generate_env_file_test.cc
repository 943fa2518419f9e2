#include "generate/env_file.h"

#include <gtest/gtest.h>

namespace aethel::generate {
namespace {

std::string counted(std::size_t length) { return std::string(length, 'r'); }

constexpr std::string_view example = "# What it is for.\n"
                                     "#: random 20\n"
                                     "PASSWORD=\n"
                                     "#: redis://:${PASSWORD}@cache:6379\n"
                                     "URL=\n"
                                     "KEY=\n";

TEST(EnvFile, makes_what_is_random_and_names_the_rest) {
  const auto made = make_env_file(example, "", counted);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->text, "# What it is for.\n"
                        "PASSWORD=rrrrrrrrrrrrrrrrrrrr\n"
                        "URL=redis://:rrrrrrrrrrrrrrrrrrrr@cache:6379\n"
                        "KEY=\n");
  EXPECT_EQ(made->open, std::vector<std::string>{"KEY"});
}

TEST(EnvFile, keeps_every_value_and_line_of_a_person) {
  const auto made = make_env_file(example, "KEY=k\nPASSWORD=mine\nOTHER=o\n", counted);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->text, "# What it is for.\n"
                        "PASSWORD=mine\n"
                        "URL=redis://:mine@cache:6379\n"
                        "KEY=k\n"
                        "\n# Yours:\n"
                        "OTHER=o\n");
  const auto again = make_env_file(example, made->text, counted);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->text, made->text);
}

TEST(EnvFile, refuses_short_randomness_and_values_that_are_not_there) {
  EXPECT_FALSE(make_env_file("#: random 8\nA=\n", "", counted).has_value());
  EXPECT_FALSE(make_env_file("#: x${B}\nA=\n", "", counted).has_value());
}

} // namespace
} // namespace aethel::generate
