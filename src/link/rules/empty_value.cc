#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A value that production needs, left empty

A variable that the application cannot do without is empty where production takes it: in the
compose file, or in an env file of the repository that it reads. Nothing stops, and sessions
are signed with an empty key, or the address of the database is missing at the first query.

Keys of providers may be empty: that switches a feature off. So may be the password of a
store that has none.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    env_file: web.env
    environment:
      SESSION_SECRET: "" # error: empty-value
-- web.env --
NEXTAUTH_URL="" # error: empty-value
OPENAI_API_KEY=
```

Silent: what is emptied on purpose, what only passes through, and everything that is not
production.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      HTTP_PROXY: ""
      REDIS_PASSWORD: ""
      JWT_SECRET: ${JWT_SECRET:?}
      SECRET_KEY_BASE:
-- .env.example --
JWT_SECRET=
-- compose.dev.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      JWT_SECRET: ""
```
)";

constexpr Message messages[] = {
    {"empty", "\"{name}\" of service \"{service}\" is empty, and production needs it",
     "\"{name}\" do serviço \"{service}\" está vazia, e a produção precisa dela"},
    {"help", "take it from the environment with ${{name}:?}",
     "obtenha-a do ambiente com ${{name}:?}"},
};

bool is_needed(std::string_view name) {
  const KnownVariable* known = find_variable(name);
  if (known == nullptr || !known->required) return false;
  if (known->group == VariableGroup::auth || known->group == VariableGroup::address)
    return known->kind == VariableKind::secret || known->kind == VariableKind::url;
  return known->group == VariableGroup::store && known->kind == VariableKind::url;
}

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target) {
    if (!is_production(program.targets[target].stage)) continue;
    for (const GivenValue& given : given_values(program, target)) {
      if (given.value.kind != ValueKind::empty || given.from == GivenValue::From::fallback)
        continue;
      if (given.way == GivenValue::Way::command || !is_needed(given.name)) continue;
      Finding finding{.rule = rule_named("empty-value"),
                      .message = "empty",
                      .arguments = {{"name", given.variable()}, {"service", given.process->name}},
                      .span = given.span,
                      .symbol_kind = "variable",
                      .symbol = given.variable(),
                      .targets = {target},
                      .help = "help"};
      if (given.from == GivenValue::From::interpolation || given.replaceable)
        finding.confidence = Confidence::likely;
      findings.add(std::move(finding));
    }
  }
}

} // namespace

extern constinit const Rule empty_value;
constinit const Rule empty_value = declare({
    .id = "AE0308",
    .name = "empty-value",
    .category = Category::config,
    .title_en = "value that production needs, left empty",
    .title_pt = "valor que a produção precisa, deixado vazio",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::none,
                 .test = Priority::none,
                 .example = Priority::none,
                 .unknown = Priority::none},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
