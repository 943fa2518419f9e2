#include "backup/prove.h"
#include "backup/rewrap.h"
#include "store/memory.h"

#include <gtest/gtest.h>

namespace aethel::backup {
namespace {

class Prove : public testing::Test {
protected:
  Prove() {
    initialise_keys();
    signing = make_signing_key();
    service = make_private_key();
    repository.emplace(Repository::create(store,
                                          {{"service", service.public_key()},
                                           {"recovery", make_private_key().public_key()}},
                                          signing)
                           .value());
    id = new_backup_id(1'700'000'000);
    Manifest manifest{.id = id,
                      .repository = repository->config().id,
                      .database = "main",
                      .environment = "test",
                      .program = "aetheld test",
                      .started = 1'700'000'000,
                      .finished = 1'700'000'007,
                      .server = "18.6",
                      .server_major = 18};
    const Secret data = Secret::random();
    for (const Recipient& each : repository->config().recipients)
      manifest.keys.push_back(wrap(data, each.key, id));
    Catalog catalog;
    catalog.schema = "CREATE TABLE public.t (id integer);\n";
    catalog.relations.push_back({.schema = "public", .name = "t", .columns = {"id"}});
    for (const auto& [name, bytes] :
         {std::pair<std::string, std::string>{"archive", "PGDMP of a small database"},
          {"catalog", write_catalog(catalog)}}) {
      StreamWriter writer(store, id, name, data, {});
      EXPECT_TRUE(writer.write(bytes));
      manifest.streams.push_back(writer.finish().value());
    }
    EXPECT_TRUE(repository->publish(manifest, signing));
  }
  // As who comes with the store and the keys alone: what is wrong, or nothing.
  std::string verify(const PrivateKey& key) {
    const auto opened = Repository::open(store, signing.signer());
    if (!opened) return "repository: " + opened.error().message;
    const auto found = opened->find(id);
    if (!found) return "manifest: " + found.error().message;
    const Report report = prove(*opened, found->manifest, key, {.level = 1});
    if (report.passed()) return {};
    EXPECT_EQ(report.unable, "");
    return report.failure()->name + ": " + report.failure()->message;
  }
  store::MemoryStore store;
  SigningKey signing{};
  PrivateKey service{};
  std::optional<Repository> repository;
  std::string id;
};

TEST_F(Prove, RejectsEveryByteThatIsFlipped) {
  ASSERT_EQ(verify(service), "");
  std::size_t count = 0;
  for (const store::ObjectInfo& each : *store.list("")) {
    std::string& bytes = *store.at(each.key);
    for (char& byte : bytes) {
      // One bit, and the one that makes small letters large.
      for (const char bit : {'\x01', '\x20'}) {
        byte = static_cast<char>(byte ^ bit);
        EXPECT_NE(verify(service), "") << each.key << " at " << &byte - bytes.data();
        byte = static_cast<char>(byte ^ bit);
      }
      ++count;
    }
  }
  EXPECT_GT(count, 2000u);
  EXPECT_EQ(verify(service), "");
}

TEST_F(Prove, RejectsEveryFlippedByteOfLaterKeys) {
  const PrivateKey later = make_private_key();
  ASSERT_EQ(rewrap(*repository, service, {later.public_key()}, signing)->done, 1u);
  ASSERT_EQ(verify(later), "");
  const std::string name = store.list("keys/")->front().key;
  std::string& bytes = *store.at(name);
  for (char& byte : bytes) {
    byte = static_cast<char>(byte ^ 1);
    EXPECT_NE(verify(later), "") << &byte - bytes.data();
    byte = static_cast<char>(byte ^ 1);
  }
}

TEST_F(Prove, RejectsEveryLengthButTheRightOne) {
  for (const store::ObjectInfo& each : *store.list("objects/")) {
    std::string& bytes = *store.at(each.key);
    const std::string whole = bytes;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      bytes = whole.substr(0, size);
      EXPECT_NE(verify(service), "") << each.key << " of " << size;
    }
    bytes = whole + whole.back();
    EXPECT_NE(verify(service), "") << each.key;
    bytes = whole;
  }
}

TEST_F(Prove, NamesWhatIsWrong) {
  const std::string archive = "objects/" + id + "/archive-000001";
  const std::string catalog = "objects/" + id + "/catalog-000001";
  std::swap(*store.at(archive), *store.at(catalog));
  EXPECT_NE(verify(service).find("objects: "), std::string::npos);
  std::swap(*store.at(archive), *store.at(catalog));
  EXPECT_NE(verify(make_private_key()).find("key: backup "), std::string::npos);
  ASSERT_TRUE(store.remove(archive));
  EXPECT_EQ(verify(service), "objects: object \"" + archive + "\" is lost");
}

// A store that lists, and does not give.
class Silent : public store::MemoryStore {
public:
  bool silent = false;
  store::StoreResult<std::string> get(std::string_view key, std::uint64_t limit) override {
    if (silent && key.starts_with("objects/"))
      return store::trouble(store::Trouble::unavailable, "no answer");
    return MemoryStore::get(key, limit);
  }
};

TEST_F(Prove, SaysNothingOfABackupThatItCannotRead) {
  Silent other;
  for (const store::ObjectInfo& each : *store.list(""))
    ASSERT_TRUE(other.put(each.key, *store.at(each.key), store::Put::always));
  const auto opened = Repository::open(other, signing.signer());
  const Manifest manifest = opened->find(id)->manifest;
  other.silent = true;
  const Report report = prove(*opened, manifest, service, {.level = 1});
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.failure(), nullptr);
  EXPECT_EQ(report.unable, "no answer");
  other.silent = false;
  // No programs of PostgreSQL, and L2 asks for them.
  const Report without = prove(*opened, manifest, service, {.level = 2});
  EXPECT_EQ(without.failure(), nullptr);
  EXPECT_NE(without.unable.find("there is no pg_dump on this machine"), std::string::npos);
}

} // namespace
} // namespace aethel::backup
