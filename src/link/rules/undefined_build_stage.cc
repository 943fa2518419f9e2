#include "base/nearest.h"
#include "knowledge/images.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/undefined_name.h"

#include <algorithm>
#include <cctype>

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

Inside the Dockerfile a name that is no stage above is taken for an image. So it is reported
where it looks like a stage and like no official image: the builder would ask Docker Hub for it.

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

Silent: official images, other images, numbers, variables, and contexts that the build is given.

```txtar
-- compose.yaml --
services:
  web:
    build:
      context: .
      additional_contexts:
        asset: ./assets
-- Dockerfile --
ARG VARIANT=assets
FROM composer AS composer2
FROM node AS nodes
FROM node AS Assets
COPY --from=composer /usr/bin/composer /usr/bin/
COPY --from=assets /a /a
COPY --from=asset /a /a
COPY --from=0 /a /a
COPY --from=ghcr.io/acme/assetz /a /a
COPY --from=base /a /a
FROM ${VARIANT}
```
)";

constexpr Message messages[] = {
    {"undefined", "the Dockerfile of service \"{service}\" has no stage \"{name}\"",
     "o Dockerfile do serviço \"{service}\" não tem o estágio \"{name}\""},
    {"no-stage", "no stage above is called \"{name}\": the builder looks for an image of that name",
     "nenhum estágio acima se chama \"{name}\": o builder procura uma imagem com esse nome"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "name a stage of the Dockerfile", "indique um estágio do Dockerfile"},
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The stage above that was meant. Few edits in a short name: an image may be called almost like a
// stage, but hardly by chance.
const BuildStage* meant(std::string_view name, std::span<const BuildStage> above) {
  const BuildStage* best = nullptr;
  for (const BuildStage& stage : above) {
    const std::size_t shorter = std::min(name.size(), stage.name.size());
    const std::size_t limit = shorter >= 8 ? 3 : shorter >= 5 ? 2 : shorter >= 3 ? 1 : 0;
    const std::size_t distance = edit_distance(name, lower(stage.name), limit);
    if (distance == 0) return nullptr;
    if (limit > 0 && distance <= limit) best = &stage;
  }
  return best;
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
  return std::ranges::any_of(program.tree.entries(), [](const TreeEntry& entry) {
    return file_name(entry.path).starts_with("docker-bake.");
  });
}

void check_file(const Program& program, const FileFacts& facts, Findings& findings) {
  const std::string& path = program.sources->path(facts.file);
  for (std::size_t i = 0; i < facts.stages.size(); ++i)
    for (const StageUse& use : facts.stages[i].uses) {
      const std::string name = lower(use.name);
      const bool word = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_';
      });
      if (!word || is_official_image(name)) continue;
      const BuildStage* stage = meant(name, std::span(facts.stages).first(i));
      if (stage == nullptr || is_context(program, name)) continue;
      Finding finding{.rule = rule_named("undefined-build-stage"),
                      .message = "no-stage",
                      .arguments = {{"name", use.name}, {"near", stage->name}},
                      .span = use.span,
                      .symbol_kind = "build-stage",
                      .symbol = use.name,
                      .confidence = Confidence::likely, // an image that was built here before
                      .help = "help-near"};
      finding.related.push_back({stage->span, "defined-here"});
      for (const Process& process : program.processes)
        if (process.build && !process.build->remote && process.build->dockerfile_path == path &&
            std::ranges::find(finding.targets, process.target) == finding.targets.end())
          finding.targets.push_back(process.target);
      findings.add(std::move(finding));
    }
}

void check(const Program& program, Findings& findings) {
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
