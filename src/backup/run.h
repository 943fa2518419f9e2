// Makes a backup: one snapshot, pg_dump and digests under it, sealed and stored, the signed
// manifest last. What fails leaves nothing that counts.
#pragma once

#include "backup/catalog.h"
#include "backup/repository.h"
#include "backup/tools.h"

#include <atomic>
#include <functional>
#include <string>

namespace aethel::backup {

// Where a run stands; the numbers grow while it runs.
struct RunProgress {
  std::atomic<std::uint64_t> database{0}; // bytes of its relations
  std::atomic<std::uint64_t> digested{0}; // of these
  std::atomic<std::uint64_t> dumped{0};   // bytes that pg_dump wrote
  std::atomic<std::uint64_t> stored{0};
};

struct RunOptions {
  Address address;
  std::string database;    // its name in aethel.yaml
  std::string environment; // "production"
  std::string program;     // "aetheld 0.1.0"
  std::vector<Tools> tools;
  std::vector<std::string> variables; // of the environment that programs get: HOME, PATH
  unsigned sessions = 2;              // that compute digests
  bool safety = false;                // made before a restore in place
  StreamOptions stream;
  RunProgress* progress = nullptr;
  std::atomic<bool>* cancelled = nullptr; // becomes true: stop, and leave nothing
};

Result<Manifest> run_backup(const Repository& repository, const SigningKey& key,
                            const RunOptions& options);

// What pg_dump passes over in silence because the role of the session is no superuser, in words.
Result<std::vector<std::string>> left_out_by_rights(Session& session);

// The statements by which somebody with the rights makes the canary's table, once.
std::string canary_statements();
// Whether its table is there and this session may write it.
Result<bool> may_write_canary(Session& session);

} // namespace aethel::backup
