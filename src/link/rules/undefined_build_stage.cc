#include "link/rule.h"
#include "link/rules/support/undefined_name.h"

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
)";

constexpr Message messages[] = {
    {"undefined", "the Dockerfile of service \"{service}\" has no stage \"{name}\"",
     "o Dockerfile do serviço \"{service}\" não tem o estágio \"{name}\""},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "name a stage of the Dockerfile", "indique um estágio do Dockerfile"},
};

void check(const Program& program, Findings& findings) {
  report_undefined_names(program, findings, "build-stage", "undefined-build-stage");
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
