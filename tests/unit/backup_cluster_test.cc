#include "backup/cluster.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace aethel::backup {
namespace {

TEST(DrillRoom, is_that_of_the_way_to_a_folder_that_is_not_there_yet) {
  const std::filesystem::path here = testing::TempDir();
  const auto there = drill_room(here);
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_GT(*there, 0U);
  EXPECT_TRUE(drill_room(here / "no" / "such" / "folder"));
  EXPECT_TRUE(drill_room(here / "no/"));
  EXPECT_FALSE(std::filesystem::exists(here / "no"));
}

TEST(DrillRoom, is_none_where_nothing_can_be_made) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "drill_room_file";
  std::ofstream(file) << "a file";
  const auto room = drill_room(file / "below");
  ASSERT_FALSE(room);
  EXPECT_NE(room.error().message.find("drill_room_file/below"), std::string::npos);
  std::filesystem::remove(file);
}

} // namespace
} // namespace aethel::backup
