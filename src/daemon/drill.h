// Proving, as verbs and the service do it: with progress, and the report kept when it can be
// signed.
#pragma once

#include "daemon/settings.h"
#include "daemon/verb.h"

#include <functional>
#include <string>

namespace aethel::daemon {

// `key`: signs the report; without it nothing is kept. Fails when the service's key is not to be
// had.
Result<backup::Report> drill(const Settings& settings, const backup::Repository& repository,
                             const backup::Manifest& manifest, int level,
                             const backup::SigningKey* key);
// `brief`: one line when all passed.
void print_report(const backup::Report& report, bool brief);

// What `drill` and `verify` share: which backups, and how far.
struct ProveVerb {
  std::string backup = "latest";
  std::string level; // "L2"; empty: the usual one of the verb
  bool all = false;
};
Exit prove_backups(const ProveVerb& options, const Common& common,
                   const std::function<int(const Settings&)>& usual);

} // namespace aethel::daemon
