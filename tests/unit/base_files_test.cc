#include "base/files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

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

TEST(DiskFiles, symlinks_are_followed_only_inside_the_root) {
  char name[] = "/tmp/aethel-files-XXXXXX";
  const std::filesystem::path top = ::mkdtemp(name);
  std::filesystem::create_directories(top / "root/sub");
  std::ofstream(top / "secret") << "s";
  std::ofstream(top / "root/sub/a") << "abc";
  std::filesystem::create_symlink("../secret", top / "root/out");
  std::filesystem::create_symlink("..", top / "root/sub/up");
  std::filesystem::create_symlink("/etc", top / "root/etc");
  std::filesystem::create_symlink(top / "root/sub", top / "root/absolute");
  const auto files = disk_files(top / "root");
  EXPECT_EQ(files->read("sub/a", 10).value(), "abc");
  EXPECT_EQ(files->read("sub/up/sub/a", 10).value(), "abc");
  EXPECT_EQ(files->read("absolute/a", 10).value(), "abc");
  EXPECT_EQ(files->read("out", 10).error().message, "outside the root");
  EXPECT_EQ(files->read("../secret", 10).error().message, "outside the root");
  EXPECT_FALSE(files->list("etc"));
  EXPECT_EQ(files->status("etc/passwd").type, FileType::absent);
  EXPECT_EQ(files->status("etc").type, FileType::symlink);
  EXPECT_EQ(files->status("").type, FileType::directory);
  EXPECT_EQ(files->read_link("out").value(), "../secret");
  const std::string_view asked[] = {"a", "up", "none"};
  const auto status = files->status_of("sub", asked);
  EXPECT_EQ(status[0].size, 3u);
  EXPECT_EQ(status[1].type, FileType::symlink);
  EXPECT_EQ(status[2].type, FileType::absent);
  EXPECT_FALSE(disk_files(top / "none")->list(""));
  std::filesystem::remove_all(top);
}

} // namespace
} // namespace aethel
