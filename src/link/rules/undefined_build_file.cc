#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/image_builds.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A build of a Dockerfile that does not exist

A workflow, a script or a recipe builds an image from a Dockerfile, or from a folder, that the repository
does not have: the step fails. (What a compose file builds is reported by undefined-path, what a `run:` of a workflow
builds by undefined-step-path, which knows what steps before it made.)

```txtar
-- .github/workflows/deploy.yml --
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          context: ./backend # error: undefined-build-file
          push: true
-- Dockerfile --
FROM scratch
-- compose.yaml --
services: {}
```

What callers give is followed into the workflow or composite action that they call, and so are its defaults.

```txtar
-- .github/workflows/deploy.yml --
on: push
jobs:
  web:
    uses: ./.github/workflows/image.yml
    with:
      file: web/Dockerfile.production # error: undefined-build-file
  worker:
    uses: ./.github/workflows/image.yml
    with:
      file: ${{ format('{0}/Dockerfile', 'worker') }}
  own:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: ./.github/actions/build
        with:
          context: wroker # error: undefined-build-file
-- .github/workflows/image.yml --
on:
  workflow_call:
    inputs:
      file: {type: string, default: Dockerfile}
      load: {type: boolean}
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          file: ${{ inputs.file }}
      - if: inputs.load
        uses: docker/build-push-action@v6
        with:
          file: ${{ inputs.file }}.load
-- .github/actions/build/action.yml --
name: build
description: builds an image
inputs:
  context: {description: the folder, required: true}
runs:
  using: composite
  steps:
    - uses: docker/build-push-action@v6
      with:
        context: ${{ inputs.context }}
-- web/Dockerfile --
FROM scratch
-- worker/Dockerfile --
FROM scratch
```

Silent: who starts the workflow by hand may give anything; another repository may call it with anything; a
condition on what is given.

```txtar
-- .github/workflows/image.yml --
on:
  workflow_dispatch:
    inputs:
      file: {type: string, default: Dockerfile.other}
  workflow_call:
    inputs:
      file: {type: string, default: Dockerfile.other}
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          file: ${{ inputs.file }}
-- .github/workflows/test.yml --
on: push
jobs:
  test:
    uses: ./.github/workflows/checks.yml
-- .github/workflows/checks.yml --
on:
  workflow_call:
    inputs:
      file: {type: string, default: Dockerfile}
      image: {type: boolean, default: false}
jobs:
  push:
    if: ${{ inputs.image }}
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          file: ${{ inputs.file }}
-- web/Dockerfile --
FROM scratch
```

Silent: files that are there, or that a command makes; variables; other checkouts; documents.

```txtar
-- .github/workflows/deploy.yml --
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: docker build -t web .
      - run: |
          cp Dockerfile Dockerfile.made
          docker build -f Dockerfile.made .
      - run: docker build -f ${{ matrix.file }} .
      - run: docker build -f Dockerfile https://example.org/repository.git
      - run: cat Dockerfile | docker build -
      - shell: pwsh
        run: |
          $file = "docker/Dockerfile.$env:FLAVOUR"
          docker build -f $file .
          Get-Content Dockerfile | Set-Content -Path Dockerfile.windows
          docker build -f Dockerfile.windows .
-- .github/workflows/other.yml --
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          repository: acme/other
      - run: docker build -f Dockerfile.other .
-- README.md --
    docker build -f Dockerfile.nowhere .
-- Dockerfile --
FROM scratch
-- compose.yaml --
services: {}
```
)";

constexpr Message messages[] = {
    {"file", "the Dockerfile \"{path}\" that is built here does not exist",
     "o Dockerfile \"{path}\" construído aqui não existe"},
    {"context", "the build context \"{path}\" does not exist",
     "o contexto de build \"{path}\" não existe"},
    {"help-other", "the repository has \"{other}\": is that the file?",
     "o repositório tem \"{other}\": é esse o arquivo?"},
    {"help", "create it, or build what is there", "crie-o, ou construa o que existe"},
};

// The one Dockerfile of the folder.
std::string other_in(const Program& program, std::string_view folder) {
  std::string found;
  for (const FileFacts& facts : program.facts) {
    if (facts.stages.empty()) continue;
    const std::string& path = program.sources->path(facts.file);
    if (parent_path(path) != folder) continue;
    if (!found.empty()) return {};
    found = path;
  }
  return found;
}

void check(const Program& program, Findings& findings) {
  std::map<std::string, Finding> by_path;
  for (const ImageBuild& build : program.builds) {
    if (build.by == ImageBuild::By::compose || build.document) continue;
    const bool context =
        !build.context.empty() && program.tree.exists(build.context) == Existence::absent;
    const std::string& path = context ? build.context : build.dockerfile;
    if (program.tree.exists(path) != Existence::absent || is_made(program, path)) continue;
    // undefined-step-path has followed what the job makes before, and says it with certainty.
    const FileId file = build.span.file;
    if (std::ranges::any_of(program.step_uses, [&](const StepUse& use) {
          return use.state == OutcomeState::undefined && use.span.file == file && use.name == path;
        }))
      continue;
    const std::string other = context ? std::string() : other_in(program, parent_path(path));
    Finding finding{.rule = rule_named("undefined-build-file"),
                    .message = context ? "context" : "file",
                    .arguments = {{"path", path}, {"other", other}},
                    .span = build.file_span.file ? build.file_span : build.span,
                    .symbol_kind = "path",
                    .symbol = path,
                    .confidence = Confidence::likely, // a step before may make it
                    .help = other.empty() ? "help" : "help-other"};
    const auto [place, fresh] = by_path.try_emplace(path, finding);
    Finding& first = place->second;
    if (!fresh && first.span != finding.span &&
        std::ranges::none_of(first.related,
                             [&](const Related& each) { return each.span == finding.span; }))
      first.related.push_back({finding.span, "also-here"});
  }
  for (auto& [path, finding] : by_path) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule undefined_build_file;
constinit const Rule undefined_build_file = declare({
    .id = "AE0710",
    .name = "undefined-build-file",
    .category = Category::cicd,
    .title_en = "build of a Dockerfile that does not exist",
    .title_pt = "build de um Dockerfile que não existe",
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
