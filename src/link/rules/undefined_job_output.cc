#include "link/rule.h"

#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflow_members.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# An output of a job that nobody declares

`needs.JOB.outputs.NAME` gives what a needed job declares under `outputs`. A job that is not in `needs`, or an
output that is not declared, is no error for GitHub: the value is empty - an image without a digest, a
condition that never holds.

```txtar
-- .github/workflows/cd.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs:
      digest: ${{ steps.push.outputs.digest }}
    steps:
      - id: push
        uses: docker/build-push-action@v6
  test:
    uses: ./.github/workflows/test.yml
  deploy:
    needs: [build, test]
    runs-on: ubuntu-24.04
    steps:
      - run: ./deploy ${{ needs.build.outputs.image }} # error: undefined-job-output
      - run: ./deploy ${{ needs.test.outputs.report }} ${{ needs.test.outputs.size }} # error: undefined-job-output
  report:
    needs: deploy
    if: needs.build.result == 'success' # error: undefined-job-output
    runs-on: ubuntu-24.04
    steps: [{run: make report}]
-- .github/workflows/test.yml --
on:
  workflow_call:
    outputs:
      report:
        value: ${{ jobs.test.outputs.raport }} # error: undefined-job-output
jobs:
  test:
    runs-on: ubuntu-24.04
    outputs:
      report: ${{ steps.report.outputs.file }}
    steps:
      - id: report
        run: make report
```

Silent: outputs of a workflow that lies elsewhere are not known.

```txtar
-- .github/workflows/cd.yml --
on: push
jobs:
  build:
    uses: acme/workflows/.github/workflows/build.yml@v1
  deploy:
    needs: build
    if: needs.build.outputs.Digest != '' && contains(needs.*.result, 'success')
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
```
)";

constexpr Message messages[] = {
    {"undefined", "job \"{job}\" does not need \"{name}\": the value is empty",
     "o job \"{job}\" não depende de \"{name}\": o valor fica vazio"},
    {"undefined-in-call", "this workflow has no job \"{name}\": the output is empty",
     "este workflow não tem o job \"{name}\": a saída fica vazia"},
    {"output", "\"{object}\" has no \"{name}\": the value is empty",
     "\"{object}\" não tem \"{name}\": o valor fica vazio"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "declare the output at its job, or put the job into `needs`",
     "declare a saída no job, ou ponha o job em `needs`"},
};

void check(const Program& program, Findings& findings) {
  const Workflows workflows(program);
  for (const std::string_view context : {"needs", "jobs"})
    for (const MissingMember& member : missing_members(workflows, context))
      findings.add(finding_of(workflows, member, "undefined-job-output",
                              member.object == "needs"  ? "undefined"
                              : member.object == "jobs" ? "undefined-in-call"
                                                        : "output"));
}

} // namespace

extern constinit const Rule undefined_job_output;
constinit const Rule undefined_job_output = declare({
    .id = "AE0605",
    .name = "undefined-job-output",
    .category = Category::cicd,
    .title_en = "output of a job that nobody declares",
    .title_pt = "saída de job que ninguém declara",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.25, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
