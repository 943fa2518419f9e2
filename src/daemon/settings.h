// aethel.yaml and the environment, as what the verbs need. Secrets are read when they are asked
// for.
#pragma once

#include "backup/keys.h"
#include "backup/postgres.h"
#include "backup/prove.h"
#include "backup/repository.h"
#include "backup/retention.h"
#include "backup/run.h"
#include "base/process.h"
#include "config/running.h"
#include "daemon/verb.h"
#include "store/object_store.h"

#include <expected>
#include <memory>
#include <optional>
#include <string>

namespace aethel::daemon {

extern const std::string_view program; // its name and version

struct Settings {
  std::string path; // of aethel.yaml
  std::string text;
  Running running;

  const BackupSettings& backup() const { return running.backup; }
  std::string database() const { return running.backup.database.value; }
  // At a place of the file.
  Failure wrong(const Range& range, std::string message, std::string hint = {}) const;
};

// --config, AETHEL_CONFIG, ./aethel.yaml, /etc/aethel/aethel.yaml. What is not in order fails with
// its place, before anything is done.
Result<Settings> load_settings(const std::string& path);

// The value of a secret: of the file or the variable that aethel.yaml names, else of the usual
// variable, or of the file that the usual variable with _FILE names. `what`: for people.
Result<std::string> read_secret(const Settings& settings, const SecretPlace& place,
                                const std::string& usual, std::string_view what);
// Which of them it is, for people: the variable's name, or the file's in quotes.
std::string secret_source(const SecretPlace& place, const std::string& usual);

Result<std::unique_ptr<store::ObjectStore>> open_store(const Settings& settings);
Result<backup::Address> database_address(const Settings& settings);
// By which restores go there, in place and of the API: of a role with more rights than a backup
// needs.
Result<backup::Address> restore_address(const Settings& settings);
// The database that a restore in place replaces: the one that is backed up, whatever database the
// address of restores is entered by.
Result<backup::Address> replaced_address(const Settings& settings);
Result<backup::SigningKey> signing_key(const Settings& settings);
Result<backup::PrivateKey> service_key(const Settings& settings);
// Of `signer`, else of the signing key.
Result<backup::SignerKey> trusted_signer(const Settings& settings);

// What nearly every verb begins with: the settings, the store, the repository in it.
struct Opened {
  Settings settings;
  std::unique_ptr<store::ObjectStore> store;
  backup::Repository repository;
  std::optional<backup::SigningKey> key; // when it was needed
};
struct OpenFailure {
  Failure failure;
  Exit exit;
};
enum class Signing : std::uint8_t {
  unused,
  needed // and it has to be one that may sign here
};
// Entered by `signer`, else by the signing key's own signer.
std::expected<Opened, OpenFailure> open_repository(const Common& common,
                                                   Signing signing = Signing::unused);

// What programs that are started get of this environment, variables of libpq among it: nothing
// else, keys stand there.
std::vector<std::string> program_variables();
// The options of the engine that the file decides.
Result<backup::RunOptions> run_options(const Settings& settings);
Result<backup::ProveOptions> prove_options(const Settings& settings);
// Where drills are made, and as whom.
struct DrillPlace {
  std::string folder;
  std::optional<ProcessUser> user;
};
Result<DrillPlace> drill_place(const Settings& settings);
Result<backup::RetentionPolicy> retention_policy(const Settings& settings);
int drill_level(const Settings& settings); // 3 when nothing is said
bool drills_after(const Settings& settings, std::uint64_t database_bytes);
std::uint64_t quantity(std::string_view text, std::uint64_t otherwise); // "512Mi"

} // namespace aethel::daemon
