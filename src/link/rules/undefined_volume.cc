#include "link/rule.h"
#include "link/rules/support/undefined_name.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A named volume that the project does not declare

A service mounts a named volume that the top-level `volumes` of its project does not
declare. `docker compose` refuses the project. A source without `./` is a name, not a path:
`data:/data` is a volume, `./data:/data` a folder.

```txtar
-- compose.yaml --
services:
  db:
    image: postgres:18
    volumes:
      - pgdata:/var/lib/postgresql # error: undefined-volume
volumes:
  pg-data:
```

Silent: declared volumes, external ones, folders and anonymous volumes.

```txtar
-- compose.yaml --
services:
  db:
    image: postgres:18
    volumes:
      - pgdata:/var/lib/postgresql
      - ./dumps:/dumps
      - /cache
      - shared:/shared
volumes:
  pgdata:
  shared:
    external: true
```
)";

constexpr Message messages[] = {
    {"undefined", "volume \"{name}\" of service \"{service}\" is not declared",
     "o volume \"{name}\" do serviço \"{service}\" não está declarado"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "declare it under the top-level `volumes`, or write \"./{name}\" for a folder",
     "declare-o em `volumes`, no nível superior, ou escreva \"./{name}\" para uma pasta"},
};

void check(const Program& program, Findings& findings) {
  report_undefined_names(program, findings, "volume", "undefined-volume");
}

} // namespace

extern constinit const Rule undefined_volume;
constinit const Rule undefined_volume = declare({
    .id = "AE0104",
    .name = "undefined-volume",
    .category = Category::config,
    .title_en = "volume that is not declared",
    .title_pt = "volume que não está declarado",
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
