// What every store has to keep. Included by one source of a program, which says what stores there
// are:
//   INSTANTIATE_TEST_SUITE_P(All, Store, testing::Values(StoreMaker{...}), store_name);
#pragma once

#include "store/object_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace aethel::store {

// An empty store, and what has to live as long as it.
struct MadeStore {
  std::shared_ptr<void> below;
  std::unique_ptr<ObjectStore> store;
};
struct StoreMaker {
  const char* name;
  std::function<MadeStore()> make;
};
inline void PrintTo(const StoreMaker& maker, std::ostream* out) { *out << maker.name; }
inline std::string store_name(const testing::TestParamInfo<StoreMaker>& about) {
  return about.param.name;
}

class Store : public testing::TestWithParam<StoreMaker> {
protected:
  MadeStore made = GetParam().make();
  std::unique_ptr<ObjectStore>& store = made.store;
};

TEST_P(Store, KeepsWhatItWasGiven) {
  const std::string bytes("\0\xff text", 7);
  ASSERT_TRUE(store->put("a/b", bytes, Put::if_absent));
  EXPECT_EQ(*store->get("a/b", 100), bytes);
  EXPECT_EQ(*store->get_range("a/b", 1, 3), bytes.substr(1, 3));
  EXPECT_EQ(*store->get_range("a/b", 5, 99), bytes.substr(5));
  EXPECT_EQ(*store->get_range("a/b", 7, 1), "");
  EXPECT_EQ(store->status("a/b")->size, 7u);
  ASSERT_TRUE(store->put("empty", "", Put::always));
  EXPECT_EQ(*store->get("empty", 0), "");
}

TEST_P(Store, MakesAnObjectOnce) {
  ASSERT_TRUE(store->put("a", "one", Put::if_absent));
  EXPECT_TRUE(store->put("a", "one", Put::if_absent)) << "an answer that was lost is asked again";
  EXPECT_EQ(store->put("a", "two", Put::if_absent).error().trouble, Trouble::exists);
  EXPECT_EQ(*store->get("a", 9), "one");
  ASSERT_TRUE(store->put("a", "two", Put::always));
  EXPECT_EQ(*store->get("a", 9), "two");
}

TEST_P(Store, OneOfManyWritersWins) {
  std::atomic<int> won = 0;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 8; ++i)
      writers.emplace_back([&, i] {
        if (store->put("leases/one", std::string(1000, static_cast<char>('a' + i)), Put::if_absent))
          ++won;
      });
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(store->status("leases/one")->size, 1000u);
}

TEST_P(Store, ListsByPrefixInOrder) {
  for (const char* key : {"b/2", "b/10", "a", "b.x", "bc/d", "b/1/e"})
    ASSERT_TRUE(store->put(key, "x", Put::if_absent));
  const auto keys = [&](std::string_view prefix) {
    std::string out;
    for (const ObjectInfo& each : store->list(prefix).value()) out += each.key + " ";
    return out;
  };
  EXPECT_EQ(keys(""), "a b.x b/1/e b/10 b/2 bc/d ");
  EXPECT_EQ(keys("b/"), "b/1/e b/10 b/2 ");
  EXPECT_EQ(keys("b/1"), "b/1/e b/10 ");
  EXPECT_EQ(keys("b"), "b.x b/1/e b/10 b/2 bc/d ");
  EXPECT_EQ(keys("none/"), "");
}

TEST_P(Store, SaysWhatIsAbsent) {
  EXPECT_EQ(store->get("a", 9).error().trouble, Trouble::absent);
  EXPECT_EQ(store->get_range("a", 0, 9).error().trouble, Trouble::absent);
  EXPECT_EQ(store->status("a").error().trouble, Trouble::absent);
  EXPECT_TRUE(store->remove("a"));
}

TEST_P(Store, RefusesWhatIsTooLargeOrNoKey) {
  ASSERT_TRUE(store->put("a", "four", Put::always));
  EXPECT_EQ(store->get("a", 3).error().trouble, Trouble::corrupt);
  for (const char* key : {"", "/a", "a/", "a//b", "../a", "a/../b", ".hidden", "a b", "a\n"})
    EXPECT_EQ(store->put(key, "x", Put::always).error().trouble, Trouble::refused) << key;
}

TEST_P(Store, Removes) {
  ASSERT_TRUE(store->put("a/b", "x", Put::always));
  ASSERT_TRUE(store->remove("a/b"));
  EXPECT_EQ(store->list("")->size(), 0u);
  EXPECT_TRUE(store->put("a/b", "y", Put::if_absent));
}

} // namespace aethel::store
