#include "base/nearest.h"
#include "knowledge/images.h"
#include "knowledge/shapes.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"
#include "link/rules/support/image_builds.h"
#include "link/rules/support/undefined_name.h"
#include "link/stage_words.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <tuple>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A build stage that the Dockerfile lacks

`build.target` names a stage that the Dockerfile does not have: the build fails. Names of
stages are compared without regard to case, and a number counts stages from 0.

```txtar
-- compose.yaml --
services:
  web:
    build:
      context: .
      target: runtime # error: undefined-build-stage
-- Dockerfile --
FROM node:24-slim AS build
RUN npm ci
FROM node:24-slim AS runner
COPY --from=build /app /app
```

Inside the Dockerfile a name that is no stage above is taken for an image: the builder asks Docker
Hub, which has only official images under one word.

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM node:24-slim AS dependencies
RUN npm ci
FROM node:24-slim AS builder
COPY --from=dependancies /app/node_modules ./ # error: undefined-build-stage
RUN --mount=type=bind,from=dependency,target=/x npm run build # error: undefined-build-stage
FROM buidler AS runner # error: undefined-build-stage
FROM base # error: undefined-build-stage
```

Builds of workflows and scripts, with what a caller gives to the workflow that it calls:

```txtar
-- .github/workflows/deploy.yml --
on: push
jobs:
  web:
    uses: ./.github/workflows/image.yml
    with:
      target: runtime # error: undefined-build-stage
  worker:
    uses: ./.github/workflows/image.yml
    with:
      target: runner
  direct:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          context: .
          target: biuld # error: undefined-build-stage
-- .github/workflows/image.yml --
on:
  workflow_call:
    inputs:
      target: {type: string, required: true}
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          context: .
          target: ${{ inputs.target }}
-- Dockerfile --
FROM node:24-slim AS build
FROM node:24-slim AS runner
```

Silent:

```txtar
-- compose.yaml --
services:
  web:
    build:
      context: .
      target: Runner
  first:
    build:
      context: .
      target: "0"
-- Dockerfile --
FROM node:24-slim AS build
FROM node:24-slim AS runner
```

Silent: official images, other images, numbers, variables, contexts that the build is given,
images that seem to be built here, and what lies in a folder of tests.

```txtar
-- compose.yaml --
services:
  web:
    build:
      context: .
      additional_contexts:
        asset: ./assets
  worker:
    image: worker:latest
    build: base
-- Dockerfile --
ARG VARIANT=assets
FROM composer AS composer2
FROM node AS nodes
FROM node AS Assets
FROM debian AS runner
COPY --from=composer /usr/bin/composer /usr/bin/
COPY --from=assets /a /a
COPY --from=asset /a /a
COPY --from=0 /a /a
COPY --from=ghcr.io/acme/assetz /a /a
COPY --from=acme-base /a /a
COPY --from=worker /a /a
FROM ${VARIANT}
-- base/Dockerfile --
FROM debian:13-slim
-- one/Dockerfile --
FROM another-image
-- tests/Dockerfile --
FROM debian AS build
FROM biuld
```
)";

constexpr Message messages[] = {
    {"undefined", "the Dockerfile of service \"{service}\" has no stage \"{name}\"",
     "o Dockerfile do serviço \"{service}\" não tem o estágio \"{name}\""},
    {"undefined-in-build", "\"{dockerfile}\" has no stage \"{name}\", which is built here",
     "\"{dockerfile}\" não tem o estágio \"{name}\", construído aqui"},
    {"no-stage", "no stage above is called \"{name}\": the builder looks for an image of that name",
     "nenhum estágio acima se chama \"{name}\": o builder procura uma imagem com esse nome"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "name a stage of the Dockerfile", "indique um estágio do Dockerfile"},
};

bool is_number(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

// The stage above that was meant. Few edits in a short name: an image may be called almost like a
// stage, but hardly by chance.
const BuildStage* meant(std::string_view name, std::span<const BuildStage> above) {
  const BuildStage* best = nullptr;
  for (const BuildStage& stage : above) {
    const std::size_t shorter = std::min(name.size(), stage.name.size());
    const std::size_t limit = shorter >= 8 ? 3 : shorter >= 5 ? 2 : shorter >= 3 ? 1 : 0;
    const std::size_t distance = edit_distance(name, knowledge::lower(stage.name), limit);
    if (limit > 0 && distance <= limit) best = &stage;
  }
  return best;
}

bool has_word(std::string_view text, std::string_view word) {
  const auto inside = [&](std::size_t at) {
    return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
  };
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
    if ((at == 0 || !inside(at - 1)) && !inside(at + word.size())) {
      // A remark names nothing.
      const std::size_t line = text.substr(0, at).rfind('\n') + 1;
      if (text.substr(line, at - line).find('#') == std::string_view::npos) return true;
    }
  return false;
}

// Another Dockerfile, or a service that is built, is called so: `docker build -t base base/`.
bool is_built_here(const Program& program, std::string_view name) {
  const std::string_view last = name.substr(std::min(name.find_last_of("-_") + 1, name.size()));
  const bool dockerfile = std::ranges::any_of(program.facts, [&](const FileFacts& facts) {
    // base/Dockerfile, Dockerfile.base, acme-base/Dockerfile
    return !facts.stages.empty() && has_word(program.sources->path(facts.file), last);
  });
  return dockerfile || std::ranges::any_of(program.processes, [&](const Process& process) {
           const auto image = process.image ? parse_image(process.image->value()) : std::nullopt;
           return process.name == name || (image && image->familiar() == name);
         });
}

// `additional_contexts` of a compose file or of a bake file, `--build-context`.
bool is_context(const Program& program, std::string_view name) {
  for (const Process& process : program.processes) {
    const Node* contexts = process.node->at({"build", "additional_contexts"});
    if (contexts == nullptr) continue;
    if (contexts->find(name) != nullptr) return true;
    for (const Node& item : contexts->items)
      if (item.value().starts_with(std::string(name) + "=")) return true;
  }
  for (const TreeEntry& entry : program.tree.entries()) {
    if (!entry.is_ours() || !file_name(entry.path).starts_with("docker-bake.")) continue;
    const auto bytes = program.sources->read(program.sources->find(entry.path));
    if (!bytes || has_word(*bytes, name)) return true;
  }
  return false;
}

void check_file(const Program& program, const FileFacts& facts, Findings& findings) {
  const std::string& path = program.sources->path(facts.file);
  for (std::size_t i = 0; i < facts.stages.size(); ++i)
    for (const StageUse& use : facts.stages[i].uses) {
      const std::string name = knowledge::lower(use.name);
      const bool word = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_';
      });
      if (!word || is_official_image(name)) continue;
      const auto above = std::span(facts.stages).first(i);
      if (std::ranges::any_of(
              above, [&](const BuildStage& stage) { return knowledge::lower(stage.name) == name; }))
        continue;
      const BuildStage* stage = meant(name, above);
      // Without named stages above, an image is meant.
      const bool staged =
          std::ranges::any_of(above, [](const BuildStage& other) { return !other.name.empty(); });
      if (stage == nullptr && (!staged || is_built_here(program, name))) continue;
      if (is_number(name) || is_context(program, name)) continue;
      Finding finding{.rule = rule_named("undefined-build-stage"),
                      .message = "no-stage",
                      .arguments = {{"name", use.name},
                                    {"near", stage != nullptr ? stage->name : std::string()}},
                      .span = use.span,
                      .symbol_kind = "build-stage",
                      .symbol = use.name,
                      .confidence = Confidence::likely, // an image that was built here before
                      .help = stage != nullptr ? "help-near" : "help"};
      if (stage != nullptr) finding.related.push_back({stage->span, "defined-here"});
      for (const Process& process : program.processes)
        if (process.build && !process.build->remote && process.build->dockerfile_path == path &&
            std::ranges::find(finding.targets, process.target) == finding.targets.end())
          finding.targets.push_back(process.target);
      // What nothing here builds, in a folder of tests or examples, is nobody's production.
      const auto folder = stage_of_folders(path);
      if (finding.targets.empty() && folder && !is_serious(folder->first)) continue;
      findings.add(std::move(finding));
    }
}

// What workflows, scripts and recipes build with a target.
void check_builds(const Program& program, Findings& findings) {
  std::set<std::tuple<std::uint32_t, std::uint32_t, std::string>> seen;
  for (const ImageBuild& build : program.builds) {
    if (build.by == ImageBuild::By::compose || build.document || !build.target ||
        build.target->find_first_of("$*{%") != std::string::npos || is_sample(build.dockerfile))
      continue;
    const FileId file = program.sources->find(build.dockerfile);
    const FileFacts* facts = file ? program.facts_of(file) : nullptr;
    if (facts == nullptr || facts->stages.empty() || !facts->problems.empty() ||
        stage_named(*facts, *build.target, facts->stages.size()) ||
        is_made(program, build.dockerfile))
      continue;
    const Span span = build.target_span.file ? build.target_span : build.span;
    if (!seen.emplace(span.file.value, span.range.begin, build.dockerfile).second) continue;
    std::vector<std::string> names;
    for (const BuildStage& stage : facts->stages)
      if (!stage.name.empty()) names.push_back(stage.name);
    const auto near = nearest(*build.target, names);
    Finding finding{.rule = rule_named("undefined-build-stage"),
                    .message = "undefined-in-build",
                    .arguments = {{"name", *build.target},
                                  {"dockerfile", build.dockerfile},
                                  {"near", near.value_or("")}},
                    .span = span,
                    .symbol_kind = "build-stage",
                    .symbol = *build.target,
                    .confidence = build.checkout ? Confidence::certain : Confidence::likely,
                    .help = near ? "help-near" : "help"};
    for (TargetIndex i = 0; i < program.targets.size(); ++i)
      if (program.targets[i].kind == "workflow" &&
          program.targets[i].files.front() == program.sources->path(span.file))
        finding.targets.push_back(i);
    findings.add(std::move(finding));
  }
}

void check(const Program& program, Findings& findings) {
  check_builds(program, findings);
  report_undefined_names(program, findings, "build-stage", "undefined-build-stage");
  for (const FileFacts& facts : program.facts) check_file(program, facts, findings);
}

} // namespace

extern constinit const Rule undefined_build_stage;
constinit const Rule undefined_build_stage = declare({
    .id = "AE0107",
    .name = "undefined-build-stage",
    .category = Category::config,
    .title_en = "build stage that does not exist",
    .title_pt = "estágio de build que não existe",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
