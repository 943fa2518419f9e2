// What the shell text of a workflow's step says, as far as rules about delivery ask: whether it
// does anything at all, and its commands with the variables of the workflow filled in.
#pragma once

#include "model/workflow.h"
#include "syntax/lost_failures.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// Prints, waits or does nothing: `echo "deploy here"`. Not so when anything is written to a file,
// substituted or piped on.
bool does_nothing(const WorkflowStep& step);

// The place of the first command.
Span first_command(const Workflow& workflow, const WorkflowStep& step);

struct StepCommand {
  std::vector<std::string> words; // without quotes; what only the run knows is "\1"
  Span span;                      // of its first line
};

// One entry a command line. `${{ env.X }}` is filled in where the step, the job or the workflow
// gives X a literal value.
std::vector<StepCommand> commands_of(const Workflow& workflow, const WorkflowJob& job,
                                     const WorkflowStep& step);

// Where the shell of a step goes on as if a command had succeeded; nothing of a step whose shell is
// none of POSIX's. What GitHub starts when no shell is given has no `pipefail`, `shell: bash` has.
// Source:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
struct StepFailure {
  shell::LostFailure lost;
  std::string_view purpose; // knowledge/command_purposes.h; empty: not known
  Span span;
};
std::vector<StepFailure> lost_failures_of(const Workflow& workflow, const WorkflowJob& job,
                                          const WorkflowStep& step);

// The value of an option of a command: `--name x`, `--name=x`; empty when it is not given.
std::string option_of(const StepCommand& command, std::string_view option);

} // namespace aethel
