// What callers give a workflow or a composite action of the repository, and what its texts then
// say. Callers elsewhere are not known: what is said here holds for those that are.
#pragma once

#include "link/matrix.h"
#include "link/rules/support/workflows.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aethel {

// The contexts at a place, as far as they are known.
struct Surroundings {
  github::Value inputs = github::Value::any();
  github::Value matrix = github::Value::any();
  std::map<std::string, github::Value> env;
  std::map<std::string, Span> places; // of inputs, in lower case: where each is written
  // The `uses:` that brought them; none where nobody calls.
  Span call;
};

// A scalar with what is known put in; other expressions stay as they are written, and so does
// `${{ github.workspace }}`.
struct FilledText {
  std::string text;
  bool known = true; // all of it
  Span span;         // of the only input in it, where the caller writes that; else of the scalar
};
FilledText fill(const WorkflowText& text, const Surroundings& surroundings);

// Whether a step or job is certainly left out, or asks what nobody here knows of its caller.
bool may_be_left_out(const std::optional<WorkflowText>& condition,
                     const Surroundings& surroundings);

// Inputs as `with` gives them there, defaults included.
Surroundings called_with(const std::vector<WorkflowInput>& inputs, const WorkflowMap& with,
                         const Surroundings& caller, const Span& uses);

// Nothing but other workflows starts it.
bool is_only_called(const Workflow& workflow);

class Calls {
public:
  explicit Calls(const Workflows& workflows);

  // One for each job of the repository that calls it, for each of its own callers and each
  // combination of its matrix; bounded. Without inputs: what is so for all runs, when something
  // else starts it or no caller is known.
  std::vector<Surroundings> of(const Workflow& workflow) const;

private:
  struct Caller {
    const Workflow* workflow = nullptr;
    const WorkflowJob* job = nullptr;
  };

  const std::vector<Surroundings>& collect(const Workflow& workflow, int depth);

  std::map<const Workflow*, std::vector<Caller>> callers_;
  std::map<const Workflow*, std::vector<Surroundings>> known_;
};

// The same in each combination of the job's matrix; unchanged when there is none.
std::vector<Surroundings> in_matrix(const Surroundings& surroundings, const WorkflowJob& job);

} // namespace aethel
