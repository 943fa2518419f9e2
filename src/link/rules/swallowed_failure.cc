#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/step_commands.h"
#include "link/rules/support/workflows.h"

#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A check that cannot fail

`npm run lint || true` runs a check and throws its answer away: the step is green whatever the check says, and whoever
reads "lint passed" believes something that nobody asked. In `npm test | tee test.log` the status is that of `tee`: the shell that
GitHub starts when a step names none has no `pipefail`; with `shell: bash` it has.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  web:
    runs-on: ubuntu-24.04
    steps:
      - run: npm run lint || true # error: swallowed-failure
      - run: |
          npm ci
          npm test -- --ci | tee test.log # error: swallowed-failure
      - run: |
          npx tsc --noEmit || echo "see above" # error: swallowed-failure
      - run: python -m pytest || exit 0 # error: swallowed-failure
```

Silent: a status that is kept, another way to the same end, conditions, commands whose failure says nothing, and shells that
look at every part of a pipeline.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  web:
    runs-on: ubuntu-24.04
    steps:
      - run: npm run lint || echo "lint=failed" >> "$GITHUB_OUTPUT"
      - run: npm test || FAILED=1
      - run: npm test || npm test
      - run: npm run lint || (echo "::error::lint" && exit 1)
      - run: npm audit || true
      - run: docker compose down || true
      - shell: bash
        run: npm test | tee test.log
      - run: |
          set -o pipefail
          npm test | tee test.log
      - run: |
          npm test | tee test.log
          exit "${PIPESTATUS[0]}"
      - run: if npm test; then echo good; fi
      - run: npx eslint --format json . | jq length
  windows:
    runs-on: windows-2025
    steps:
      - run: npm test || true
```
)";

constexpr Message messages[] = {
    {"alternative",
     "the failure of `{command}` is thrown away by `|| {instead}`: this step cannot fail",
     "a falha de `{command}` é descartada por `|| {instead}`: este passo não pode falhar"},
    {"pipe",
     "the failure of `{command}` is lost in the pipe: without `pipefail` the step ends as "
     "`{instead}` does",
     "a falha de `{command}` se perde no pipe: sem `pipefail` o passo termina como `{instead}`"},
    {"also", "and here", "e aqui"},
    {"help-alternative", "let it fail, or take the step out when nobody reads its answer",
     "deixe falhar, ou retire o passo se ninguém lê a resposta"},
    {"help-pipe", "give the step `shell: bash`, which switches `pipefail` on",
     "dê ao passo `shell: bash`, que liga o `pipefail`"},
};

// What only passes on what it reads. Others (`grep`, `jq`) have an answer of their own.
bool passes_on(const std::vector<std::string>& words) {
  return !words.empty() && (words.front() == "tee" || words.front() == "cat" ||
                            words.front() == "ts" || words.front() == "xcpretty");
}

void check(const Program& program, Findings& findings) {
  const Workflows workflows(program);
  for (const Workflow* workflow : workflows.all())
    for (const WorkflowJob& job : workflow->jobs)
      for (const WorkflowStep& step : job.steps)
        for (const StepFailure& failure : lost_failures_of(*workflow, job, step)) {
          if (failure.purpose != "test" && failure.purpose != "check" && failure.purpose != "build")
            continue;
          const bool pipe = failure.lost.how == shell::LostFailure::How::pipe;
          if (pipe && !passes_on(failure.lost.instead)) continue;
          const std::string command = shell::shown(failure.lost.words);
          findings.add(
              {.rule = rule_named("swallowed-failure"),
               .message = pipe ? "pipe" : "alternative",
               .arguments = {{"command", command}, {"instead", shell::shown(failure.lost.instead)}},
               .span = failure.span,
               .symbol_kind = "command",
               .symbol = command,
               .targets = workflows.targets_of(workflow->file),
               .confidence = Confidence::likely,
               .help = pipe ? "help-pipe" : "help-alternative"});
        }
}

} // namespace

extern constinit const Rule swallowed_failure;
constinit const Rule swallowed_failure = declare({
    .id = "AE0614",
    .name = "swallowed-failure",
    .category = Category::cicd,
    .title_en = "check of a workflow that cannot fail",
    .title_pt = "verificação de workflow que não pode falhar",
    .priority = {.production = Priority::p2,
                 .staging = Priority::p2,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p2},
    .effort = {0.25, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
