#include "link/rule.h"

#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflow_members.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A step that the job does not have

`steps.NAME` gives what an earlier step of the same job left. A name that no step of the job has, or
one that runs later, is no error for GitHub: the value is empty, and a condition that asks for it never
holds.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs:
      digest: ${{ steps.pusch.outputs.digest }} # error: undefined-step
    steps:
      - if: steps.push.outcome == 'success' # error: undefined-step
        run: make report
      - id: push
        uses: docker/build-push-action@v6
      - run: echo ${{ steps.push.output.digest }} # error: undefined-step
      - id: own
        uses: ./.github/actions/own
      - run: echo ${{ steps.own.outputs.size }} # error: undefined-step
-- .github/actions/own/action.yml --
name: own
description: says the weight
outputs:
  weight: {description: in grams, value: "${{ steps.weigh.outputs.weight }}"}
runs:
  using: composite
  steps:
    - id: weigh
      run: echo "weight=1" >> "$GITHUB_OUTPUT"
      shell: bash
```

A script that writes its outputs itself, by commands that write nothing else, has no others.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs:
      version: ${{ steps.meta.outputs.versoin }} # error: undefined-step
      notes: ${{ steps.meta.outputs.notes }}
      tag: ${{ steps.meta.outputs.tag }}
    steps:
      - id: meta
        run: |
          set -euo pipefail
          version=$(git describe --tags | sed 's/^v//')
          echo "version=$version" >> "$GITHUB_OUTPUT"
          if [ -n "$version" ]; then
            echo 'tag=v1' >>$GITHUB_OUTPUT
          fi
          {
            echo "notes<<EOF"
            git log -1
            echo EOF
          } >> "$GITHUB_OUTPUT"
      - id: silent
        run: echo done
      - run: echo ${{ steps.silent.outputs.done }} # error: undefined-step
```

Silent: a program that may write any, names and lines that only the run knows.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - id: program
        run: ./meta.sh && echo "a=1" >> "$GITHUB_OUTPUT"
      - id: named
        run: echo "$KEY=1" >> "$GITHUB_OUTPUT"
      - id: file
        run: cat outputs.env >> "$GITHUB_OUTPUT"
      - id: handed
        run: out=$GITHUB_OUTPUT; echo "b=1" >> "$out"
      - id: piped
        run: echo "b=1" | tee -a "$GITHUB_OUTPUT"
      - id: old
        run: echo "::set-output name=b::1"
      - id: windows
        shell: pwsh
        run: echo "b=1" >> $env:GITHUB_OUTPUT
      - id: filtered
        run: env | grep APP_ >> "$GITHUB_OUTPUT"
      - id: looped
        run: for key in b c; do echo "$key=1"; done >> "$GITHUB_OUTPUT"
      - run: >-
          echo ${{ steps.program.outputs.b }} ${{ steps.named.outputs.b }} ${{ steps.file.outputs.b }}
          ${{ steps.handed.outputs.b }} ${{ steps.piped.outputs.b }} ${{ steps.old.outputs.b }}
          ${{ steps.windows.outputs.b }} ${{ steps.filtered.outputs.b }} ${{ steps.looped.outputs.b }}
```

Silent: what a step leaves is known to the step alone; names compare without regard to case.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - id: Meta
        run: ./meta.sh
      - run: echo ${{ steps.meta.outputs.anything }} ${{ steps.meta.conclusion }}
      - run: echo '${{ toJSON(steps) }}' ${{ steps[matrix.step].outcome }}
```
)";

constexpr Message messages[] = {
    {"undefined", "no step of job \"{job}\" has the id \"{name}\": the value is empty",
     "nenhum passo do job \"{job}\" tem o id \"{name}\": o valor fica vazio"},
    {"undefined-in-action", "no step of this action has the id \"{name}\": the value is empty",
     "nenhum passo desta action tem o id \"{name}\": o valor fica vazio"},
    {"later", "the step \"{name}\" runs later: here the value is empty",
     "o passo \"{name}\" roda depois: aqui o valor fica vazio"},
    {"output", "\"{object}\" has no \"{name}\": the value is empty",
     "\"{object}\" não tem \"{name}\": o valor fica vazio"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "give an earlier step that id, or take the expression out",
     "dê esse id a um passo anterior, ou retire a expressão"},
};

void check(const Program& program, Findings& findings) {
  const Workflows workflows(program);
  for (const MissingMember& member : missing_members(workflows, "steps")) {
    const bool later = member.later.file.value != FileId::none;
    Finding finding = finding_of(workflows, member, "undefined-step",
                                 member.object != "steps" ? "output"
                                 : later                  ? "later"
                                 : member.job.empty()     ? "undefined-in-action"
                                                          : "undefined");
    if (later) {
      finding.help = {};
      finding.related.push_back({member.later, "defined-here"});
    }
    findings.add(std::move(finding));
  }
}

} // namespace

extern constinit const Rule undefined_step;
constinit const Rule undefined_step = declare({
    .id = "AE0604",
    .name = "undefined-step",
    .category = Category::cicd,
    .title_en = "step that the job does not have",
    .title_pt = "passo que o job não tem",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
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
