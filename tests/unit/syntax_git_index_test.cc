#include "syntax/git_index.h"

#include "support/index_bytes.h"
#include "syntax/git_config.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

std::vector<std::string> paths(const GitIndex& index) {
  std::vector<std::string> result;
  for (const IndexEntry& entry : index.entries) result.emplace_back(index.path(entry));
  return result;
}

Result<GitIndex> read(std::string_view bytes, ObjectFormat format = ObjectFormat::sha1) {
  auto file = read_index_file(bytes, format);
  if (!file) return std::unexpected(file.error());
  return join_index(std::move(*file), nullptr);
}

using Paths = std::vector<std::string>;

TEST(GitIndex, every_version_gives_the_same_paths) {
  const std::vector<IndexedFile> entries = {
      {"README.md"}, {"a file.txt"}, {"bin/run", 0100755}, {"link", 0120000}, {"sub", 0160000}};
  for (const std::uint32_t version : {2u, 3u, 4u}) {
    const auto index = read(index_bytes(version, entries));
    ASSERT_TRUE(index) << version << index.error().message;
    EXPECT_EQ(paths(*index), (Paths{"README.md", "a file.txt", "bin/run", "link", "sub"}));
    EXPECT_EQ(index->entries[2].type, IndexType::executable);
    EXPECT_EQ(index->entries[3].type, IndexType::symlink);
    EXPECT_EQ(index->entries[4].type, IndexType::submodule);
    EXPECT_EQ(index->entries[0].size, 7u);
  }
}

TEST(GitIndex, sha256_entries_are_longer) {
  const auto index = read(index_bytes(2, {{"a"}, {"b/c"}}, "", 32), ObjectFormat::sha256);
  ASSERT_TRUE(index);
  EXPECT_EQ(paths(*index), (Paths{"a", "b/c"}));
}

TEST(GitIndex, sparse_directories_and_skipped_files) {
  const auto index = read(index_bytes(3, {{"a", 0100644, true}, {"docs/", 040000, true}, {"src/x"}},
                                      "sdir" + big_endian(0, 4)));
  ASSERT_TRUE(index);
  EXPECT_TRUE(index->entries[0].skip_worktree);
  EXPECT_EQ(index->entries[1].type, IndexType::directory);
  EXPECT_FALSE(index->entries[2].skip_worktree);
}

TEST(GitIndex, a_conflict_is_one_path) {
  const auto index = read(index_bytes(
      2, {{"a", 0100644, false, 1}, {"a", 0100644, false, 2}, {"a", 0100644, false, 3}}));
  ASSERT_TRUE(index);
  EXPECT_EQ(paths(*index), (Paths{"a"}));
}

TEST(GitIndex, paths_that_leave_the_tree_are_dropped) {
  const auto index = read(index_bytes(
      2,
      {{"../x"}, {"/etc/passwd"}, {".git/config"}, {"a//b"}, {"a/../../b"}, {"b/.git/x"}, {"ok"}}));
  ASSERT_TRUE(index);
  EXPECT_EQ(paths(*index), (Paths{"ok"}));
}

TEST(GitIndex, unsorted_paths_are_sorted) {
  const auto index = read(index_bytes(2, {{"b"}, {"a"}, {"b"}}));
  ASSERT_TRUE(index);
  EXPECT_EQ(paths(*index), (Paths{"a", "b"}));
}

TEST(GitIndex, every_truncation_is_a_failure_or_a_shorter_list) {
  const std::string whole =
      index_bytes(4, {{"a/b"}, {"a/c"}, {"d"}}, "TREE" + big_endian(2, 4) + "xx");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto index = read(whole.substr(0, size));
    if (index) EXPECT_LE(index->entries.size(), 3u);
  }
}

TEST(GitIndex, counts_that_the_file_cannot_hold_fail) {
  std::string bytes = index_bytes(2, {{"a"}});
  bytes.replace(8, 4, big_endian(0xffffffff, 4));
  EXPECT_FALSE(read(bytes));
  EXPECT_FALSE(read(index_bytes(5, {{"a"}})));
  EXPECT_FALSE(read(index_bytes(2, {{"a"}}, "evil" + big_endian(0, 4)))) << "must be understood";
  EXPECT_TRUE(read(index_bytes(2, {{"a"}}, "GOOD" + big_endian(0, 4))));
}

// Bits 0..3 as one literal word.
std::string bitmap(std::uint64_t bits, std::uint32_t count) {
  return big_endian(count, 4) + big_endian(2, 4) + big_endian(1ull << 33, 8) + big_endian(bits, 8) +
         big_endian(0, 4);
}

TEST(GitIndex, a_split_index_removes_replaces_and_adds) {
  const auto shared =
      read_index_file(index_bytes(2, {{"a"}, {"b"}, {"c"}, {"d"}}), ObjectFormat::sha1);
  ASSERT_TRUE(shared);
  const std::string link = std::string(20, '\x12') + bitmap(0b0001, 4) + bitmap(0b0100, 4);
  const std::string extension = "link" + big_endian(link.size(), 4) + link;
  auto file =
      read_index_file(index_bytes(2, {{"", 0100755}, {"bb"}}, extension), ObjectFormat::sha1);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->linked);
  EXPECT_EQ(file->link.base, "1212121212121212121212121212121212121212");
  EXPECT_FALSE(join_index(*file, nullptr));
  const auto index = join_index(*file, &*shared);
  ASSERT_TRUE(index);
  EXPECT_EQ(paths(*index), (Paths{"b", "bb", "c", "d"}));
  EXPECT_EQ(index->entries[2].type, IndexType::executable);
}

TEST(GitConfig, sections_values_and_continued_lines) {
  const auto settings = parse_git_config(
      "[core]\n\tbare = false ; no\n[Submodule \"libs/a b\"] path = \"libs/a b\"\n"
      "  url = https://x\\\n/y\n[extensions]\nobjectFormat=sha256\nworktreeConfig\n");
  ASSERT_EQ(settings.size(), 5u);
  EXPECT_EQ(settings[0].value, "false");
  EXPECT_EQ(settings[1].section, "submodule");
  EXPECT_EQ(settings[1].subsection, "libs/a b");
  EXPECT_EQ(settings[1].value, "libs/a b");
  EXPECT_EQ(settings[2].value, "https://x/y");
  EXPECT_EQ(settings[3].key, "objectformat");
  EXPECT_EQ(settings[4].value, "true");
}

} // namespace
} // namespace aethel
