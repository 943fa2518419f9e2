// What every store has to keep, asked of the folder and of memory; buckets are asked in
// tests/running/s3_test.cc.
#include "store/folder.h"
#include "store/memory.h"
#include "support/store_contract.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

namespace aethel::store {
namespace {

struct Scratch {
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "aethel-store-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Scratch() { std::filesystem::remove_all(path); }
  std::string path;
};

INSTANTIATE_TEST_SUITE_P(
    Both, Store,
    testing::Values(StoreMaker{"memory",
                               [] { return MadeStore{{}, std::make_unique<MemoryStore>()}; }},
                    StoreMaker{"folder",
                               [] {
                                 auto scratch = std::make_shared<Scratch>();
                                 auto store = open_folder(scratch->path + "/deep/repository");
                                 return MadeStore{scratch, std::move(store)};
                               }}),
    store_name);

TEST(Folder, IsItsOwnersAlone) {
  const Scratch scratch;
  const auto store = open_folder(scratch.path + "/above/r");
  EXPECT_EQ(store->list("a/")->size(), 0u);
  EXPECT_FALSE(std::filesystem::exists(scratch.path + "/above")) << "made by who only reads";
  ASSERT_TRUE(store->put("a/b", "x", Put::always));
  using std::filesystem::perms;
  // What is beside it is others' too, such as the folder of drills.
  EXPECT_NE(std::filesystem::status(scratch.path + "/above").permissions() & perms::others_exec,
            perms::none);
  EXPECT_EQ(std::filesystem::status(scratch.path + "/above/r").permissions(), perms::owner_all);
  EXPECT_EQ(std::filesystem::status(scratch.path + "/above/r/a/b").permissions(),
            perms::owner_read | perms::owner_write);
}

TEST(Folder, ListsNothingThatIsHalfWritten) {
  const Scratch scratch;
  const auto store = open_folder(scratch.path);
  ASSERT_TRUE(store->put("a", "x", Put::always));
  ASSERT_TRUE(store->remove("a"));
  std::ofstream(scratch.path + "/.partial/1-2-3") << "half";
  EXPECT_EQ(store->list("")->size(), 0u);
  const auto again = open_folder(scratch.path);
  EXPECT_TRUE(std::filesystem::exists(scratch.path + "/.partial/1-2-3")) << "another may write it";
  std::filesystem::last_write_time(scratch.path + "/.partial/1-2-3",
                                   std::filesystem::file_time_type::clock::now() -
                                       std::chrono::hours(25));
  const auto later = open_folder(scratch.path);
  EXPECT_FALSE(std::filesystem::exists(scratch.path + "/.partial/1-2-3"));
}

TEST(Folder, FollowsNoLinkOut) {
  const Scratch scratch;
  const auto store = open_folder(scratch.path + "/r");
  ASSERT_TRUE(store->put("a", "x", Put::always));
  ASSERT_TRUE(store->remove("a"));
  std::ofstream(scratch.path + "/secret") << "s";
  std::filesystem::create_symlink("../secret", scratch.path + "/r/link");
  EXPECT_FALSE(store->get("link", 9));
  EXPECT_EQ(store->list("")->size(), 0u);
}

} // namespace
} // namespace aethel::store
