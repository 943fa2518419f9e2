#include "link/rule.h"

#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflow_members.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A key that the matrix of the job does not have

A key of `matrix` that neither the rows nor `include` give is empty in every run of the job.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  test:
    strategy:
      matrix:
        node: [22, 24]
        include: [{node: 24, latest: true}]
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ matrix.latest }} ${{ matrix.nodes }} # error: undefined-matrix-key
  lint:
    runs-on: ubuntu-24.04
    steps:
      - run: make lint VERSION=${{ matrix.node }} # error: undefined-matrix-key
```

Silent: a matrix that is computed, or a default for what only some runs have.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  plan:
    runs-on: ubuntu-24.04
    outputs: {all: "${{ steps.list.outputs.all }}"}
    steps: [{id: list, run: ./list}]
  test:
    needs: plan
    strategy:
      matrix:
        include: ${{ fromJSON(needs.plan.outputs.all) }}
    runs-on: ${{ matrix.os }}
    steps:
      - run: make ${{ matrix.goal || 'all' }}
  lint:
    runs-on: ubuntu-24.04
    steps:
      - run: make lint ${{ matrix.flags || '' }}
```
)";

constexpr Message messages[] = {
    {"undefined", "the matrix of job \"{job}\" has no \"{name}\": the value is empty",
     "a matriz do job \"{job}\" não tem \"{name}\": o valor fica vazio"},
    {"no-matrix", "job \"{job}\" has no matrix: \"{name}\" is empty",
     "o job \"{job}\" não tem matriz: \"{name}\" fica vazio"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "add it to the matrix, or take the expression out",
     "acrescente-a à matriz, ou retire a expressão"},
};

void check(const Program& program, Findings& findings) {
  const Workflows workflows(program);
  for (const MissingMember& member : missing_members(workflows, "matrix"))
    if (!member.guarded && member.object == "matrix")
      findings.add(finding_of(workflows, member, "undefined-matrix-key",
                              member.names.empty() ? "no-matrix" : "undefined"));
}

} // namespace

extern constinit const Rule undefined_matrix_key;
constinit const Rule undefined_matrix_key = declare({
    .id = "AE0606",
    .name = "undefined-matrix-key",
    .category = Category::cicd,
    .title_en = "key that a matrix does not have",
    .title_pt = "chave que a matriz não tem",
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
