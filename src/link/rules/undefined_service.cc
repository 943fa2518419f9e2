#include "link/rule.h"
#include "link/rules/support/undefined_name.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A service that the project does not define

`depends_on` names a service that no file of the project defines. `docker compose` refuses
the whole project, not only the service. Files that are used together (`-f a -f b`, an
override, `include`) are one project.

```txtar
-- compose.yaml --
services:
  web:
    image: nginx:1.28
    depends_on:
      - apy # error: undefined-service
  api:
    image: ghcr.io/acme/api:1
```

`required: false` does not help: it is about a service that does not start, not about one
that is not defined.

A script that names one fails at that line:

```txtar
-- compose.prod.yaml --
services:
  app-prod:
    image: nginx:1.28
-- deploy.sh --
#!/bin/sh
set -e
docker compose -f compose.prod.yaml pull app # error: undefined-service
docker compose -f compose.prod.yaml up -d app-prod
```

Silent: documents abbreviate, variables may be anything, another project may be meant.

```txtar
-- compose.yaml --
services:
  web:
    image: nginx:1.28
-- tools/compose.yaml --
services:
  tool:
    image: nginx:1.28
-- README.md --
    docker compose up api
-- run.sh --
docker compose run --rm tool list
docker compose up -d "$1"
docker compose exec -T web nginx -s reload
COMPOSE_FILE=other.yaml docker compose up other
```

Silent: a layer depends on what its base defines.

```txtar
-- compose.yaml --
services:
  web:
    image: nginx:1.28
-- compose.load.yaml --
services:
  load:
    image: grafana/k6:1.3.0
    depends_on:
      web:
        condition: service_started
```
)";

constexpr Message messages[] = {
    {"undefined", "service \"{name}\" is not defined, and service \"{service}\" depends on it",
     "o serviço \"{name}\" não está definido, e o serviço \"{service}\" depende dele"},
    {"undefined-command",
     "this command names the service \"{name}\", which its compose files do not define",
     "este comando cita o serviço \"{name}\", que seus arquivos compose não definem"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "define it, or take the name out", "defina-o, ou retire o nome"},
};

void check(const Program& program, Findings& findings) {
  report_undefined_names(program, findings, "service", "undefined-service");
}

} // namespace

extern constinit const Rule undefined_service;
constinit const Rule undefined_service = declare({
    .id = "AE0102",
    .name = "undefined-service",
    .category = Category::config,
    .title_en = "service that is not defined",
    .title_pt = "serviço que não está definido",
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
