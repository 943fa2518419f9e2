#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"
#include "link/rules/support/image_builds.h"

#include "knowledge/shapes.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A build argument that the Dockerfile does not take

`args`, `build-args` and `--build-arg` reach only what says `ARG NAME`. Without it the builder warns once, in a long log, and the value is
lost: a `NEXT_PUBLIC_API_URL` that was meant to be compiled into the pages is empty there.

```txtar
-- compose.prod.yaml --
services:
  web:
    build:
      context: .
      args:
        NODE_VERSION: "24"
        NEXT_PUBLIC_API_URL: https://api.example.org # error: undeclared-build-argument
-- Dockerfile --
ARG NODE_VERSION=24
FROM node:${NODE_VERSION}-slim
RUN npm run build
```

```txtar
-- .github/workflows/release.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6 # error: undeclared-build-argument
        with:
          context: .
          build-args: |
            VERSION=${{ github.sha }}
            HTTP_PROXY=
-- Dockerfile --
FROM alpine:3.24
```

What a caller gives with `with:` is followed into the workflow or composite action that it calls.

```txtar
-- .github/workflows/release.yml --
on: push
jobs:
  web:
    uses: ./.github/workflows/image.yml
    with:
      name: web
      arguments: |
        URL=https://example.org
        TITLE=${{ github.ref_name }}
  worker:
    uses: ./.github/workflows/image.yml
    with:
      name: worker
      arguments: URL=https://example.org # error: undeclared-build-argument
-- .github/workflows/image.yml --
on:
  workflow_call:
    inputs:
      name: {type: string, required: true}
      arguments: {type: string}
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          context: ${{ inputs.name }}
          build-args: |
            VERSION=${{ github.sha }}
            ${{ inputs.arguments }}
-- web/Dockerfile --
FROM alpine:3.24
ARG VERSION URL TITLE
-- worker/Dockerfile --
FROM alpine:3.24
ARG VERSION
```

Silent: arguments that every builder takes, and those that a stage declares.

```txtar
-- compose.prod.yaml --
services:
  web:
    build:
      context: .
      args:
        - http_proxy
        - BUILDKIT_INLINE_CACHE=1
        - SOURCE_DATE_EPOCH=0
        - URL=https://example.org
-- Dockerfile --
FROM alpine:3.24 AS builder
ARG URL
RUN echo "$URL" > /url
FROM alpine:3.24
COPY --from=builder /url /url
```
)";

constexpr Message messages[] = {
    {"absent", "\"{dockerfile}\" has no `ARG {name}`: the build argument is lost",
     "\"{dockerfile}\" não tem `ARG {name}`: o argumento de build se perde"},
    {"help", "declare `ARG {name}` in the stage that uses it, or do not pass it",
     "declare `ARG {name}` no estágio que o usa, ou não o passe"},
};

// Source: https://docs.docker.com/reference/dockerfile/#predefined-args
bool is_predefined(std::string_view name) {
  const std::string lower = knowledge::lower(name);
  return lower.ends_with("_proxy") || name.starts_with("BUILDKIT_") || name.starts_with("TARGET") ||
         name.starts_with("BUILDPLATFORM") || name.starts_with("BUILDOS") ||
         name.starts_with("BUILDARCH") || name.starts_with("BUILDVARIANT") ||
         name == "SOURCE_DATE_EPOCH";
}

std::set<std::string, std::less<>> declared(const FileFacts& dockerfile) {
  std::set<std::string, std::less<>> names;
  for (const BuildSetting& setting : dockerfile.build_arguments) names.insert(setting.name);
  for (const BuildStage& stage : dockerfile.stages)
    for (const BuildStep& step : stage.steps)
      if (step.kind == BuildStep::Kind::argument)
        for (const BuildSetting& setting : step.settings) names.insert(setting.name);
  return names;
}

// Where a service says it; else the build.
Span place_of(const Program& program, const ImageBuild& build, std::string_view name) {
  for (const TargetIndex target : build.targets)
    if (const Process* process = program.process(target, build.service);
        process != nullptr && process->build)
      for (const Variable& argument : process->build->arguments)
        if (argument.name == name && argument.origin.written.file) return argument.origin.written;
  const Span& all = build.arguments_span;
  const Source* source = all.file ? program.sources->loaded(all.file) : nullptr;
  if (source != nullptr && all.range.end <= source->bytes().size()) {
    const std::string_view words =
        source->bytes().substr(all.range.begin, all.range.end - all.range.begin);
    const std::size_t at = words.find(std::string(name) + "=");
    if (at != std::string_view::npos) {
      const auto begin = all.range.begin + static_cast<std::uint32_t>(at);
      return {all.file, {begin, begin + static_cast<std::uint32_t>(name.size())}};
    }
  }
  return build.span;
}

void check(const Program& program, Findings& findings) {
  std::map<std::tuple<FileId, std::uint32_t, std::string>, Finding> by_place;
  for (const ImageBuild& build : program.builds) {
    const auto image = Image::of(program, build);
    if (!image || build.document || is_sample(build.dockerfile)) continue;
    const auto names = declared(image->dockerfile());
    for (const auto& [name, value] : build.arguments) {
      if (names.contains(name) || is_predefined(name) || name.find_first_of("$*{") != name.npos)
        continue;
      const Span span = place_of(program, build, name);
      Finding finding{.rule = rule_named("undeclared-build-argument"),
                      .message = "absent",
                      .arguments = {{"name", name}, {"dockerfile", build.dockerfile}},
                      .span = span,
                      .symbol_kind = "build-argument",
                      .symbol = name,
                      .targets = build.targets,
                      .help = "help"};
      const auto [place, fresh] =
          by_place.try_emplace(std::tuple(span.file, span.range.begin, name), finding);
      if (!fresh) add_targets(place->second, build.targets);
    }
  }
  for (auto& [place, finding] : by_place) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule undeclared_build_argument;
constinit const Rule undeclared_build_argument = declare({
    .id = "AE0713",
    .name = "undeclared-build-argument",
    .category = Category::config,
    .title_en = "build argument that no ARG takes",
    .title_pt = "argumento de build que nenhum ARG recebe",
    .priority = {.production = Priority::p2,
                 .staging = Priority::p2,
                 .development = Priority::p2,
                 .test = Priority::none,
                 .example = Priority::none,
                 .unknown = Priority::p2},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
