// Names that expressions of workflows and actions ask for and that cannot be there: a step, an
// output, a key of the matrix, an input. Contexts that only the run knows are open and give none.
#pragma once

#include "link/rules/support/workflows.h"

#include <string>
#include <vector>

namespace aethel {

struct MissingMember {
  FileId file;
  Span span;
  std::string object; // "steps", "needs.build.outputs", "matrix", "github.event.inputs"
  std::string name;
  std::string job;                // id; empty above jobs and in actions
  std::vector<std::string> names; // that the object has
  std::vector<Span> also;         // where the same is asked for again, in the same job
  Span later;                     // the step of that id, when it runs later
  bool guarded = false;           // the first choice of several: `inputs.x || 'default'`
};

// `context`: of which context, "steps".
std::vector<MissingMember> missing_members(const Workflows& workflows, std::string_view context);

// A finding at it, with the nearest name as help. Messages: `message` {name} {object} {job} {near},
// "help-near" {near}, "help".
Finding finding_of(const Workflows& workflows, const MissingMember& member, std::string_view rule,
                   std::string_view message);

} // namespace aethel
