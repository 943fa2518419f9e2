// What the steps of a workflow need, found by walking their shells in order: paths, scripts of
// packages, targets of make; and failures that they let pass.
#pragma once

#include "model/reference.h"
#include "model/source.h"
#include "model/target.h"

#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct StepUse {
  // "path", "package-script", "make-target"
  std::string_view kind;
  std::string_view role; // of a path: which part of a command names it; see link/steps/interpret.h
  std::string name;      // of a path: relative to the repository
  std::string file;      // of a name: the package.json or Makefile that lacks it
  std::string command;   // "docker build"
  Span span;
  TargetIndex target = 0;
  std::string job;
  Span step;                    // the step that runs it, when the place is in another file
  bool before_checkout = false; // no step of the job has checked out the repository
  OutcomeState state = OutcomeState::unknown;
  std::vector<std::string> known; // names that the file has
};

} // namespace aethel
