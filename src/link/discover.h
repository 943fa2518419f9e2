// The first pass: which files there are, and whose they are. Reads the index of git, the
// names in the working tree and the ignore files; no other content.
#pragma once

#include "base/files.h"
#include "base/result.h"
#include "model/tree.h"

#include <memory>
#include <string>

namespace aethel {

// Where git keeps what it knows of a working tree. Git's program is not used, so that its
// rules about the owner of a checkout, its version and its absence do not matter.
struct GitPlace {
  std::shared_ptr<const Vfs>
      directory;                     // the index; null: ".git" of the files, when it is a directory
  std::shared_ptr<const Vfs> common; // the configuration; null: the same as `directory`
  std::shared_ptr<const Vfs> work_tree; // from the top of the repository; null: the files
  std::string prefix;                   // of the files in `work_tree`
};

struct DiscoverOptions {
  unsigned threads = 0;
  GitPlace git = {};
};

// Fails when the root cannot be listed. A broken index is not a failure: it is among the
// skipped, and all files count as untracked.
Result<Tree> discover(const Vfs& files, const DiscoverOptions& options);

} // namespace aethel
