#include "generate/merge.h"

#include <gtest/gtest.h>
#include <random>

namespace aethel::generate {
namespace {

std::string patched(std::string_view a, std::string_view b) {
  const auto lines = lines_of(a), others = lines_of(b);
  std::string text;
  std::size_t at = 0;
  for (const Change& change : changes(lines, others)) {
    for (; at < change.a_begin; ++at) text += lines[at];
    for (std::size_t i = change.b_begin; i < change.b_end; ++i) text += others[i];
    at = change.a_end;
  }
  for (; at < lines.size(); ++at) text += lines[at];
  return text;
}

std::string random_text(std::mt19937& random, std::size_t most) {
  std::string text;
  for (std::size_t i = random() % (most + 1); i > 0; --i)
    text += std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
  if (random() % 8 == 0 && !text.empty()) text.pop_back();
  return text;
}

TEST(Diff, changes_lead_from_one_text_to_the_other) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    const std::string a = random_text(random, 12), b = random_text(random, 12);
    EXPECT_EQ(patched(a, b), b) << a << "--\n" << b;
  }
}

TEST(Diff, gives_up_into_one_change_when_there_is_too_much) {
  const std::string a = "x\na\nb\nc\nd\n", b = "x\n1\n2\n3\nd\n";
  const auto lines = lines_of(a), others = lines_of(b);
  EXPECT_EQ(changes(lines, others, 1).size(), 1u);
}

TEST(Diff, is_unified) {
  EXPECT_EQ(unified_diff("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nD\ne\nf\ng"), R"(@@ -1,6 +1,7 @@
 a
 b
 c
-d
+D
 e
 f
+g
\ No newline at end of file
)");
  EXPECT_EQ(unified_diff("a\n", "a\n"), "");
  EXPECT_EQ(unified_diff("", "a\n"), "@@ -0,0 +1 @@\n+a\n");
}

TEST(Merge, takes_what_one_side_changed) {
  std::mt19937 random(11);
  for (int i = 0; i < 1000; ++i) {
    const std::string base = random_text(random, 10), other = random_text(random, 10);
    EXPECT_EQ(merge(base, other, base).text, other);
    EXPECT_EQ(merge(base, base, other).text, other);
    EXPECT_EQ(merge(base, other, other).text, other);
  }
}

TEST(Merge, joins_changes_in_different_places) {
  const Merged merged = merge("a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\nf\n");
  EXPECT_TRUE(merged.conflicts.empty());
  EXPECT_EQ(merged.text, "A\nb\nc\nd\nE\nf\n");
}

TEST(Merge, reports_both_sides_of_a_conflict_with_its_line) {
  const Merged merged = merge("a\nb\nc\n", "x\na\nmine\nc\n", "a\ntheirs\nc\n");
  ASSERT_EQ(merged.conflicts.size(), 1u);
  EXPECT_EQ(merged.conflicts[0].line, 3u);
  EXPECT_EQ(merged.conflicts[0].base, "b\n");
  EXPECT_EQ(merged.conflicts[0].mine, "mine\n");
  EXPECT_EQ(merged.conflicts[0].theirs, "theirs\n");
  EXPECT_EQ(merged.text, "");
}

TEST(Merge, a_line_deleted_and_changed_is_a_conflict) {
  EXPECT_EQ(merge("a\nb\nc\n", "a\nc\n", "a\nB\nc\n").conflicts.size(), 1u);
}

} // namespace
} // namespace aethel::generate
