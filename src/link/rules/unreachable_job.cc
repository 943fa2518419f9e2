#include "link/rule.h"

#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/job_reach.h"
#include "link/stage_words.h"

#include <algorithm>
#include <array>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A job that never runs where it is meant to

A job is skipped when a job that it needs was skipped. A condition that asks for version tags is of no
use when a needed job is for branches only: the tag starts the workflow, and nothing is deployed.

```txtar
-- .github/workflows/cd.yml --
on:
  push:
    branches: [main]
    tags: ['v*']
jobs:
  build:
    runs-on: ubuntu-24.04
    steps: [{run: make image}]
  staging:
    needs: build
    if: github.ref == 'refs/heads/main'
    environment: staging
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
  production:
    needs: [build, staging]
    if: startsWith(github.ref, 'refs/tags/v') # error: unreachable-job
    environment: production
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
```

Nor does a job run whose needed job never runs at all, or whose condition no trigger can meet.

```txtar
-- .github/workflows/ci.yml --
on:
  push:
    tags: ['v*']
  pull_request:
jobs:
  release:
    if: github.ref == 'refs/heads/main' # error: unreachable-job
    runs-on: ubuntu-24.04
    steps: [{run: make release}]
  announce:
    needs: release # error: unreachable-job
    runs-on: ubuntu-24.04
    steps: [{run: make announcement}]
```

Silent: jobs that are put aside on purpose, conditions about labels of a pull request, conditions that look at the skipped job, and what depends
on more than the files say.

```txtar
-- .github/workflows/cd.yml --
on:
  push:
    branches: [main]
    tags: ['v*']
  workflow_dispatch:
  pull_request_target:
    types: [labeled]
jobs:
  staging:
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
  production:
    needs: staging
    if: always() && startsWith(github.ref, 'refs/tags/v')
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
  follow:
    needs: staging
    runs-on: ubuntu-24.04
    steps: [{run: make check}]
  main:
    needs: staging
    if: github.event_name == 'push'
    runs-on: ubuntu-24.04
    steps: [{run: make check}]
  undo:
    needs: [staging, production]
    if: failure() && needs.staging.result == 'skipped'
    runs-on: ubuntu-24.04
    steps: [{run: make undo}]
  off:
    if: false
    runs-on: ubuntu-24.04
    steps: [{run: make something}]
  labelled:
    if: github.event_name == 'pull_request_target' && github.event.label.name == 'deploy'
    runs-on: ubuntu-24.04
    steps: [{run: make something}]
  fork:
    if: github.repository == 'acme/shop' && github.ref_type == 'tag'
    runs-on: ubuntu-24.04
    steps: [{run: make something}]
```
)";

constexpr Message messages[] = {
    {"skipped",
     "job \"{job}\" never runs on {event} of \"{ref}\", which its condition asks for: it needs "
     "\"{need}\", which is skipped there",
     "o job \"{job}\" nunca roda em {event} de \"{ref}\", que sua condição pede: ele depende de "
     "\"{need}\", que ali é pulado"},
    {"skipped-event",
     "job \"{job}\" never runs on the event \"{event}\", which its condition asks for: it needs "
     "\"{need}\", which is skipped there",
     "o job \"{job}\" nunca roda no evento \"{event}\", que sua condição pede: ele depende de "
     "\"{need}\", que ali é pulado"},
    {"never", "job \"{job}\" never runs: no event that starts this workflow meets its condition",
     "o job \"{job}\" nunca roda: nenhum evento que inicia este workflow satisfaz sua condição"},
    {"never-needed", "job \"{job}\" never runs: it needs \"{need}\", which is always skipped",
     "o job \"{job}\" nunca roda: ele depende de \"{need}\", que é sempre pulado"},
    {"help",
     "take \"{need}\" out of `needs`, or begin the condition with `!cancelled() && !failure() &&`",
     "retire \"{need}\" de `needs`, ou comece a condição com `!cancelled() && !failure() &&`"},
    {"help-never", "correct the condition, or the events that start the workflow",
     "corrija a condição, ou os eventos que iniciam o workflow"},
    {"condition", "its condition", "sua condição"},
};

using github::Expression;
using github::Truth;

// Comparisons and searches that a condition asks to hold, outside of `!`: what its author had in
// mind.
void wishes(const Expression& expression, std::vector<const Expression*>& out) {
  if (expression.kind == Expression::Kind::comparison &&
      expression.comparison == github::Operator::equal)
    out.push_back(&expression);
  if (expression.kind == Expression::Kind::call &&
      (same_name(expression.text, "startsWith") || same_name(expression.text, "endsWith") ||
       same_name(expression.text, "contains")))
    out.push_back(&expression);
  if (expression.kind == Expression::Kind::conjunction ||
      expression.kind == Expression::Kind::disjunction)
    for (const Expression& part : expression.parts) wishes(part, out);
}

class Check {
public:
  Check(const Program& program, Findings& findings)
      : program_(program), findings_(findings), workflows_(program) {}

  void run() {
    for (const Workflow* workflow : workflows_.all()) {
      // One that GitHub refuses runs nowhere.
      if (!workflow->faults.empty()) continue;
      workflow_ = workflow;
      reach_ = reach_of(*workflow);
      if (reach_.runs.empty()) continue;
      for (const JobReach& job : reach_.jobs) check(job);
    }
  }

private:
  void check(const JobReach& reach) {
    if (reach.constant || reach.missing) return;
    const bool ever = std::ranges::any_of(reach.runs, [](Truth t) { return t != Truth::no; });
    if (!ever) return never(reach);
    if (reach.condition) (void)named_run(reach);
  }

  void never(const JobReach& reach) {
    const bool wanted = std::ranges::any_of(reach.own, [](Truth t) { return t != Truth::no; });
    if (!wanted) {
      add(reach, "never", reach.job->condition->span, nullptr, "help-never");
      return;
    }
    if (reach.condition && named_run(reach)) return;
    // By a job that is put aside on purpose, or by one that is reported already for the same
    // reason: then that one is the cause all the same, and this the damage.
    const WorkflowJob* need = nullptr;
    for (const WorkflowJob* each : reach.skipped_need)
      if (each != nullptr) need = each;
    if (need == nullptr) return;
    for (const JobReach& other : reach_.jobs)
      if (other.job == need && put_aside(other)) return;
    Span span = reach.job->id_span;
    for (const WorkflowText& each : reach.job->needs)
      if (same_name(each.written(), need->id)) span = each.span;
    add(reach, "never-needed", span, need, "help");
  }

  // Whether `if: false` of a job before is the cause.
  bool put_aside(const JobReach& reach) const {
    const JobReach* at = &reach;
    for (std::size_t i = 0; i < reach_.jobs.size() && at != nullptr; ++i) {
      if (at->constant || at->missing) return true;
      const WorkflowJob* need = nullptr;
      for (const WorkflowJob* each : at->skipped_need)
        if (each != nullptr) need = each;
      at = nullptr;
      for (const JobReach& other : reach_.jobs)
        if (other.job == need) at = &other;
    }
    return false;
  }

  // A wish of the condition that holds in some runs and not in others, and in none of those in
  // which it holds the job runs.
  bool named_run(const JobReach& reach) {
    std::vector<const Expression*> all;
    wishes(*reach.condition, all);
    for (const Expression* wish : all) {
      std::size_t yes = 0, first = 0;
      bool differs = false, blocked = true;
      for (std::size_t run = 0; run < reach_.runs.size() && blocked; ++run) {
        const github::Scope scope = scope_in(reach_.runs[run], github::Value::any());
        if (github::evaluate(*wish, scope).truth() != Truth::yes) {
          differs = true;
          continue;
        }
        if (yes++ == 0) first = run;
        blocked = reach.own[run] != Truth::no && reach.runs[run] == Truth::no &&
                  reach.skipped_need[run] != nullptr;
      }
      if (yes == 0 || !differs || !blocked) continue;
      const WorkflowRun& run = reach_.runs[first];
      const WorkflowJob* need = reach.skipped_need[first];
      for (const JobReach& other : reach_.jobs)
        if (other.job == need && put_aside(other)) return false;
      const std::string_view message = run.ref.empty() ? "skipped-event" : "skipped";
      Finding& finding = add(reach, message, reach.job->condition->span, need, "help");
      finding.arguments.emplace_back("event", run.event);
      finding.arguments.emplace_back("ref", run.ref);
      return true;
    }
    return false;
  }

  // What happens to a job that deploys elsewhere does not stop production.
  std::vector<TargetIndex> targets_of(const WorkflowJob& job) const {
    if (job.environment && job.environment->name.is_literal() &&
        stage_of_name(job.environment->name.written()) == Stage::production)
      return workflows_.targets_of(workflow_->file);
    std::vector<TargetIndex> targets = workflows_.targets_of(workflow_->file);
    std::erase_if(targets, [&](TargetIndex target) {
      return program_.targets[target].stage == Stage::production;
    });
    return targets;
  }

  Finding& add(const JobReach& reach, std::string_view message, const Span& span,
               const WorkflowJob* need, std::string_view help) {
    Finding finding{
        .rule = rule_named("unreachable-job"),
        .message = message,
        .arguments = {{"job", reach.job->id}, {"need", need != nullptr ? need->id : std::string()}},
        .span = span,
        .symbol_kind = "job",
        .symbol = reach.job->id,
        .targets = targets_of(*reach.job),
        .help = help};
    if (need != nullptr && need->condition)
      finding.related.push_back({need->condition->span, "condition"});
    findings_.add(std::move(finding));
    return findings_.all().back();
  }

  const Program& program_;
  Findings& findings_;
  Workflows workflows_;
  const Workflow* workflow_ = nullptr;
  WorkflowReach reach_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule unreachable_job;
constinit const Rule unreachable_job = declare({
    .id = "AE0608",
    .name = "unreachable-job",
    .category = Category::cicd,
    .title_en = "job that never runs where it is meant to",
    .title_pt = "job que nunca roda onde deveria",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.5, 2},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
