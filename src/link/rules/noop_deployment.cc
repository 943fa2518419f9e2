#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/delivery_requirements.h"
#include "link/rules/support/step_commands.h"
#include "link/rules/support/workflows.h"

#include <algorithm>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A deployment that deploys nothing

A job with an `environment` is a deployment: GitHub records it, shows it as active, and notifies who watches it. When its
steps only print, that record is false: the page says that production runs this commit, and nothing was sent anywhere.

```txtar
-- .github/workflows/release.yml --
on:
  push:
    branches: [main]
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - uses: actions/checkout@v4
      - run: |
          echo "Deploy to production" # error: noop-deployment
          echo "done"
```

Silent: a job that others wait for, which is how an approval is asked for; anything that does something; a job without
an environment.

```txtar
-- .github/workflows/release.yml --
on:
  push:
    branches: [main]
jobs:
  approve:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: echo "approved"
  deploy:
    needs: approve
    runs-on: ubuntu-latest
    environment: production
    steps:
      - uses: actions/checkout@v4
      - run: kubectl apply -k deploy
  publish:
    runs-on: ubuntu-latest
    environment: pages
    steps:
      - uses: actions/deploy-pages@v4
  say:
    runs-on: ubuntu-latest
    steps:
      - run: echo "built"
-- deploy/kustomization.yaml --
resources: []
```
)";

constexpr Message messages[] = {
    {"noop",
     "job \"{job}\" only prints, and GitHub records it as a deployment to \"{environment}\"",
     "o job \"{job}\" só imprime, e o GitHub o registra como implantação em \"{environment}\""},
    {"help", "deploy here, or take `environment` out of the job",
     "implante aqui, ou retire `environment` do job"},
};

void check(const Program& program, Findings& findings) {
  require_what_deployments_reach(program, findings);
  const Workflows workflows(program);
  for (const Workflow* workflow : workflows.all()) {
    // As a part of another one it may be the approval.
    if (workflow->trigger("workflow_call") != nullptr) continue;
    for (const WorkflowJob& job : workflow->jobs) {
      if (!job.environment || job.uses || job.steps.empty()) continue;
      const bool needed = std::ranges::any_of(workflow->jobs, [&](const WorkflowJob& other) {
        return std::ranges::any_of(other.needs, [&](const WorkflowText& need) {
          return same_name(need.written(), job.id);
        });
      });
      const auto prints = std::ranges::find_if(
          job.steps, [](const WorkflowStep& step) { return step.run.has_value(); });
      if (needed || prints == job.steps.end() || !std::ranges::all_of(job.steps, does_nothing))
        continue;
      findings.add(
          {.rule = rule_named("noop-deployment"),
           .message = "noop",
           .arguments = {{"job", job.id}, {"environment", job.environment->name.written()}},
           .span = first_command(*workflow, *prints),
           .symbol_kind = "job",
           .symbol = job.id,
           .targets = workflows.targets_of(workflow->file),
           .help = "help"});
    }
  }
}

} // namespace

extern constinit const Rule noop_deployment;
constinit const Rule noop_deployment = declare({
    .id = "AE0760",
    .name = "noop-deployment",
    .category = Category::cicd,
    .title_en = "deployment that deploys nothing",
    .title_pt = "implantação que não implanta nada",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::none,
                 .unknown = Priority::p2},
    .effort = {1, 8},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
