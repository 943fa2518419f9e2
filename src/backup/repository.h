// The objects of a repository. docs/backup-format.md is the specification.
//
//   config/000001            signed: the repository's id, who may open and sign; the highest counts
//   objects/BACKUP/STREAM-N  sealed data
//   manifests/BACKUP         signed, written last: the backup exists
//   keys/BACKUP/N            signed: its data key, wrapped for recipients that came later
//   reports/BACKUP/TIME-LEVEL-x   signed: what a drill found
//   holds/BACKUP             signed: kept until it is released
//
// Nothing that is there is ever written again; removed is what retention removes.
#pragma once

#include "backup/manifest.h"
#include "store/object_store.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aethel::backup {

struct Recipient {
  std::string kind; // "service" or "recovery"
  PublicKey key;
};

struct RepositoryConfig {
  std::string id; // random: what binds manifests to their repository
  std::uint64_t number = 0;
  std::int64_t created = 0;
  std::vector<Recipient> recipients;
  std::vector<SignerKey> signers; // the last one signs; those before it did
};

// What one report says.
struct DrillResult {
  std::int64_t time = 0;
  bool passed = false;
  int level = -1; // the highest of which all checks passed
  int wanted = 0;
  std::string failure;
  std::uint64_t recovery = 0;
};

// What all of them say, as far as listing backups needs it.
struct Proof {
  // The highest that holds: 0 to 4; -1 when none does. A later failure takes it back.
  int level = -1;
  std::int64_t time = 0;
  bool failed = false;        // at a level that has not passed since
  std::string failure;        // of what
  std::uint64_t recovery = 0; // milliseconds that recovery took
};

Proof proof_of(std::vector<DrillResult> results);

struct Listed {
  Manifest manifest;
  Proof proof;
  bool held = false;
};

struct Unreadable {
  std::string id;
  std::string why;
};

// Which one "latest" is. A restore wants none that a restore made of what it replaced.
enum class Newest : std::uint8_t { any, no_safety };

class Repository {
public:
  // A new one. Fails when there is one already.
  static Result<Repository> create(store::ObjectStore& store, std::vector<Recipient> recipients,
                                   const SigningKey& key);
  // `trusted`: a signer that somebody vouches for - of the environment, of aethel.yaml, of the
  // recovery kit. The configurations are followed from it.
  static Result<Repository> open(store::ObjectStore& store, const SignerKey& trusted);

  const RepositoryConfig& config() const { return config_; }
  store::ObjectStore& store() const { return *store_; }

  Result<void> change(RepositoryConfig config, const SigningKey& old_key,
                      const SigningKey& new_key);

  // Whether it is still there and can be read, by one small object.
  store::StoreResult<void> is_there() const;

  // In the order of time. What cannot be read is told apart, never left out in silence.
  struct Listing {
    std::vector<Listed> backups;
    std::vector<Unreadable> unreadable;
  };
  Result<Listing> list() const;
  // Whether there is a backup that began in that second, readable or not.
  Result<bool> published_in(std::int64_t second) const;
  // An id, the beginning of one, or "latest", which is of `database` when that is said. Fails when
  // there may be a newer one that cannot be read.
  Result<Listed> find(std::string_view id, std::string_view database = {},
                      Newest newest = Newest::any) const;

  // Publishes a backup: the one write by which it comes to exist. After a failure it may exist all
  // the same, or come to.
  Result<void> publish(const Manifest& manifest, const SigningKey& key) const;
  // With keys that were wrapped later.
  Result<Secret> data_key(const Manifest& manifest, const PrivateKey& key) const;
  Result<void> add_keys(std::string_view id, const std::vector<WrappedKey>& keys,
                        const SigningKey& key) const;
  Result<void> add_report(std::string_view id, const std::string& text, int level, bool passed,
                          std::int64_t time, const SigningKey& key) const;
  Result<std::vector<std::string>> reports(std::string_view id) const; // JSON, oldest first
  Result<void> hold(std::string_view id, std::string_view reason, const SigningKey& key) const;
  // Empty when none was given.
  Result<std::string> hold_reason(std::string_view id) const;
  Result<void> release(std::string_view id) const;

private:
  Repository(store::ObjectStore& store, RepositoryConfig config)
      : store_(&store), config_(std::move(config)) {}
  store::ObjectStore* store_;
  RepositoryConfig config_;
};

} // namespace aethel::backup
