#include "link/rule.h"

#include "knowledge/command_purposes.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/given_values.h"
#include "link/rules/support/step_commands.h"
#include "link/rules/support/workflows.h"

#include <algorithm>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A deployment whose failure nobody sees

`continue-on-error: true` lets a job that deploys go on, and end as a success, when the step failed. Where
the step itself changes an environment, or migrates its data, what follows runs on what is half there, and
whoever waits for the job is told that all is well.

```txtar
-- .github/workflows/cd.yml --
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - uses: actions/checkout@v4
      - run: kubectl apply -k overlays/production
        continue-on-error: true # error: ignored-deploy-failure
      - run: npx prisma migrate deploy
        continue-on-error: true # error: ignored-deploy-failure
      - run: helm upgrade shop ./chart || true # error: ignored-deploy-failure
      - run: kubectl apply -k jobs | tee jobs.log # error: ignored-deploy-failure
```

A job of which another one says that it may fail decides nothing either.

```txtar
-- .github/workflows/cd.yml --
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    environment: production
    continue-on-error: true # error: ignored-deploy-failure
    steps:
      - run: helm upgrade shop ./chart
  announce:
    needs: deploy
    runs-on: ubuntu-24.04
    steps: [{run: ./announce}]
```

Silent: what only looks or tells, a step whose outcome a later one reads, and jobs that deploy nothing.

```txtar
-- .github/workflows/cd.yml --
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - run: kubectl get pods
        continue-on-error: true
      - uses: slackapi/slack-github-action@v2
        continue-on-error: true
      - id: apply
        run: kubectl apply -k overlays/production
        continue-on-error: true
      - run: kubectl create namespace shop || true
      - run: kubectl rollout status deployment/web || (kubectl rollout undo deployment/web && exit 1)
      - if: steps.apply.outcome == 'failure'
        run: kubectl rollout undo deployment/web && exit 1
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: helm upgrade shop ./chart --dry-run
        continue-on-error: true
```
)";

constexpr Message messages[] = {
    {"step",
     "the failure of \"{command}\" is ignored: job \"{job}\" deploys to \"{environment}\" and ends "
     "as "
     "a success all the same",
     "a falha de \"{command}\" é ignorada: o job \"{job}\" implanta em \"{environment}\" e termina "
     "como sucesso mesmo assim"},
    {"job",
     "the failure of job \"{job}\", which deploys to \"{environment}\", is ignored: \"{command}\" "
     "runs as if it had succeeded",
     "a falha do job \"{job}\", que implanta em \"{environment}\", é ignorada: \"{command}\" roda "
     "como se ele tivesse dado certo"},
    {"help", "take `continue-on-error` out, or look at the outcome in a later step",
     "retire `continue-on-error`, ou consulte o resultado em um passo posterior"},
    {"help-shell", "let the step fail", "deixe o passo falhar"},
    {"help-pipe", "give the step `shell: bash`, which switches `pipefail` on",
     "dê ao passo `shell: bash`, que liga o `pipefail`"},
};

// The first command of a step that changes what runs, or its data.
std::string changing_command(const Workflow& workflow, const WorkflowJob& job,
                             const WorkflowStep& step) {
  for (const StepCommand& command : commands_of(workflow, job, step)) {
    const std::string_view purpose = knowledge::purpose_of(command.words);
    if (purpose == "deploy" || purpose == "migrate")
      return shell::shown(knowledge::without_wrappers(command.words));
  }
  return {};
}

bool is_true(const std::optional<WorkflowText>& text) {
  return text && text->is_literal() && text->type == ScalarType::boolean &&
         same_name(text->written(), "true");
}

class Check {
public:
  Check(const Program& program, Findings& findings) : findings_(findings), workflows_(program) {}

  void run() {
    for (const Workflow* workflow : workflows_.all())
      for (const WorkflowJob& job : workflow->jobs) {
        if (!job.environment) continue;
        for (const WorkflowStep& step : job.steps) {
          ignored(*workflow, job, step);
          lost(*workflow, job, step);
        }
        whole(*workflow, job);
      }
  }

private:
  void add(std::string_view message, const Workflow& workflow, const WorkflowJob& job,
           const Span& span, std::string command, std::string_view help = "help") {
    findings_.add({.rule = rule_named("ignored-deploy-failure"),
                   .message = message,
                   .arguments = {{"command", std::move(command)},
                                 {"job", job.id},
                                 {"environment", job.environment->name.written()}},
                   .span = span,
                   .symbol_kind = "job",
                   .symbol = job.id,
                   .targets = workflows_.targets_of(workflow.file),
                   .confidence = Confidence::likely,
                   .help = help});
  }

  // `kubectl apply ... || true`, `... | tee deploy.log`
  void lost(const Workflow& workflow, const WorkflowJob& job, const WorkflowStep& step) {
    const std::size_t first = findings_.all().size(); // one a step: the others stand beside it
    for (const StepFailure& failure : lost_failures_of(workflow, job, step)) {
      if (failure.purpose != "deploy" && failure.purpose != "migrate") continue;
      if (first < findings_.all().size())
        relate(findings_.all()[first], failure.span);
      else
        add("step", workflow, job, failure.span,
            shell::shown(knowledge::without_wrappers(failure.lost.words)),
            failure.lost.how == shell::LostFailure::How::pipe ? "help-pipe" : "help-shell");
    }
  }

  void ignored(const Workflow& workflow, const WorkflowJob& job, const WorkflowStep& step) {
    if (!is_true(step.continue_on_error) || !step.run) return;
    const std::string command = changing_command(workflow, job, step);
    if (command.empty()) return;
    if (step.id && is_read(workflow, step.id->written())) return;
    add("step", workflow, job, step.continue_on_error->span, command);
  }

  // Somebody looks at the outcome.
  static bool is_read(const Workflow& workflow, const std::string& id) {
    const std::string path = "steps." + id + ".";
    return std::ranges::any_of(workflow.expressions, [&](const WorkflowExpression& each) {
      return each.source.find(path) != std::string::npos;
    });
  }

  // Where no job waits for it, only its mark in the list of runs is lost.
  void whole(const Workflow& workflow, const WorkflowJob& job) {
    if (!is_true(job.continue_on_error)) return;
    if (std::ranges::none_of(job.steps, [&](const WorkflowStep& step) {
          return !changing_command(workflow, job, step).empty();
        }))
      return;
    for (const WorkflowJob& other : workflow.jobs)
      for (const WorkflowText& need : other.needs)
        if (same_name(need.written(), job.id))
          return add("job", workflow, job, job.continue_on_error->span, other.id);
  }

  Findings& findings_;
  Workflows workflows_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule ignored_deploy_failure;
constinit const Rule ignored_deploy_failure = declare({
    .id = "AE0612",
    .name = "ignored-deploy-failure",
    .category = Category::cicd,
    .title_en = "deployment whose failure is ignored",
    .title_pt = "implantação cuja falha é ignorada",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p2,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p2},
    .effort = {0.5, 2},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
