#include "link/rule.h"
#include "link/rules/support/undefined_name.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A secret that the project does not declare

A service uses a secret that the top-level `secrets` of its project does not declare.

```txtar
-- compose.yaml --
services:
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db_password
    secrets:
      - db_password # error: undefined-secret
secrets:
  db-password:
    environment: DB_PASSWORD
```

Silent:

```txtar
-- compose.yaml --
services:
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db_password
    secrets:
      - db_password
secrets:
  db_password:
    environment: DB_PASSWORD
```
)";

constexpr Message messages[] = {
    {"undefined", "secret \"{name}\" of service \"{service}\" is not declared",
     "o secret \"{name}\" do serviço \"{service}\" não está declarado"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "declare it under the top-level `secrets`",
     "declare-o em `secrets`, no nível superior"},
};

void check(const Program& program, Findings& findings) {
  report_undefined_names(program, findings, "secret", "undefined-secret");
}

} // namespace

extern constinit const Rule undefined_secret;
constinit const Rule undefined_secret = declare({
    .id = "AE0106",
    .name = "undefined-secret",
    .category = Category::secrets,
    .title_en = "secret that is not declared",
    .title_pt = "secret que não está declarado",
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
