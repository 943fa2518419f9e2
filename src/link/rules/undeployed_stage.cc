#include "link/finding.h"
#include "link/image.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/image_builds.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A stage that production runs and no pipeline pushes

One Dockerfile makes several images: the compose file of production builds its stage `worker`, and the workflow that pushes images of this
Dockerfile pushes another one, mostly the last, because it names none. Wherever the pushed image is deployed, the worker is missing.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: {context: ., target: web}
    restart: always
  worker:
    build: {context: ., target: worker}
    restart: always
-- Dockerfile --
FROM node:24-slim AS base
# error: undeployed-stage
FROM base AS worker
CMD ["node", "worker.js"]
FROM base AS web
CMD ["node", "web.js"]
-- .github/workflows/release.yml --
on:
  push:
    tags: ["v*"]
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          context: .
          push: true
          tags: example.org/web:latest
```

Silent: stages that are all pushed, and a Dockerfile of which nothing is pushed.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: {context: ., target: web}
    restart: always
  worker:
    build: {context: ., target: worker}
    restart: always
  tool:
    build: {context: tool, target: tool}
    restart: always
-- tool/Dockerfile --
FROM alpine:3.24 AS tool
FROM tool AS other
-- Dockerfile --
FROM node:24-slim AS worker
CMD ["node", "worker.js"]
FROM worker AS web
CMD ["node", "web.js"]
-- .github/workflows/release.yml --
on:
  push:
    tags: ["v*"]
jobs:
  push:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        target: [web, worker]
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          context: .
          target: ${{ matrix.target }}
          push: true
          tags: example.org/${{ matrix.target }}:latest
```
)";

constexpr Message messages[] = {
    {"stage",
     "production runs stage \"{stage}\" as service \"{service}\", and no workflow pushes it",
     "a produção executa o estágio \"{stage}\" como serviço \"{service}\", e nenhum workflow o "
     "envia"},
    {"pushed", "pushes stage \"{stage}\"", "envia o estágio \"{stage}\""},
    {"help", "push it, too, with `target: {stage}` and a name of its own",
     "envie-o também, com `target: {stage}` e um nome próprio"},
};

std::string name_of_stage(const FileFacts& dockerfile, std::size_t stage) {
  const std::string& name = dockerfile.stages[stage].name;
  return name.empty() ? std::to_string(stage) : name;
}

void check(const Program& program, Findings& findings) {
  // By Dockerfile: who pushes which stage. Nothing follows where one is not known.
  std::map<std::string, std::vector<std::pair<const ImageBuild*, std::size_t>>> pushed;
  std::map<std::string, bool> open;
  for (const FileFacts& facts : program.facts)
    for (const BuildCommand& command : facts.build_commands) {
      if (command.document) continue;
      // A build that could not be followed may be of any Dockerfile.
      if (!command.context_known || !command.file_known || !command.target_known) open[""] = true;
    }
  if (open[""]) return;
  for (const ImageBuild& build : program.builds) {
    if (!build.checkout || build.document || build.tags.empty()) continue;
    const auto image = Image::of(program, build);
    if (!image)
      open[build.dockerfile] = true;
    else
      pushed[build.dockerfile].emplace_back(&build, image->stage());
  }
  std::map<std::pair<FileId, std::size_t>, Finding> found;
  for (const ImageBuild& build : program.builds) {
    if (build.by != ImageBuild::By::compose || !build.target || is_sample(build.dockerfile))
      continue;
    const auto pushes = pushed.find(build.dockerfile);
    if (pushes == pushed.end() || open.contains(build.dockerfile)) continue;
    std::vector<TargetIndex> targets;
    for (const TargetIndex target : build.targets)
      if (program.targets[target].stage == Stage::production) targets.push_back(target);
    const auto image = Image::of(program, build);
    if (targets.empty() || !image) continue;
    const std::size_t stage = image->stage();
    if (std::ranges::any_of(pushes->second, [&](const auto& each) { return each.second == stage; }))
      continue;
    const FileFacts& dockerfile = image->dockerfile();
    Finding finding{
        .rule = rule_named("undeployed-stage"),
        .message = "stage",
        .arguments = {{"stage", name_of_stage(dockerfile, stage)}, {"service", build.service}},
        .span = dockerfile.stages[stage].span,
        .symbol_kind = "stage",
        .symbol = name_of_stage(dockerfile, stage),
        .targets = std::move(targets),
        .confidence = Confidence::likely,
        .help = "help"};
    for (const auto& [push, other] : pushes->second)
      finding.related.push_back(
          {push->span, "pushed", {{"stage", name_of_stage(dockerfile, other)}}});
    found.try_emplace(std::pair(dockerfile.file, stage), std::move(finding));
  }
  for (auto& [stage, finding] : found) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule undeployed_stage;
constinit const Rule undeployed_stage = declare({
    .id = "AE0765",
    .name = "undeployed-stage",
    .category = Category::cicd,
    .title_en = "stage that production runs and no workflow pushes",
    .title_pt = "estágio que a produção executa e nenhum workflow envia",
    .priority = {.production = Priority::p2,
                 .staging = Priority::none,
                 .development = Priority::none,
                 .test = Priority::none,
                 .example = Priority::none,
                 .unknown = Priority::none},
    .effort = {1, 4},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
