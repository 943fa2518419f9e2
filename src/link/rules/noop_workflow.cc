#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/step_commands.h"
#include "link/rules/support/workflows.h"

#include <algorithm>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A workflow that does nothing

Every step of every job only prints. Such a file is the rest of a trial: it stands in the list of workflows beside those
that matter, and looks like one of them.

```txtar
-- .github/workflows/hello.yml --
on: workflow_dispatch
jobs:
  hello:
    runs-on: ubuntu-latest
    steps:
      - run: echo "Hello" # error: noop-workflow
```

Silent: where a check of this name may be required and another workflow gives it for other paths or branches, and
deployments, which have a rule of their own.

```txtar
-- .github/workflows/skip.yml --
on:
  pull_request:
    paths: ["docs/**"]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: echo "Documents need no test"
-- .github/workflows/summary.yml --
on: workflow_dispatch
jobs:
  say:
    runs-on: ubuntu-latest
    steps:
      - run: echo "version=1" >> "$GITHUB_OUTPUT"
```
)";

constexpr Message messages[] = {
    {"noop", "this workflow only prints", "este workflow só imprime"},
    {"help", "delete the file", "apague o arquivo"},
};

void check(const Program& program, Findings& findings) {
  const Workflows workflows(program);
  for (const Workflow* workflow : workflows.all()) {
    if (workflow->jobs.empty() || !workflow->faults.empty()) continue;
    const bool by_hand =
        !workflow->triggers.empty() &&
        std::ranges::all_of(workflow->triggers, [](const WorkflowTrigger& trigger) {
          return trigger.event == "workflow_dispatch" || trigger.event == "schedule";
        });
    if (!by_hand) continue;
    const WorkflowStep* first = nullptr;
    const bool idle = std::ranges::all_of(workflow->jobs, [&](const WorkflowJob& job) {
      if (job.environment || job.uses || job.steps.empty()) return false;
      for (const WorkflowStep& step : job.steps) {
        if (!does_nothing(step)) return false;
        if (first == nullptr && step.run) first = &step;
      }
      return true;
    });
    if (!idle || first == nullptr) continue;
    findings.add({.rule = rule_named("noop-workflow"),
                  .message = "noop",
                  .span = first_command(*workflow, *first),
                  .symbol_kind = "workflow",
                  .symbol = program.sources->path(workflow->file),
                  .targets = workflows.targets_of(workflow->file),
                  .help = "help"});
  }
}

} // namespace

extern constinit const Rule noop_workflow;
constinit const Rule noop_workflow = declare({
    .id = "AE0761",
    .name = "noop-workflow",
    .category = Category::cicd,
    .title_en = "workflow that does nothing",
    .title_pt = "workflow que não faz nada",
    .priority = {.production = Priority::p2,
                 .staging = Priority::p2,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::none,
                 .unknown = Priority::p2},
    .effort = {0.1, 0.25},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
