#include "link/rule.h"

#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflow_members.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# An input that nobody declares

`inputs.NAME` of a workflow comes from `workflow_dispatch` or `workflow_call`, that of an action from its
`inputs`. One that is not declared is always empty.

```txtar
-- .github/workflows/deploy.yml --
on:
  workflow_dispatch:
    inputs:
      environment: {type: choice, options: [staging, production]}
jobs:
  deploy:
    if: inputs.enviroment == 'production' # error: undefined-input
    runs-on: ubuntu-24.04
    steps:
      - run: ./deploy ${{ github.event.inputs.target }} # error: undefined-input
-- .github/actions/own/action.yml --
name: own
description: greets
inputs:
  name: {description: whom}
runs:
  using: composite
  steps:
    - run: echo ${{ inputs.names }} # error: undefined-input
      shell: bash
```

Silent: a default stands in; a called workflow sees the event of its caller.

```txtar
-- .github/workflows/deploy.yml --
on:
  push:
  workflow_dispatch:
    inputs:
      Tag: {type: string}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - run: ./deploy ${{ inputs.tag || inputs.version || github.sha }}
-- .github/workflows/called.yml --
on:
  workflow_call:
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - run: ./deploy ${{ github.event.inputs.anything }}
```
)";

constexpr Message messages[] = {
    {"undefined", "no input \"{name}\" is declared: the value is empty",
     "nenhuma entrada \"{name}\" é declarada: o valor fica vazio"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "declare it, or take the expression out", "declare-a, ou retire a expressão"},
};

void check(const Program& program, Findings& findings) {
  const Workflows workflows(program);
  for (const MissingMember& member : missing_members(workflows, "inputs"))
    if (!member.guarded)
      findings.add(finding_of(workflows, member, "undefined-input", "undefined"));
}

} // namespace

extern constinit const Rule undefined_input;
constinit const Rule undefined_input = declare({
    .id = "AE0607",
    .name = "undefined-input",
    .category = Category::cicd,
    .title_en = "input that nobody declares",
    .title_pt = "entrada que ninguém declara",
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
