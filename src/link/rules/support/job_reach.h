// Which jobs run in which run of a workflow, three-valued: what the triggers admit, conditions, and
// what a skipped job takes with it.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax,
// `needs`
// ("If a job fails or is skipped, all jobs that need it are skipped unless the jobs use a
// conditional expression that causes the job to continue") and expressions, "Status check
// functions".
#pragma once

#include "link/rules/support/workflows.h"

#include <optional>
#include <vector>

namespace aethel {

struct JobReach {
  const WorkflowJob* job = nullptr;
  // The condition as written; nothing when there is none or it cannot be read.
  std::optional<github::Expression> condition;
  bool missing = false;  // asks for an input or a job that is not there: its own finding
  bool constant = false; // nothing of the run is in the condition: `if: false` was meant
  // By run, in the order of runs_of():
  std::vector<github::Truth> own;  // the condition, if all that is needed succeeded
  std::vector<github::Truth> runs; // whether the job runs
  std::vector<const WorkflowJob*>
      skipped_need; // a needed job that is skipped and so skips this one
};

struct WorkflowReach {
  std::vector<WorkflowRun> runs; // empty: not all are known, nothing follows
  std::vector<JobReach> jobs;    // in the order of the file
};

WorkflowReach reach_of(const Workflow& workflow);

// The values of contexts in a run, for a condition of the job or of its steps.
github::Scope scope_in(const WorkflowRun& run, github::Value needs);

} // namespace aethel
