#include "base/files.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

TEST(JoinPath, normalises_and_keeps_what_leads_outside) {
  EXPECT_EQ(join_path("a/b", "../c"), "a/c");
  EXPECT_EQ(join_path("a/b", "./c//d/"), "a/b/c/d");
  EXPECT_EQ(join_path("", "."), "");
  EXPECT_EQ(join_path("a", "../../x"), "../x");
  EXPECT_EQ(join_path("a", "/etc/passwd"), "/etc/passwd");
  EXPECT_TRUE(is_outside("../x"));
  EXPECT_TRUE(is_outside("/x"));
  EXPECT_FALSE(is_outside("..x"));
}

TEST(RelativePath, goes_up_and_down) {
  EXPECT_EQ(relative_path("a/b/c", "a/b"), "c");
  EXPECT_EQ(relative_path("a/x", "a/b"), "../x");
  EXPECT_EQ(relative_path("a", "a/b"), "..");
  EXPECT_EQ(relative_path("z", "a/b"), "../../z");
  EXPECT_EQ(relative_path("ab/c", "a"), "../ab/c");
  EXPECT_EQ(relative_path("a", "a"), ".");
}

TEST(MemoryFiles, lists_direct_children_in_order) {
  MemoryFiles files;
  files.write("b/two", "2");
  files.write("a", "1");
  files.link("c", "a");
  const auto entries = files.list("");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[1].name, "b");
  EXPECT_EQ((*entries)[1].type, FileType::directory);
  EXPECT_EQ(files.read("c", 10).value(), "1");
  EXPECT_FALSE(files.read("b", 10));
  EXPECT_FALSE(files.read("a", 0));
}

} // namespace
} // namespace aethel
