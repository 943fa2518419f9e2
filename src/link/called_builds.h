// Builds of docker/build-push-action whose words only callers know: steps of called workflows and
// of composite actions, and words that a matrix or `env` gives.
#pragma once

#include "link/program.h"

#include <vector>

namespace aethel {

struct CalledBuild {
  BuildCommand command;
  std::vector<FileId> through; // the workflow whose job runs it, then actions
};

std::vector<CalledBuild> called_builds(const Program& program);

} // namespace aethel
