#include "link/rule.h"

#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/job_reach.h"

#include <algorithm>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A condition that decides nothing

Text beside `${{ }}` makes a text of an `if`, and a text that is not empty is true: the step runs every
time, the deployment that was meant for one branch too. A line break of a block counts as text.

```txtar
-- .github/workflows/ci.yml --
on: [push, pull_request]
jobs:
  deploy:
    if: ${{ github.ref == 'refs/heads/main' }} && github.event_name == 'push' # error: constant-condition
    runs-on: ubuntu-24.04
    steps:
      - if: | # error: constant-condition
          ${{ github.event_name == 'push' }}
        run: make deploy
```

A step is skipped every time when no event that starts the workflow meets its condition.

```txtar
-- .github/workflows/ci.yml --
on:
  pull_request:
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: make
      - if: github.ref == 'refs/heads/main' # error: constant-condition
        run: make push
```

Silent: one expression with or without braces, blocks that end without a line break, what is put aside
on purpose, and what the files do not decide.

```txtar
-- .github/workflows/ci.yml --
on: [push, pull_request]
jobs:
  build:
    if: ${{ github.event_name == 'push' }}
    runs-on: ubuntu-24.04
    steps:
      - if: >-
          ${{ github.event_name == 'push' &&
              github.ref == 'refs/heads/main' }}
        run: make deploy
      - if: |
          github.event_name == 'push' &&
          github.ref == 'refs/heads/main'
        run: make deploy
      - if: false
        run: make something
      - if: ${{ always() }}
        run: make report
```
)";

constexpr Message messages[] = {
    {"always", "this condition is always true: what stands beside the braces makes a text of it",
     "esta condição é sempre verdadeira: o que está ao lado das chaves faz dela um texto"},
    {"never", "this step never runs: no event that starts the workflow meets its condition",
     "este passo nunca roda: nenhum evento que inicia o workflow satisfaz sua condição"},
    {"help-always", "put the whole condition inside `${{ }}`, or leave the braces out",
     "ponha a condição inteira dentro de `${{ }}`, ou retire as chaves"},
    {"help-never", "correct the condition, or the events that start the workflow",
     "corrija a condição, ou os eventos que iniciam o workflow"},
};

using github::Truth;

class Check {
public:
  Check(const Program& program, Findings& findings) : findings_(findings), workflows_(program) {}

  void run() {
    for (const Workflow* workflow : workflows_.all()) {
      embedded(workflow->expressions, workflow->file);
      if (workflow->faults.empty()) steps(*workflow);
    }
    for (const ActionDefinition* action : workflows_.actions())
      embedded(action->expressions, action->file);
  }

private:
  void add(std::string_view message, std::string_view help, const Span& span, FileId file) {
    findings_.add({.rule = rule_named("constant-condition"),
                   .message = message,
                   .span = span,
                   .symbol_kind = "condition",
                   .targets = workflows_.targets_of(file),
                   .help = help});
  }

  void embedded(const std::vector<WorkflowExpression>& expressions, FileId file) {
    const WorkflowExpression* last = nullptr;
    for (const WorkflowExpression& each : expressions) {
      if (!each.embedded_if || (last != nullptr && last->where == each.where)) continue;
      last = &each;
      add("always", "help-always", each.scalar, file);
    }
  }

  void steps(const Workflow& workflow) {
    const WorkflowReach reach = reach_of(workflow);
    if (reach.runs.empty()) return;
    for (const JobReach& job : reach.jobs)
      for (const WorkflowStep& step : job.job->steps) {
        if (!step.condition) continue;
        const auto condition = condition_of(*step.condition);
        if (!condition || github::evaluate(*condition, {}).truth() != Truth::maybe) continue;
        bool ever = false, job_runs = false, missing = false;
        for (std::size_t run = 0; run < reach.runs.size() && !ever; ++run) {
          if (job.runs[run] == Truth::no) continue;
          job_runs = true;
          github::Scope scope = scope_in(reach.runs[run], github::Value::any());
          // An input that is not declared is its own finding.
          scope.missing = [&](const github::Expression&, const std::string&, const Range&,
                              const github::Value&) { missing = true; };
          ever = github::evaluate(*condition, scope).truth() != Truth::no;
        }
        // A job that never runs is its own finding.
        if (!ever && job_runs && !missing)
          add("never", "help-never", step.condition->span, workflow.file);
      }
  }

  Findings& findings_;
  Workflows workflows_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule constant_condition;
constinit const Rule constant_condition = declare({
    .id = "AE0609",
    .name = "constant-condition",
    .category = Category::cicd,
    .title_en = "condition that decides nothing",
    .title_pt = "condição que nada decide",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p2},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
