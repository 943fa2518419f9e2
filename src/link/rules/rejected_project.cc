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

A key that compose does not know, each place of it: this one closes a door only in its author's
mind. And what is missing, though a variable beside it has no value yet.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: nginx:1.28
    read-only: true # error: rejected-project
    healthcheck:
      test: ["CMD", "true"]
      retrys: 3 # error: rejected-project
```

```txtar
-- compose.yaml --
services:
  adminer: # error: rejected-project
    labels:
      - traefik.http.routers.adminer.rule=Host(`adminer.${DOMAIN:?}`)
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

Silent: keys of one's own, keys that another program takes out before compose sees them, an image
that whoever starts the project names.

```txtar
-- compose.prod.yaml --
x-defaults: &defaults
  restart: unless-stopped
services:
  web:
    <<: *defaults
    image: ${WEB_IMAGE}
    x-owner: core
    exclude_from_hc: true
    volumes:
      - type: bind
        source: ./config.yml
        target: /config.yml
        content: "port: 80"
```
)";

constexpr Message messages[] = {
    {"rejected", "compose refuses the project: {reason}", "o compose recusa o projeto: {reason}"},
    {"unknown-key",
     "compose refuses the project: {where} has a key that it does not know, \"{key}\"",
     "o compose recusa o projeto: {where} tem uma chave que ele não conhece, \"{key}\""},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "`docker compose config` shows the same", "`docker compose config` mostra o mesmo"},
};

// Coolify takes them out before it calls compose.
// Source: https://coolify.io/docs/knowledge-base/docker/compose, sections "Storage" and "Exclude
// from healthchecks"; bootstrap/helpers/parsers.php of https://github.com/coollabsio/coolify
bool is_of_platform(const ComposeProblem& problem) {
  if (problem.key == "exclude_from_hc") return true;
  return problem.where.contains(".volumes.") &&
         (problem.key == "content" || problem.key == "is_directory" ||
          problem.key == "isDirectory");
}

void unknown_key(const ComposeProblem& problem, TargetIndex target, Findings& findings) {
  const bool top = problem.where.empty();
  findings.add({.rule = rule_named("rejected-project"),
                .message = "unknown-key",
                .arguments = {{"where", top ? "the top level" : problem.where},
                              {"where@pt", top ? "o nível mais alto" : problem.where},
                              {"key", problem.key},
                              {"near", problem.near}},
                .span = problem.span,
                .symbol_kind = "project",
                .symbol = problem.message,
                .targets = {target},
                .help = problem.near.empty() ? "help" : "help-near"});
}

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target) {
    // A layer by itself, or two that we only suppose to be used together.
    if (program.targets[target].open_world) continue;
    for (const ComposeProblem& problem : program.projects[target].problems)
      if (problem.kind == ComposeProblem::Kind::unknown_key && problem.span.file &&
          !is_of_platform(problem))
        unknown_key(problem, target, findings);
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
