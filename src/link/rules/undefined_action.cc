#include "link/rule.h"

#include "base/nearest.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflows.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# An action or workflow that is not there

`uses: ./path` of a step names a folder with an `action.yml` or a Dockerfile, that of a job a workflow of
this repository that others may call. GitHub refuses a workflow that calls one that is not there; the
job fails when it comes to a step whose action is not there.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/setpu # error: undefined-action
  test:
    uses: ./.github/workflows/tests.yml # error: undefined-action
  lint:
    uses: ./.github/workflows/lint.yml # error: undefined-action
  early:
    runs-on: ubuntu-24.04
    steps:
      - uses: ./.github/actions/setup # error: undefined-action
-- .github/workflows/lint.yml --
on: push
jobs:
  lint:
    runs-on: ubuntu-24.04
    steps: [{run: make lint}]
-- .github/actions/setup/action.yml --
name: setup
description: prepares
runs:
  using: composite
  steps: [{run: make setup, shell: bash}]
```

Silent: what another checkout, a script or the caller brings.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - uses: actions/checkout@v4
        with: {repository: acme/actions, path: tools}
      - uses: ./tools/setup
      - uses: actions/checkout@v4
        with: {path: src}
      - uses: ./src/.github/actions/setup
      - run: ./generate .github/actions/made
      - uses: ./.github/actions/made
-- .github/workflows/called.yml --
on:
  workflow_call:
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/of-the-caller
-- .github/actions/setup/action.yml --
name: setup
description: prepares
runs:
  using: composite
  steps: [{run: make setup, shell: bash}]
```
)";

constexpr Message messages[] = {
    {"action",
     "\"{name}\" is no action: no folder of this name holds an action.yml or a Dockerfile",
     "\"{name}\" não é uma action: nenhuma pasta com esse nome tem um action.yml ou um Dockerfile"},
    {"workflow", "the workflow \"{name}\", which job \"{job}\" calls, does not exist",
     "o workflow \"{name}\", que o job \"{job}\" chama, não existe"},
    {"not-callable",
     "the workflow \"{name}\", which job \"{job}\" calls, may not be called: `workflow_call` is "
     "not "
     "among its events",
     "o workflow \"{name}\", que o job \"{job}\" chama, não pode ser chamado: `workflow_call` não "
     "está entre seus eventos"},
    {"no-checkout", "\"{name}\" is not there yet: nothing was checked out before the first step",
     "\"{name}\" ainda não está lá: nada foi baixado antes do primeiro passo"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "create it, or correct the path", "crie-o, ou corrija o caminho"},
    {"help-callable", "add `workflow_call:` to `on` there",
     "acrescente `workflow_call:` ao `on` de lá"},
    {"help-checkout", "run actions/checkout first", "execute actions/checkout antes"},
};

class Check {
public:
  Check(const Program& program, Findings& findings) : findings_(findings), workflows_(program) {
    for (const Workflow* each : workflows_.all())
      paths_.push_back("./" + program.sources->path(each->file));
    for (const ActionDefinition* each : workflows_.actions())
      folders_.push_back("./" + each->directory);
  }

  void run() {
    for (const Workflow* workflow : workflows_.all())
      for (const WorkflowJob& job : workflow->jobs) {
        called(*workflow, job);
        for (std::size_t i = 0; i < job.steps.size(); ++i) step(*workflow, job, i);
      }
    // Of actions only those that this repository uses itself: others look at another checkout.
    for (const ActionDefinition* action : workflows_.actions()) {
      if (!action->directory.starts_with(".github/")) continue;
      for (const WorkflowStep& step : action->steps)
        if (step.uses && step.uses->is_literal() && step.uses->written().starts_with("./")) {
          const std::vector<WorkflowStep> checkout{here()};
          const LocalUse use = workflows_.step_use(nullptr, step, checkout);
          if (use.state == LocalUse::State::absent)
            add("action", "help", step, folders_, action->file).confidence = Confidence::likely;
        }
    }
  }

private:
  // The caller of an action has checked out this repository, or the action would not be there.
  static WorkflowStep here() {
    WorkflowStep step;
    step.uses = WorkflowText{.text = Text("actions/checkout@v4"), .span = {}};
    return step;
  }

  void called(const Workflow& workflow, const WorkflowJob& job) {
    const LocalUse use = workflows_.job_use(job);
    if (use.state == LocalUse::State::absent) {
      add("workflow", "help", job.uses, paths_, workflow.file, job.id);
    } else if (use.workflow != nullptr && use.workflow->trigger("workflow_call") == nullptr &&
               use.workflow->faults.empty()) {
      Finding& finding = add("not-callable", "help-callable", job.uses, {}, workflow.file, job.id);
      if (!use.workflow->triggers.empty())
        finding.related.push_back({use.workflow->triggers.front().span, "defined-here"});
    }
  }

  void step(const Workflow& workflow, const WorkflowJob& job, std::size_t i) {
    const WorkflowStep& step = job.steps[i];
    if (!step.uses || !step.uses->is_literal() || !step.uses->written().starts_with("./")) return;
    if (i == 0 && !self_hosted(job)) {
      add("no-checkout", "help-checkout", step.uses, {}, workflow.file, job.id);
      return;
    }
    const LocalUse use = workflows_.step_use(&workflow, step, std::span(job.steps).first(i));
    if (use.state == LocalUse::State::absent)
      add("action", "help", step.uses, folders_, workflow.file, job.id);
  }

  // A machine of one's own may hold what an earlier run left there.
  static bool self_hosted(const WorkflowJob& job) {
    if (job.runner_group || job.runs_on.empty()) return true;
    for (const WorkflowText& label : job.runs_on) {
      const std::string text = label.written();
      if (!label.is_literal() || !(text.starts_with("ubuntu-") || text.starts_with("macos-") ||
                                   text.starts_with("windows-")))
        return true;
    }
    return false;
  }

  Finding& add(std::string_view message, std::string_view help, const WorkflowStep& step,
               const std::vector<std::string>& names, FileId file) {
    return add(message, help, step.uses, names, file);
  }

  Finding& add(std::string_view message, std::string_view help,
               const std::optional<WorkflowText>& uses, const std::vector<std::string>& names,
               FileId file, const std::string& job = {}) {
    const std::string name = uses->written();
    const auto near = nearest(name, names);
    findings_.add({.rule = rule_named("undefined-action"),
                   .message = message,
                   .arguments = {{"name", name}, {"job", job}, {"near", near.value_or("")}},
                   .span = uses->span,
                   .symbol_kind = "action",
                   .symbol = name,
                   .targets = workflows_.targets_of(file),
                   .help = near && help == "help" ? "help-near" : help});
    return findings_.all().back();
  }

  Findings& findings_;
  Workflows workflows_;
  std::vector<std::string> paths_, folders_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule undefined_action;
constinit const Rule undefined_action = declare({
    .id = "AE0610",
    .name = "undefined-action",
    .category = Category::cicd,
    .title_en = "action or workflow that is not there",
    .title_pt = "action ou workflow que não existe",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p1,
                 .development = Priority::p1,
                 .test = Priority::p1,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.25, 2},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
