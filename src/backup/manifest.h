// What a backup says of itself in the clear, signed. A backup exists when its manifest does: it is
// written last, once. What is private - names of tables, their digests, the schema - stands in the
// stream "catalog", sealed as the data is.
#pragma once

#include "backup/document.h"
#include "backup/stream.h"

#include <cstdint>
#include <string>
#include <vector>

namespace aethel::backup {

struct Manifest {
  std::string id;         // "20261126T141500Z-1a2b3c4d": in the order of time
  std::string repository; // its random id: the manifest of another is refused
  std::string database;   // the name in aethel.yaml
  std::string environment;
  std::string program;      // "aetheld 0.1.0"
  std::int64_t started = 0; // seconds since 1970
  std::int64_t finished = 0;
  std::string server; // "18.6"
  int server_major = 0;
  std::uint64_t database_bytes = 0; // of the database on its disk
  std::uint64_t tables = 0;
  std::uint64_t rows = 0;
  std::vector<WrappedKey> keys;
  std::vector<StreamInfo> streams;
  std::vector<std::string> notes; // what a person should know: lowercase, no full stop

  const StreamInfo* stream(std::string_view name) const;
  std::uint64_t stored() const;
  std::uint64_t archive_stored() const; // of it, what a drill or a restore takes its time to read
};

// The note of a backup that a restore in place made before it: of the state that somebody wanted to
// leave.
inline constexpr std::string_view safety_note = "made before a restore in place";
bool is_safety_backup(const Manifest& manifest);

std::string backup_id_prefix(std::int64_t second); // of all that began in it
std::string new_backup_id(std::int64_t now);
bool is_backup_id(std::string_view id);

std::string write_manifest(const Manifest& manifest, const SigningKey& key);
// `id` and `repository`: what was asked for; a manifest that says another thing is refused.
Result<Manifest> read_manifest(std::string_view bytes, std::span<const SignerKey> trusted,
                               std::string_view id, std::string_view repository);

// Keys of recipients that came later, beside the manifest.
std::string write_later_keys(std::string_view id, std::string_view repository,
                             const std::vector<WrappedKey>& keys, const SigningKey& key);
Result<std::vector<WrappedKey>> read_later_keys(std::string_view bytes,
                                                std::span<const SignerKey> trusted,
                                                std::string_view id, std::string_view repository);

// Times as RFC 3339 in UTC, and back; -1 for anything else.
std::string time_text(std::int64_t seconds);
std::int64_t parse_time(std::string_view text);

} // namespace aethel::backup
