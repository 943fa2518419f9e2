#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/connections.h"

#include "knowledge/images.h"

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

void check(const Program& program, Findings& findings) {
  for (const Process& process : program.processes) {
    // With a build, the name is only a label for what is built.
    if (!process.image || process.build || !is_filled(*process.image)) continue;
    const std::string text = process.image->value();
    const auto image = parse_image(text);
    if (!image) continue;
    const auto retired = retirement(*image, program.today);
    if (!retired) continue;
    findings.add({.rule = rule_named("retired-image"),
                  .message = message_for(retired->kind),
                  .arguments = {{"image", text},
                                {"date", format_date(retired->since)},
                                {"replacement", std::string(retired->replacement)}},
                  .span = process.image_origin.written,
                  .symbol_kind = "image",
                  .symbol = image->familiar(),
                  .targets = {process.target},
                  .confidence = Confidence::likely,
                  .help = !retired->replacement.empty() ? "help"
                          : retired->whole              ? "help-ended"
                                                        : "help-none"});
  }
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
