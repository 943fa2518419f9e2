#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/step_commands.h"
#include "link/rules/support/workflows.h"

#include <algorithm>
#include <array>
#include <set>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A rollback that undoes what was not done

`failure()` in the condition of a job is true when *any* job that it needs, directly or through others, has failed. A rollback with
that condition also runs when the build or the tests before the deployment failed: then nothing was deployed, and it takes the
release that is running away.

```txtar
-- .github/workflows/deploy.yml --
on:
  push:
    branches: [main]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build .
  deploy:
    needs: build
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: kubectl apply -f app.yaml
  rollback:
    needs: deploy
    if: failure() # error: unsafe-rollback
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: kubectl rollout undo deployment/app
-- Dockerfile --
FROM scratch
-- app.yaml --
{}
```

Silent: a condition that names the result of the deployment, and a rollback in the job that deployed.

```txtar
-- .github/workflows/deploy.yml --
on:
  push:
    branches: [main]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build .
  deploy:
    needs: build
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: kubectl apply -f app.yaml
      - if: failure()
        run: kubectl rollout undo deployment/app
  rollback:
    needs: deploy
    if: ${{ failure() && needs.deploy.result == 'failure' }}
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: kubectl rollout undo deployment/app
-- Dockerfile --
FROM scratch
-- app.yaml --
{}
```
)";

constexpr Message messages[] = {
    {"unsafe",
     "job \"{job}\" undoes a release when \"{other}\" fails too, before anything was deployed: "
     "`failure()` counts every job before it",
     "o job \"{job}\" desfaz um release também quando \"{other}\" falha, antes de haver "
     "implantação: `failure()` conta todos os jobs anteriores"},
    {"help",
     "ask for the result of the deployment: `if: failure() && needs.{deploy}.result == "
     "'failure'`",
     "pergunte pelo resultado da implantação: `if: failure() && needs.{deploy}.result == "
     "'failure'`"},
};

bool undoes(const StepCommand& command) {
  const auto& words = command.words;
  auto has = [&](std::string_view word) { return std::ranges::find(words, word) != words.end(); };
  if (words.front() == "kubectl") return has("rollout") && has("undo");
  if (words.front() == "helm" || words.front() == "argocd") return has("rollback");
  return false;
}

bool deploys(const StepCommand& command) {
  constexpr std::array<std::string_view, 6> words = {"apply", "set",    "upgrade",
                                                     "sync",  "deploy", "install"};
  constexpr std::array<std::string_view, 3> tools = {"kubectl", "helm", "argocd"};
  return std::ranges::find(tools, command.words.front()) != tools.end() &&
         std::ranges::any_of(command.words, [&](const std::string& word) {
           return std::ranges::find(words, std::string_view(word)) != words.end();
         });
}

template <typename Question>
bool any_command(const Workflow& workflow, const WorkflowJob& job, Question question) {
  return std::ranges::any_of(job.steps, [&](const WorkflowStep& step) {
    return step.run && std::ranges::any_of(commands_of(workflow, job, step), question);
  });
}

// `failure()` holds alone: nothing asks which job failed.
bool asks_any_failure(const github::Expression& expression) {
  bool failure = false, result = false;
  std::vector<const github::Expression*> open{&expression};
  while (!open.empty()) {
    const github::Expression* each = open.back();
    open.pop_back();
    if (each->kind == github::Expression::Kind::call && same_name(each->text, "failure"))
      failure = true;
    if (each->kind == github::Expression::Kind::context && same_name(each->text, "needs"))
      result = true;
    for (const github::Expression& part : each->parts) open.push_back(&part);
  }
  return failure && !result;
}

// Jobs that have to succeed before `job` starts, nearest first.
std::vector<const WorkflowJob*> before(const Workflow& workflow, const WorkflowJob& job) {
  std::vector<const WorkflowJob*> all;
  std::set<const WorkflowJob*> seen;
  std::vector<const WorkflowJob*> open{&job};
  for (std::size_t i = 0; i < open.size(); ++i)
    for (const WorkflowText& need : open[i]->needs) {
      const WorkflowJob* needed = workflow.job(need.written());
      if (needed == nullptr || needed == &job || !seen.insert(needed).second) continue;
      all.push_back(needed);
      open.push_back(needed);
    }
  return all;
}

void check(const Program& program, Findings& findings) {
  const Workflows workflows(program);
  for (const Workflow* workflow : workflows.all())
    for (const WorkflowJob& job : workflow->jobs) {
      if (!job.condition || job.needs.empty() || job.uses) continue;
      const auto condition = condition_of(*job.condition);
      if (!condition || !asks_any_failure(*condition) || !any_command(*workflow, job, undoes))
        continue;
      const WorkflowJob* deployment = nullptr;
      const std::vector<const WorkflowJob*> ancestors = before(*workflow, job);
      for (const WorkflowJob* each : ancestors)
        if (deployment == nullptr && any_command(*workflow, *each, deploys)) deployment = each;
      if (deployment == nullptr) continue;
      // Something that has to succeed before the deployment, so that it can fail alone.
      const auto earlier = before(*workflow, *deployment);
      const auto first = std::ranges::find_if(
          earlier, [](const WorkflowJob* each) { return each->needs.empty(); });
      if (first == earlier.end()) continue;
      findings.add(
          {.rule = rule_named("unsafe-rollback"),
           .message = "unsafe",
           .arguments = {{"job", job.id}, {"other", (*first)->id}, {"deploy", deployment->id}},
           .span = job.condition->span,
           .symbol_kind = "job",
           .symbol = job.id,
           .targets = workflows.targets_of(workflow->file),
           .help = "help"});
    }
}

} // namespace

extern constinit const Rule unsafe_rollback;
constinit const Rule unsafe_rollback = declare({
    .id = "AE0762",
    .name = "unsafe-rollback",
    .category = Category::cicd,
    .title_en = "rollback that undoes what was not done",
    .title_pt = "rollback que desfaz o que não foi feito",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::none,
                 .unknown = Priority::p1},
    .effort = {0.5, 2},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
