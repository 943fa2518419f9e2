#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/connections.h"
#include "link/rules/support/given_values.h"
#include "link/rules/support/image_builds.h"

#include "knowledge/images.h"

#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# An image that has been retired

The image was removed, moved to another name, or gets no more fixes. Dates and replacements
stand in a table (docs/knowledge.md); `--today` asks about another day.

```txtar
-- compose.prod.yaml --
services:
  logs:
    image: grafana/promtail:3.5.0 # error: retired-image
  db:
    image: postgres:13 # error: retired-image
  files:
    image: minio/minio:latest # error: retired-image
```

So may be the one that a Dockerfile stands on; stages that only build are told of when their image cannot be pulled any more.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM node:16 AS builder
RUN npm run build
# error: retired-image
FROM node:20-alpine AS base
FROM base
COPY --from=builder /app/dist /app
CMD ["node", "/app/index.js"]
```

Silent: what is supported, and tags that only the environment knows.

```txtar
-- compose.prod.yaml --
services:
  logs:
    image: grafana/alloy:v1.11.0
  db:
    image: postgres:18
  other:
    image: postgres:${POSTGRES_VERSION}
  web:
    build: .
-- Dockerfile --
ARG NODE_VERSION
FROM node:${NODE_VERSION} AS builder
FROM node:24-slim AS unused
FROM nginx:1.30
COPY --from=builder /app/dist /usr/share/nginx/html
```
)";

constexpr Message messages[] = {
    {"removed", "image \"{image}\" was removed on {date}: it cannot be pulled",
     "a imagem \"{image}\" foi removida em {date}: não pode ser baixada"},
    {"moved", "image \"{image}\" gets no updates under this name since {date}",
     "a imagem \"{image}\" não recebe atualizações com este nome desde {date}"},
    {"end-of-life", "image \"{image}\" gets no more fixes since {date}",
     "a imagem \"{image}\" não recebe mais correções desde {date}"},
    {"help", "use {replacement}", "use {replacement}"},
    {"help-ended", "nothing replaces it: move to something that is maintained",
     "nada o substitui: passe para algo que seja mantido"},
    {"help-none", "move to a supported version", "passe para uma versão suportada"},
};

std::string_view message_for(RetirementKind kind) {
  switch (kind) {
  case RetirementKind::removed: return "removed";
  case RetirementKind::moved: return "moved";
  case RetirementKind::end_of_life: break;
  }
  return "end-of-life";
}

std::optional<Finding> finding_of(const Program& program, const std::string& text,
                                  const Span& span) {
  const auto image = parse_image(text);
  const auto retired = image ? retirement(*image, program.today) : std::nullopt;
  if (!retired) return std::nullopt;
  return Finding{.rule = rule_named("retired-image"),
                 .message = message_for(retired->kind),
                 .arguments = {{"image", text},
                               {"date", format_date(retired->since)},
                               {"replacement", std::string(retired->replacement)}},
                 .span = span,
                 .symbol_kind = "image",
                 .symbol = image->familiar(),
                 .confidence = Confidence::likely,
                 .help = !retired->replacement.empty() ? "help"
                         : retired->whole              ? "help-ended"
                                                       : "help-none"};
}

void check_processes(const Program& program, Findings& findings) {
  for (const Process& process : program.processes) {
    // With a build, the name is only a label for what is built.
    if (!process.image || process.build || !is_filled(*process.image)) continue;
    auto finding = finding_of(program, process.image->value(), process.image_origin.written);
    if (!finding) continue;
    finding->targets = {process.target};
    findings.add(std::move(*finding));
  }
}

// What the image that runs stands on, and what a stage that only builds can no longer be had of.
void check_builds(const Program& program, Findings& findings) {
  // One a Dockerfile and image: its stages mostly stand on the same.
  std::map<std::pair<FileId, std::string>, Finding> by_image;
  for (const ImageBuild& build : program.builds) {
    const auto image = Image::of(program, build);
    if (!image || build.document || is_sample(build.dockerfile)) continue;
    const FileFacts& dockerfile = image->dockerfile();
    for (const std::size_t stage : needed_stages(*image)) {
      const Image here(program, build, dockerfile, stage);
      if (here.chain().front() != stage || !here.base()) continue;
      auto finding = finding_of(program, *here.base(), dockerfile.stages[stage].span);
      if (!finding) continue;
      if (finding->message != "removed" && image->chain().front() != stage) continue;
      finding->targets = build.targets;
      const auto [place, fresh] =
          by_image.try_emplace(std::pair(dockerfile.file, *here.base()), *finding);
      if (fresh) continue;
      add_targets(place->second, build.targets);
      relate(place->second, finding->span);
    }
  }
  for (auto& [image, finding] : by_image) findings.add(std::move(finding));
}

void check(const Program& program, Findings& findings) {
  check_processes(program, findings);
  check_builds(program, findings);
}

} // namespace

extern constinit const Rule retired_image;
constinit const Rule retired_image = declare({
    .id = "AE0501",
    .name = "retired-image",
    .category = Category::infra,
    .title_en = "image that has been retired",
    .title_pt = "imagem aposentada",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p2},
    .effort = {0.5, 4},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
