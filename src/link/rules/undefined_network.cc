#include "link/rule.h"
#include "link/rules/support/undefined_name.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A network that the project does not declare

A service joins a network that the top-level `networks` of its project does not declare.
`docker compose` refuses the project. An included file is part of the project that includes it.

```txtar
-- docker-compose.prod.yml --
include:
  - compose.monitoring.yml
services:
  app:
    image: ghcr.io/acme/app:1
    networks: [app-prod]
networks:
  app-prod:
-- compose.monitoring.yml --
services:
  grafana:
    image: grafana/grafana:13.2.0
    networks:
      - app # error: undefined-network
```

Silent: the default network, an external one, and one that the including file declares.

```txtar
-- compose.yaml --
include:
  - part.yaml
services:
  app:
    image: ghcr.io/acme/app:1
    networks: [default, edge, shared]
networks:
  edge:
    external: true
  shared:
-- part.yaml --
services:
  worker:
    image: ghcr.io/acme/worker:1
    networks: [shared]
networks:
  shared:
```
)";

constexpr Message messages[] = {
    {"undefined", "network \"{name}\" of service \"{service}\" is not declared",
     "a rede \"{name}\" do serviço \"{service}\" não está declarada"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "declare it under the top-level `networks`",
     "declare-a em `networks`, no nível superior"},
};

void check(const Program& program, Findings& findings) {
  report_undefined_names(program, findings, "network", "undefined-network");
}

} // namespace

extern constinit const Rule undefined_network;
constinit const Rule undefined_network = declare({
    .id = "AE0103",
    .name = "undefined-network",
    .category = Category::config,
    .title_en = "network that is not declared",
    .title_pt = "rede que não está declarada",
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
