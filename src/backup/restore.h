// Restores a backup into a database of a server that is there.
#pragma once

#include "backup/part.h"
#include "backup/repository.h"
#include "backup/tools.h"

#include <atomic>
#include <string>
#include <vector>

namespace aethel::backup {

struct RestoreOptions {
  Address target;        // the database to restore into; it exists and is empty
  bool in_place = false; // restores beside it, then takes its name; it may hold data
  Part part;             // only this; empty: all. In place there is no part: the rest would be gone
  bool roles = false;    // makes the roles that are missing, without passwords
  bool owners = true;    // false: everything belongs to who restores
  std::vector<Tools> tools;
  std::vector<std::string> variables; // of the environment that programs get: HOME, PATH
  std::string spool; // a folder in which fetched objects are kept until all is there: a restore
                     // that broke off goes on where it was. Empty: what comes is restored at once
  unsigned sessions = 2; // that compare digests afterwards
  std::atomic<std::uint64_t>* fetched = nullptr;
  std::atomic<const char*>* stage = nullptr;
};

// Whether the role of the address may replace its database: before anything is made for it.
Result<void> may_replace(const Address& target);

struct Restored {
  std::uint64_t rows = 0, tables = 0; // compared with the source, and equal
  std::string replaced;               // in place: what the database of before is called now
  std::vector<std::string> notes;
};

// Fails, and leaves the target as it was, when it is not empty; fails when what was restored is not
// equal to the source.
Result<Restored> restore_backup(const Repository& repository, const Manifest& manifest,
                                const PrivateKey& key, const RestoreOptions& options);

} // namespace aethel::backup
