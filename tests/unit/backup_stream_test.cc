#include "backup/stream.h"
#include "store/memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace aethel::backup {
namespace {

std::string noise(std::size_t size) {
  std::mt19937_64 random(size);
  std::string out(size, '\0');
  for (std::size_t at = 0; at < size; at += 8) {
    const std::uint64_t word = random();
    std::memcpy(out.data() + at, &word, std::min<std::size_t>(8, size - at));
  }
  return out;
}

class Stream : public testing::Test {
protected:
  Stream() { initialise_keys(); }
  StreamInfo write(std::string_view bytes, StreamOptions options = {}) {
    StreamWriter writer(store, "b1", "archive", key(), options);
    for (std::size_t at = 0; at < bytes.size(); at += 100'003)
      EXPECT_TRUE(writer.write(bytes.substr(at, 100'003)));
    return writer.finish().value();
  }
  Result<std::string> read(const StreamInfo& info) {
    return read_stream(store, "b1", info, key(), std::uint64_t{1} << 30);
  }
  const Secret& key() {
    static const Secret key = Secret::random();
    return key;
  }
  store::MemoryStore store;
};

TEST_F(Stream, ComesBackAsItWas) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, block_size - 1, block_size,
                                 block_size + 1, 3 * block_size, 5 * block_size + 17}) {
    store.clear();
    const std::string bytes = noise(size);
    const StreamInfo info = write(bytes, {.object_size = std::size_t{9} << 20});
    EXPECT_EQ(info.bytes, size);
    EXPECT_EQ(info.segments, std::max<std::size_t>(1, (size + block_size - 1) / block_size));
    EXPECT_EQ(read(info).value(), bytes) << size;
  }
}

TEST_F(Stream, KeepsObjectsBelowTheirSize) {
  const StreamInfo info = write(noise(11 * block_size), {.object_size = std::size_t{9} << 20});
  EXPECT_EQ(info.objects.size(), 6u);
  for (const StoredObject& each : info.objects) EXPECT_LE(each.size, std::size_t{9} << 20);
}

TEST_F(Stream, IsTheSameForAnyNumberOfThreads) {
  const std::string bytes = noise(block_size / 2) + std::string(9 * block_size, 'x');
  const StreamInfo one = write(bytes, {.workers = 1, .uploads = 1});
  store.clear();
  const StreamInfo many = write(bytes, {.workers = 7, .uploads = 3});
  ASSERT_EQ(one.objects.size(), many.objects.size());
  for (std::size_t i = 0; i < one.objects.size(); ++i)
    EXPECT_EQ(one.objects[i].sha256, many.objects[i].sha256);
}

TEST_F(Stream, TellsEveryByteThatChanged) {
  const StreamInfo info = write("a small stream of which every byte is flipped in its turn");
  std::string& object = *store.at(object_key("b1", "archive", 1));
  for (std::size_t i = 0; i < object.size(); ++i)
    for (const int bit : {1, 0x80}) {
      object[i] = static_cast<char>(object[i] ^ bit);
      EXPECT_FALSE(read(info)) << i;
      // Also when who changed the object can change what is said of it.
      StreamInfo forged = info;
      forged.objects[0].sha256 = sha256_hex(object);
      EXPECT_FALSE(read(forged)) << i;
      object[i] = static_cast<char>(object[i] ^ bit);
    }
  EXPECT_TRUE(read(info));
}

TEST_F(Stream, NamesWhatIsWrong) {
  StreamInfo info = write(noise(4 * block_size), {.object_size = std::size_t{5} << 20});
  ASSERT_EQ(info.objects.size(), 4u);
  const auto message = [&](const StreamInfo& of) {
    const auto got = read(of);
    return got ? std::string("nothing") : got.error().message;
  };
  const std::string two = object_key("b1", "archive", 2);
  const std::string three = object_key("b1", "archive", 3);
  {
    std::swap(*store.at(two), *store.at(three));
    EXPECT_EQ(message(info), "object \"" + two + "\" has other bytes than were stored");
    StreamInfo forged = info;
    std::swap(forged.objects[1], forged.objects[2]);
    EXPECT_EQ(message(forged), "object \"" + two + "\": segment 1 is not authentic");
    std::swap(*store.at(two), *store.at(three));
  }
  {
    StreamInfo forged = info;
    forged.objects.pop_back();
    EXPECT_EQ(message(forged), "stream \"archive\" ends after segment 3 of 4");
    --forged.segments;
    EXPECT_EQ(message(forged), "object \"" + three + "\": segment 2 is not authentic")
        << "the mark of the last one is sealed";
  }
  {
    StreamInfo forged = info;
    forged.segments = 5;
    EXPECT_NE(message(forged), "nothing");
  }
  {
    const std::string bytes = *store.at(two);
    store.at(two)->pop_back();
    EXPECT_NE(message(info).find("bytes; "), std::string::npos);
    ASSERT_TRUE(store.remove(two));
    EXPECT_EQ(message(info), "object \"" + two + "\" is lost");
  }
}

TEST_F(Stream, OfAnotherBackupIsRefused) {
  const StreamInfo info = write("text");
  ASSERT_TRUE(store.put(object_key("b2", "archive", 1), *store.at(object_key("b1", "archive", 1)),
                        store::Put::always));
  EXPECT_FALSE(read_stream(store, "b2", info, key(), 100));
  EXPECT_FALSE(read_stream(store, "b1", info, Secret::random(), 100));
}

// Fails after some puts.
class Failing final : public store::MemoryStore {
public:
  explicit Failing(int puts) : left_(puts) {}
  store::StoreResult<void> put(std::string_view key, std::string_view bytes,
                               store::Put mode) override {
    if (left_-- <= 0) return store::trouble(store::Trouble::full, "no space");
    return MemoryStore::put(key, bytes, mode);
  }

private:
  std::atomic<int> left_;
};

TEST_F(Stream, GivesUpWhenTheStoreDoes) {
  for (const int puts : {0, 1, 3}) {
    Failing failing(puts);
    StreamWriter writer(failing, "b1", "archive", key(), {.object_size = std::size_t{5} << 20});
    const std::string bytes = noise(block_size);
    Result<void> written;
    for (int i = 0; i < 30 && written; ++i) written = writer.write(bytes);
    EXPECT_FALSE(written);
    const auto finished = writer.finish();
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().message, "no space");
  }
}

TEST_F(Stream, MayBeAbandoned) {
  StreamWriter writer(store, "b1", "archive", key(), {});
  EXPECT_TRUE(writer.write(noise(6 * block_size)));
}

} // namespace
} // namespace aethel::backup
