// Proves a backup, up to a level:
//
//   L0 stored      every object is there with its size
//   L1 authentic   every byte, read from the store, is what was sealed and signed
//   L2 complete    no server: the dump reads to its end and gives each table its rows
//   L3 restored    in a server made for it: contents, sequences, large objects, schema, roles,
//   extensions
//                  equal the source's at the snapshot; indexes are valid and pages are in order
//   L4 usable      queries of the configuration hold
//
// A report says what was checked, what was not and why; it is signed and kept beside the backup.
#pragma once

#include "backup/catalog.h"
#include "backup/cluster.h"
#include "backup/repository.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace aethel::backup {

enum class Outcome : std::uint8_t { passed, failed, skipped };

struct Check {
  int level = 0;
  std::string name; // "digests": what a failure is called
  Outcome outcome = Outcome::passed;
  std::string message; // what was compared; what differs
};

struct SmokeQuery {
  std::string name, sql; // its first value has to be true, or a number above zero
};

struct Report {
  std::string backup, repository, database;
  std::string program, server; // of the drill
  int wanted = 0;
  int level = -1; // the highest of which all checks passed
  std::int64_t started = 0, finished = 0;
  std::uint64_t recovery = 0; // milliseconds from the first byte read to a restored database
  std::vector<Check> checks;
  // Why it could not be proven here and now - a program, room, the store -: no word about the
  // backup, and no report to keep.
  std::string unable, hint;

  bool passed() const { return unable.empty() && level >= wanted; }
  const Check* failure() const; // the first
};

std::string write_report(const Report& report);

struct ProveOptions {
  int level = 3;
  std::string program;
  std::vector<Tools> tools;
  std::string folder; // for the scratch server
  std::optional<ProcessUser> user;
  std::map<std::string, std::string> settings; // of the scratch server
  std::vector<SmokeQuery> queries;
  unsigned sessions = 2;
  std::atomic<std::uint64_t>* fetched = nullptr; // bytes of the store, for progress
  std::atomic<const char*>* stage = nullptr;     // what is being done, for progress
};

// Never fails: what is wrong with the backup is a check that failed, what is wrong here is
// `unable`.
Report prove(const Repository& repository, const Manifest& manifest, const PrivateKey& key,
             const ProveOptions& options);

} // namespace aethel::backup
