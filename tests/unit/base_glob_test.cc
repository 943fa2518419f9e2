#include "base/glob.h"

#include <gtest/gtest.h>

#include <random>

namespace aethel {
namespace {

// The definition, tried in every way: one byte at a time, by recursion.
bool defined_as(std::string_view p, std::string_view t, bool part_begins) {
  if (p.empty()) return t.empty();
  if (part_begins && p == "**") return true;
  if (part_begins && p.starts_with("**/")) {
    if (defined_as(p.substr(3), t, true)) return true;
    const std::size_t slash = t.find('/');
    return slash != std::string_view::npos && defined_as(p, t.substr(slash + 1), true);
  }
  if (p[0] == '*') {
    if (defined_as(p.substr(1), t, false)) return true;
    return !t.empty() && t[0] != '/' && defined_as(p, t.substr(1), false);
  }
  if (t.empty() || (p[0] == '?' ? t[0] == '/' : p[0] != t[0])) return false;
  return defined_as(p.substr(1), t.substr(1), p[0] == '/');
}

TEST(Glob, is_what_its_definition_says) {
  std::mt19937 random(11);
  int matches = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string pattern, text;
    for (auto n = random() % 8; n > 0; --n) pattern += std::string_view("ab/**?/*")[random() % 8];
    for (auto n = random() % 8; n > 0; --n) text += std::string_view("aab//")[random() % 5];
    const bool expected = defined_as(pattern, text, true);
    ASSERT_EQ(glob_match(pattern, text), expected) << pattern << " against " << text;
    matches += expected;
  }
  EXPECT_GT(matches, 5000);
}

TEST(Glob, star_stays_in_its_part) {
  EXPECT_TRUE(glob_match("*.yml", "a.yml"));
  EXPECT_FALSE(glob_match("*.yml", "b/a.yml"));
  EXPECT_TRUE(glob_match("a*b*c", "axbxbxc"));
  EXPECT_FALSE(glob_match("a*b*c", "axbxbx"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("", ""));
  EXPECT_FALSE(glob_match("", "a"));
  EXPECT_TRUE(glob_match("a**b", "axxb"));
  EXPECT_FALSE(glob_match("a**b", "ax/xb"));
}

TEST(Glob, double_star_takes_any_number_of_parts) {
  EXPECT_TRUE(glob_match("**", "a/b/c"));
  EXPECT_TRUE(glob_match("**/c", "c"));
  EXPECT_TRUE(glob_match("**/c", "a/b/c"));
  EXPECT_TRUE(glob_match("a/**/c", "a/c"));
  EXPECT_TRUE(glob_match("a/**/c", "a/b/b/c"));
  EXPECT_FALSE(glob_match("a/**/c", "ab/c"));
  EXPECT_TRUE(glob_match("a/**", "a/b/c"));
  EXPECT_FALSE(glob_match("a/**", "a"));
  EXPECT_TRUE(glob_match("**/b/**/d/*", "a/b/b/c/d/d/e"));
  EXPECT_FALSE(glob_match("**/b/**/d/*", "a/b/b/c/d"));
  EXPECT_TRUE(glob_match("**/a/*/c", "a/a/b/c"));
}

TEST(Glob, classes_and_escapes) {
  EXPECT_TRUE(glob_match("[a-c]x", "bx"));
  EXPECT_FALSE(glob_match("[!a-c]x", "bx"));
  EXPECT_TRUE(glob_match("[^a-c]x", "dx"));
  EXPECT_TRUE(glob_match("[]a]", "]"));
  EXPECT_TRUE(glob_match("[a-]", "-"));
  EXPECT_TRUE(glob_match("[\\]]", "]"));
  EXPECT_TRUE(glob_match("[a", "[a"));
  EXPECT_TRUE(glob_match("\\*", "*"));
  EXPECT_FALSE(glob_match("\\*", "a"));
  EXPECT_TRUE(glob_match("a\\", "a\\"));
  EXPECT_FALSE(glob_match("[!a]", "/"));
}

TEST(Glob, counts_characters_not_bytes) {
  EXPECT_TRUE(glob_match("a?b", "aéb"));
  EXPECT_TRUE(glob_match("[à-ü]", "é"));
  EXPECT_FALSE(glob_match("?", "éé"));
  EXPECT_TRUE(glob_match("?", "\xff"));
  EXPECT_FALSE(glob_match("[\xc3]", "é"));
  EXPECT_TRUE(glob_match("*ção", "configuração"));
}

TEST(Glob, many_stars_take_no_exponential_time) {
  std::string pattern, text(5000, 'a');
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(glob_match(pattern + "b", text));
  std::string deep, path;
  for (int i = 0; i < 100; ++i) deep += "**/a/";
  for (int i = 0; i < 500; ++i) path += "a/";
  EXPECT_FALSE(glob_match(deep + "b", path + "c"));
}

TEST(PathCovered, begins_at_the_root_and_takes_what_lies_below) {
  EXPECT_TRUE(path_covered("deploy/local", "deploy/local/a.yml"));
  EXPECT_TRUE(path_covered("./deploy/*/", "deploy/local/a/b.yml"));
  EXPECT_TRUE(path_covered("/deploy/**", "deploy/a"));
  EXPECT_FALSE(path_covered("deploy", "deployed/a"));
  EXPECT_FALSE(path_covered("a.yml", "sub/a.yml"));
  EXPECT_TRUE(path_covered("**/a.yml", "sub/a.yml"));
  EXPECT_TRUE(path_covered("**/node_modules", "web/node_modules/x/y"));
  EXPECT_TRUE(path_covered(".", "anything"));
}

TEST(EscapeGlob, matches_only_the_text) {
  const std::string text = "a[1]*?\\";
  EXPECT_TRUE(glob_match(escape_glob(text), text));
  EXPECT_FALSE(glob_match(escape_glob("a*"), "ab"));
}

} // namespace
} // namespace aethel
