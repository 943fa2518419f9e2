#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A project that compose refuses

`docker compose` does not load the files: a value of the wrong type, a key that it does not
know, settings that exclude each other, a service with neither image nor build. Nothing of
the project starts. The words are those of compose.

Undefined names, missing files and services that wait for each other are reported by the rules
of their own; what an unset variable leaves empty is the variable's affair.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: nginx:1.28
    healthcheck:
      test: ["curl", "-f", "http://localhost/"] # error: rejected-project
```

Silent:

```txtar
-- compose.prod.yaml --
services:
  web:
    image: nginx:1.28
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost/"]
    ports:
      - "${PORT}:80"
    depends_on: [api]
  api:
    image: ghcr.io/acme/api:1
    env_file: [api.env]
-- .gitignore --
*.env
```
)";

constexpr Message messages[] = {
    {"rejected", "compose refuses the project: {reason}", "o compose recusa o projeto: {reason}"},
    {"help", "`docker compose config` shows the same", "`docker compose config` mostra o mesmo"},
};

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target) {
    // A layer by itself, or two that we only suppose to be used together.
    if (program.targets[target].open_world) continue;
    for (const ComposeProblem& problem : program.projects[target].problems) {
      if (problem.kind != ComposeProblem::Kind::rejected || !problem.span.file) continue;
      findings.add({.rule = rule_named("rejected-project"),
                    .message = "rejected",
                    .arguments = {{"reason", problem.message}},
                    .span = problem.span,
                    .symbol_kind = "project",
                    .symbol = problem.message,
                    .targets = {target},
                    .help = "help"});
      break; // compose stops at the first one, too
    }
  }
}

} // namespace

extern constinit const Rule rejected_project;
constinit const Rule rejected_project = declare({
    .id = "AE0110",
    .name = "rejected-project",
    .category = Category::config,
    .title_en = "project that compose refuses",
    .title_pt = "projeto que o compose recusa",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
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
