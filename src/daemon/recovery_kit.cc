#include "daemon/recovery_kit.h"

#include <fmt/format.h>

namespace aethel::daemon {
namespace {

// In groups that a person can follow with a finger.
std::string grouped(const std::string& key, std::string_view prefix) {
  std::string out = "  " + std::string(prefix);
  const std::string rest = key.substr(prefix.size());
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (i % 20 == 0)
      out += "\n    ";
    else if (i % 5 == 0)
      out += '-';
    out += rest[i];
  }
  return out + "\n";
}

// As it stands in aethel.yaml, because it is typed into one.
std::string store_lines(const StoreSettings& store) {
  std::string out;
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("      {}: {}\n", name, value);
  };
  line("folder", store.folder.value);
  line("bucket", store.bucket.value);
  line("region", store.region.value);
  line("endpoint", store.endpoint.value);
  line("prefix", store.prefix.value);
  line("addressing", store.addressing.value);
  return out;
}

} // namespace

std::string recovery_kit(const Settings& settings, const backup::RepositoryConfig& config,
                         std::int64_t made, const backup::PrivateKey& recovery,
                         const backup::SignerKey& signer) {
  const std::string& environment = settings.running.environment.value;
  return fmt::format(
      "RECOVERY KIT of the backups of \"{0}\"{1}\n"
      "\n"
      "Print this page, keep it away from the machines that it restores, and delete the file. Who "
      "has\n"
      "this page and the store can read every backup.\n"
      "\n"
      "Made          {2}\n"
      "Repository    {3}\n"
      "Database      {0}\n"
      "Ids           recovery key {4}, signer {5}: messages name keys by these\n"
      "\n"
      "Private key for recovery. Hyphens, spaces, line ends and upper case do not matter; a "
      "mistyped\n"
      "character is noticed.\n"
      "{6}\n"
      "Public key of who signs backups. What it did not sign is not restored.\n"
      "{7}\n"
      "What to put into aethel.yaml, the public key in one line:\n"
      "\n"
      "  version: 1\n"
      "  backup:\n"
      "    database: {0}\n"
      "    signer: aethel-signer-...\n"
      "    store:\n"
      "{8}"
      "\n"
      "To restore on a bare machine, as docs/restore.md says step by step:\n"
      "  1. an empty PostgreSQL of the major version of the backup or a newer one, and aetheld\n"
      "  2. the file above; the store's credentials in AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY;\n"
      "     the private key in BACKUP_SERVICE_KEY\n"
      "  3. aetheld backup list\n"
      "  4. aetheld backup restore latest --to postgresql://postgres@localhost/empty --roles\n"
      "Without Aethel: fetch the store's objects with any client, then tools/read-backup of its\n"
      "sources, or a program after docs/backup-format.md (format {9}), makes of them what "
      "pg_restore "
      "takes.\n",
      settings.database(), environment.empty() ? "" : " (" + environment + ")",
      backup::time_text(made), config.id, backup::id_of(recovery.public_key()),
      backup::id_of(signer), grouped(backup::text_of(recovery), "aethel-private-"),
      grouped(backup::text_of(signer), "aethel-signer-"), store_lines(settings.backup().store),
      backup::format_version);
}

} // namespace aethel::daemon
