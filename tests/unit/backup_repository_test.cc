#include "backup/catalog.h"
#include "backup/repository.h"
#include "store/memory.h"

#include <gtest/gtest.h>

namespace aethel::backup {
namespace {

class Repo : public testing::Test {
protected:
  Repo() {
    initialise_keys();
    signing = make_signing_key();
    service = make_private_key();
    recovery = make_private_key();
  }
  Repository make() {
    return Repository::create(
               store, {{"service", service.public_key()}, {"recovery", recovery.public_key()}},
               signing)
        .value();
  }
  Manifest manifest(const Repository& repository) {
    Manifest out{.id = new_backup_id(1'700'000'000),
                 .repository = repository.config().id,
                 .database = "main",
                 .environment = "test",
                 .program = "aetheld test",
                 .started = 1'700'000'000,
                 .finished = 1'700'000'007,
                 .server = "18.6",
                 .server_major = 18,
                 .tables = 3,
                 .rows = 4};
    const Secret data = Secret::random();
    for (const Recipient& each : repository.config().recipients)
      out.keys.push_back(wrap(data, each.key, out.id));
    out.streams.push_back({"archive", 5, 1, {{30, std::string(64, 'a')}}});
    return out;
  }
  store::MemoryStore store;
  SigningKey signing{};
  PrivateKey service{}, recovery{};
};

TEST_F(Repo, IsMadeOnce) {
  make();
  EXPECT_FALSE(Repository::create(store, {}, signing));
  EXPECT_EQ(Repository::open(store, signing.signer())->config().recipients.size(), 2u);
}

TEST_F(Repo, OpensForWhoIsTrustedOnly) {
  EXPECT_EQ(Repository::open(store, signing.signer()).error().message,
            "there is no repository in memory");
  make();
  const auto other = Repository::open(store, make_signing_key().signer());
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("signed by nobody who is trusted here"), std::string::npos);
  std::string& bytes = *store.at("config/000001");
  bytes[bytes.find("recovery")] = 'R';
  EXPECT_NE(Repository::open(store, signing.signer()).error().message.find("it was changed"),
            std::string::npos);
}

TEST_F(Repo, AManifestComesBack) {
  const Repository repository = make();
  const Manifest wrote = manifest(repository);
  ASSERT_TRUE(repository.publish(wrote, signing));
  const auto listing = repository.list();
  ASSERT_EQ(listing->backups.size(), 1u);
  const Manifest& read = listing->backups[0].manifest;
  EXPECT_EQ(read.id, wrote.id);
  EXPECT_EQ(read.started, wrote.started);
  EXPECT_EQ(read.streams[0].objects[0].size, 30u);
  EXPECT_EQ(listing->backups[0].proof.level, -1);
  EXPECT_TRUE(repository.data_key(read, service));
  EXPECT_TRUE(repository.data_key(read, recovery));
  EXPECT_FALSE(repository.data_key(read, make_private_key()));
}

TEST_F(Repo, AManifestWithAFlippedByteIsRefused) {
  const Repository repository = make();
  const Manifest wrote = manifest(repository);
  ASSERT_TRUE(repository.publish(wrote, signing));
  std::string& bytes = *store.at("manifests/" + wrote.id);
  for (char& each : bytes) {
    each = static_cast<char>(each ^ 1);
    const auto listing = repository.list();
    EXPECT_EQ(listing->backups.size(), 0u);
    EXPECT_EQ(listing->unreadable.size(), 1u);
    each = static_cast<char>(each ^ 1);
  }
}

TEST_F(Repo, AManifestOfAnotherBackupOrTenantIsRefused) {
  const Repository repository = make();
  Manifest wrote = manifest(repository);
  ASSERT_TRUE(repository.publish(wrote, signing));
  const std::string moved = new_backup_id(1'700'000'001);
  ASSERT_TRUE(
      store.put("manifests/" + moved, *store.at("manifests/" + wrote.id), store::Put::always));
  wrote.repository = random_hex(16);
  wrote.id = new_backup_id(1'700'000'002);
  ASSERT_TRUE(repository.publish(wrote, signing));
  const auto listing = repository.list();
  EXPECT_EQ(listing->backups.size(), 1u);
  ASSERT_EQ(listing->unreadable.size(), 2u);
  EXPECT_NE(listing->unreadable[0].why.find("it is of backup"), std::string::npos);
  EXPECT_NE(listing->unreadable[1].why.find("another repository"), std::string::npos);
}

TEST_F(Repo, SaysThatANewerFormatIsNewer) {
  const auto read = read_document("manifest", "aethel manifest 2\n\n{}", {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "the manifest has format 2; this program knows formats up to 1");
  for (const char* bytes : {"", "aethel", "aethel manifest", "aethel manifest x\n\n{}",
                            "aethel manifest 0\n\n{}", "aethel config 1\n\n{}"})
    EXPECT_EQ(read_document("manifest", bytes, {}).error().message, "not a manifest of a backup");
}

TEST_F(Repo, FollowsItsSigners) {
  Repository repository = make();
  const Manifest old = manifest(repository);
  ASSERT_TRUE(repository.publish(old, signing));
  const SigningKey next = make_signing_key();
  RepositoryConfig config = repository.config();
  config.signers.push_back(next.signer());
  ASSERT_TRUE(repository.change(config, signing, next));
  for (const SignerKey& each : {signing.signer(), next.signer()}) {
    const auto opened = Repository::open(store, each);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->config().number, 2u);
    EXPECT_EQ(opened->list()->backups.size(), 1u) << "signed by the one before";
  }
  // A configuration that only a stranger signed ends it: it is not skipped.
  ASSERT_TRUE(store.put("config/000003", write_document("config", "{}", make_signing_key()),
                        store::Put::always));
  EXPECT_FALSE(Repository::open(store, signing.signer()));
}

TEST_F(Repo, LooksAtTheConfigurationsBeforeItsEntrance) {
  Repository repository = make();
  const SigningKey next = make_signing_key();
  RepositoryConfig config = repository.config();
  config.signers.push_back(next.signer());
  ASSERT_TRUE(repository.change(config, signing, next));
  // Each byte of both, for who enters at the first and at the second.
  for (const char* name : {"config/000001", "config/000002"}) {
    std::string& changed = *store.at(name);
    for (char& each : changed) {
      each = static_cast<char>(each ^ 1);
      for (const SignerKey& signer : {signing.signer(), next.signer()})
        EXPECT_FALSE(Repository::open(store, signer)) << name << " " << &each - changed.data();
      each = static_cast<char>(each ^ 1);
    }
  }
  ASSERT_TRUE(Repository::open(store, next.signer()));
  std::string& bytes = *store.at("config/000001");
  const std::string kept = bytes;
  ASSERT_TRUE(store.remove("config/000001"));
  EXPECT_EQ(Repository::open(store, next.signer()).error().message,
            "the configuration before \"config/000002\" is lost");
  EXPECT_FALSE(Repository::open(store, signing.signer()));
}

TEST_F(Repo, LaterKeysOfAnotherRepositoryAreRefused) {
  const Repository repository = make();
  const Manifest wrote = manifest(repository);
  ASSERT_TRUE(repository.publish(wrote, signing));
  const PrivateKey later = make_private_key();
  const Secret data = *repository.data_key(wrote, service);
  const std::vector<WrappedKey> keys = {wrap(data, later.public_key(), wrote.id)};
  const std::string name = "keys/" + wrote.id + "/000001-00000000";
  const auto put = [&](std::string_view id, std::string_view of) {
    return store.put(name, write_later_keys(id, of, keys, signing), store::Put::always);
  };
  ASSERT_TRUE(put(wrote.id, random_hex(16)));
  EXPECT_EQ(repository.data_key(wrote, later).error().message,
            "the list of later keys is refused: it is of another repository (\"" + name + "\")");
  ASSERT_TRUE(put(new_backup_id(1), repository.config().id));
  EXPECT_FALSE(repository.data_key(wrote, later));
  ASSERT_TRUE(put(wrote.id, repository.config().id));
  EXPECT_EQ(repository.data_key(wrote, later)->bytes(), data.bytes());
}

TEST_F(Repo, AManifestHasOneReading) {
  const Repository repository = make();
  const Manifest wrote = manifest(repository);
  const std::vector<SignerKey> trusted = {signing.signer()};
  const auto read = [&](const std::string& from, const std::string& to) -> std::string {
    std::string text = write_manifest(wrote, signing);
    std::string json = read_document("manifest", text, trusted)->json;
    const std::size_t at = json.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    json.replace(at, from.size(), to);
    const auto done = read_manifest(write_document("manifest", json, signing), trusted, wrote.id,
                                    repository.config().id);
    return done ? "" : done.error().message;
  };
  EXPECT_EQ(read("\"tables\": 3", "\"tables\": 3"), "");
  EXPECT_EQ(read("\"tables\": 3", "\"tables\": 3, \"tables\": 3"),
            "the manifest is refused: \"tables\" stands in it twice");
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"archive\"", "\"../archive\""},
           {"\"archive\"", "\"\""},
           {std::string(64, 'a'), std::string(64, 'A')},
           {std::string(64, 'a'), std::string(63, 'a')},
           {"\"size\": 30", "\"size\": 67108865"},
           {"\"size\": 30", "\"size\": -30"},
           {"\"size\": 30", "\"size\": 30.0"},
           {"2023-11-14T22:13:20Z", "2023-11-14T22:13: 0Z"},
           {"2023-11-14T22:13:20Z", "2023-02-31T22:13:20Z"},
           {"\"sealed\": \"" + hex(wrote.keys[0].sealed),
            "\"sealed\": \"0" + hex(wrote.keys[0].sealed)}})
    EXPECT_NE(read(from, to), "") << to;
  const std::string stream = R"({"name":"archive","bytes":0,"segments":1,"objects":[]},)";
  EXPECT_EQ(read("\"streams\": [", "\"streams\": [" + stream),
            "the manifest is refused: it has the stream \"archive\" twice");
}

TEST_F(Repo, ADocumentHasOneHeader) {
  const std::vector<SignerKey> trusted = {signing.signer()};
  const std::string good = write_document("manifest", "{\n}", signing);
  ASSERT_TRUE(read_document("manifest", good, trusted));
  const std::string twice = sign_again(good, make_signing_key());
  ASSERT_EQ(read_document("manifest", twice, trusted)->signed_by.size(), 1u);
  // Every byte but those of a signature of somebody who is not trusted.
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string flipped = good;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_FALSE(read_document("manifest", flipped, trusted)) << i;
    if (good[i] >= 'a' && good[i] <= 'f' && i > 30) {
      flipped[i] = static_cast<char>(good[i] - 'a' + 'A');
      EXPECT_FALSE(read_document("manifest", flipped, trusted)) << "upper case at " << i;
    }
  }
  const std::string head = good.substr(0, good.find("\n\n"));
  for (const std::string& bytes :
       {head + "\n{}", head + "\n", head, head + " \n\n{\n}", head + "\n" + head + "\n\n{\n}",
        "aethel manifest 01" + good.substr(good.find('\n'))})
    EXPECT_FALSE(read_document("manifest", bytes, trusted)) << bytes;
  // One that does not hold beside one that does.
  const SigningKey other = make_signing_key();
  const std::vector<SignerKey> both = {signing.signer(), other.signer()};
  std::string damaged = sign_again(good, other);
  const std::size_t end = damaged.find("\n\n");
  damaged[end - 1] = damaged[end - 1] == '0' ? '1' : '0';
  EXPECT_TRUE(read_document("manifest", damaged, trusted)) << "a stranger's signature says nothing";
  EXPECT_FALSE(read_document("manifest", damaged, both));
}

TEST(Catalogs, HoldNamesOfAnyEncoding) {
  Catalog catalog{.encoding = "SQL_ASCII", .collate = "C", .schema = "-- \xff\xfe"};
  catalog.relations.push_back({.schema = "caf\xe9", .name = "t\xc3\xa9", .columns = {"\x80", "a"}});
  const std::string text = write_catalog(catalog);
  const auto read = read_catalog(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->relations[0].schema, "caf\xe9");
  EXPECT_EQ(read->relations[0].name, "t\xc3\xa9");
  EXPECT_EQ(read->relations[0].columns, catalog.relations[0].columns);
  EXPECT_EQ(read->schema, catalog.schema);
  EXPECT_NE(text.find(R"("text":"bytes")"), std::string::npos);
  catalog.relations[0].schema = "café";
  catalog.relations[0].columns = {"a"};
  catalog.schema = "-- é";
  EXPECT_EQ(write_catalog(catalog).find(R"("text")"), std::string::npos);
  EXPECT_EQ(read_catalog(write_catalog(catalog))->relations[0].schema, "café");
}

TEST_F(Repo, ProofsAreThoseThatWereSigned) {
  const Repository repository = make();
  const Manifest wrote = manifest(repository);
  ASSERT_TRUE(repository.publish(wrote, signing));
  const auto report = [&](int level, bool passed, std::string_view of, const SigningKey& key) {
    const std::string text =
        std::string(R"({"backup":")") + std::string(of) + R"(","repository":")" +
        repository.config().id + R"(","level":)" + std::to_string(level) + R"(,"passed":)" +
        (passed ? "true" : "false") +
        R"(,"failure":"digests","finished":"2026-11-26T10:00:00Z","recovery_milliseconds":5})";
    ASSERT_TRUE(repository.add_report(wrote.id, text, level, passed, 1'700'000'000 + level, key));
  };
  report(2, true, wrote.id, signing);
  EXPECT_EQ(repository.find("latest")->proof.level, 2);
  report(4, true, wrote.id, make_signing_key());
  report(4, true, "another", signing);
  EXPECT_EQ(repository.find("latest")->proof.level, 2);
  report(3, false, wrote.id, signing);
  const Proof proof = repository.find(wrote.id.substr(0, 20))->proof;
  EXPECT_EQ(proof.level, 2);
  EXPECT_TRUE(proof.failed);
  EXPECT_EQ(proof.failure, "digests");
}

// A store of which answers are lost, or that fails before it does a thing.
class Lossy : public store::MemoryStore {
public:
  bool commits = true, answers = false;
  store::StoreResult<void> put(std::string_view key, std::string_view bytes,
                               store::Put mode) override {
    if (!key.starts_with("manifests/")) return MemoryStore::put(key, bytes, mode);
    if (commits)
      if (auto done = MemoryStore::put(key, bytes, mode); !done) return done;
    return store::trouble(store::Trouble::unavailable, "no answer");
  }
  store::StoreResult<std::string> get(std::string_view key, std::uint64_t limit) override {
    if (key.starts_with("manifests/") && !answers)
      return store::trouble(store::Trouble::unavailable, "no answer");
    return MemoryStore::get(key, limit);
  }
};

TEST_F(Repo, AManifestExistsWhenItIsThereWhateverTheAnswerWas) {
  Lossy lossy;
  const Repository repository =
      Repository::create(lossy, {{"service", service.public_key()}}, signing).value();
  const Manifest wrote = manifest(repository);
  const auto unknown = repository.publish(wrote, signing);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().hint.find("is not known"), std::string::npos);
  lossy.answers = true;
  EXPECT_TRUE(repository.publish(wrote, signing));
  lossy.clear();
  lossy.commits = false;
  const auto absent = repository.publish(wrote, signing);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().message, "no answer");
  EXPECT_EQ(absent.error().hint, "");
}

TEST_F(Repo, TheNewestIsOfItsDatabaseAndNotAnOlderOne) {
  const Repository repository = make();
  Manifest first = manifest(repository);
  ASSERT_TRUE(repository.publish(first, signing));
  Manifest other = manifest(repository);
  other.id = new_backup_id(1'700'000'100);
  other.database = "other";
  ASSERT_TRUE(repository.publish(other, signing));
  EXPECT_EQ(repository.find("latest", "main")->manifest.id, first.id);
  EXPECT_EQ(repository.find("latest")->manifest.id, other.id);
  EXPECT_EQ(repository.find("latest", "absent").error().message,
            "there is no backup of \"absent\"");
  store.at("manifests/" + other.id)->back() = ' ';
  const auto found = repository.find("latest", "main");
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find(other.id), std::string::npos);
  EXPECT_NE(found.error().hint.find(first.id), std::string::npos);
  EXPECT_TRUE(repository.find(first.id, "main"));
}

TEST(Proofs, AreTakenBackByWhatFailsLater) {
  const DrillResult restored{.time = 1, .passed = true, .level = 3, .wanted = 3, .recovery = 7};
  const DrillResult lost{
      .time = 2, .passed = false, .level = -1, .wanted = 2, .failure = "objects"};
  const DrillResult differs{
      .time = 3, .passed = false, .level = 2, .wanted = 3, .failure = "digests"};
  const DrillResult read{.time = 4, .passed = true, .level = 2, .wanted = 2};
  EXPECT_EQ(proof_of({}).level, -1);
  EXPECT_EQ(proof_of({restored}).level, 3);
  EXPECT_EQ(proof_of({restored}).recovery, 7u);
  EXPECT_EQ(proof_of({restored, lost}).level, -1);
  EXPECT_TRUE(proof_of({restored, lost}).failed);
  EXPECT_EQ(proof_of({restored, differs}).level, 2);
  // Reading every byte again is no restore.
  EXPECT_TRUE(proof_of({restored, differs, read}).failed);
  EXPECT_EQ(proof_of({restored, differs, read}).failure, "digests");
  EXPECT_FALSE(proof_of({restored, lost, read}).failed);
  EXPECT_EQ(proof_of({restored, lost, read}).level, 2);
  DrillResult again = restored;
  again.time = 5;
  EXPECT_FALSE(proof_of({restored, differs, read, again}).failed);
  // In whatever order they are listed; and of one second, the failure counts.
  EXPECT_EQ(proof_of({differs, restored}).level, 2);
  again.time = 3;
  EXPECT_TRUE(proof_of({differs, again}).failed);
}

TEST_F(Repo, HoldsAreReleased) {
  const Repository repository = make();
  const Manifest wrote = manifest(repository);
  ASSERT_TRUE(repository.publish(wrote, signing));
  ASSERT_TRUE(repository.hold(wrote.id, "audit", signing));
  EXPECT_FALSE(repository.hold(wrote.id, "another reason", signing));
  EXPECT_TRUE(repository.find("latest")->held);
  ASSERT_TRUE(repository.release(wrote.id));
  EXPECT_FALSE(repository.release(wrote.id));
  EXPECT_FALSE(repository.find("latest")->held);
}

TEST(Times, AreTextAndBack) {
  EXPECT_EQ(time_text(1'700'000'000), "2023-11-14T22:13:20Z");
  EXPECT_EQ(parse_time("2023-11-14T22:13:20Z"), 1'700'000'000);
  EXPECT_EQ(parse_time("2023-11-14"), -1);
  EXPECT_TRUE(is_backup_id(new_backup_id(1'700'000'000)));
  EXPECT_FALSE(is_backup_id("latest"));
  EXPECT_FALSE(is_backup_id("20231114T221320Z-../../.."));
}

} // namespace
} // namespace aethel::backup
