#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"

#include "knowledge/secret_names.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A placeholder that production runs with

A value that somebody was to replace stands where a production target takes it: in the
compose file, in an env file of the repository that it reads, or as the default of a
variable. Under the name of a secret it lets everybody in who has read the repository.

A default of a secret is `weak-default`'s.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    env_file: web.env
    environment:
      SESSION_SECRET: change-me-in-production # error: placeholder-value
      SUPPORT_LINK: ${SUPPORT_LINK:-<your support page>} # error: placeholder-value
-- web.env --
LOG_LEVEL=info
API_SECRET=your-api-secret-here # error: placeholder-value
```

Silent: example files, which are for placeholders, whatever nobody runs in production, and
values that only look like words.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      SESSION_SECRET: ${SESSION_SECRET:?}
      GREETING: your shop
      DATABASE_NAME: example
-- .env.example --
SESSION_SECRET=change-me
-- compose.dev.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      SESSION_SECRET: change-me
```
)";

constexpr Message messages[] = {
    {"literal", "\"{name}\" of service \"{service}\" is {what}, to be replaced before production",
     "\"{name}\" do serviço \"{service}\" é {what}, a ser trocado antes da produção"},
    {"default", "when nobody sets \"{name}\", its default is used, which is {what}",
     "quando ninguém define \"{name}\", vale o valor padrão, que é {what}"},
    {"help", "put the real value in, or take it from the environment with ${{name}:?}",
     "coloque o valor real, ou obtenha-o do ambiente com ${{name}:?}"},
};

void check_target(const Program& program, TargetIndex target, Findings& findings) {
  for (const GivenValue& given : given_values(program, target)) {
    if (given.value.kind != ValueKind::placeholder) continue;
    const bool fallback = given.from == GivenValue::From::fallback;
    // A hole that fills a secret's place is a secret, whatever it is called.
    const bool secret = name_kind(given.name) != NameKind::no;
    if (fallback && (secret || name_kind(given.variable()) != NameKind::no)) continue;
    Finding finding{.rule = rule_named("placeholder-value"),
                    .message = fallback ? "default" : "literal",
                    .arguments = {{"name", given.variable()}, {"service", given.process->name}},
                    .span = given.span,
                    .symbol_kind = "variable",
                    .symbol = given.variable(),
                    .targets = {target},
                    .help = "help"};
    describe(finding, given.value);
    // Only a secret that nothing can replace stops a deployment for certain.
    const bool fixed =
        given.from == GivenValue::From::file_itself || given.from == GivenValue::From::env_file;
    const bool own = is_own(group_of(given.name)) || group_of(given.name) == VariableGroup::other;
    if (!fixed || given.replaceable || !secret || !own) finding.confidence = Confidence::likely;
    findings.add(std::move(finding));
  }
}

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target)
    if (is_serious(program.targets[target].stage)) check_target(program, target, findings);
}

} // namespace

extern constinit const Rule placeholder_value;
constinit const Rule placeholder_value = declare({
    .id = "AE0301",
    .name = "placeholder-value",
    .category = Category::secrets,
    .title_en = "placeholder that production runs with",
    .title_pt = "valor de exemplo usado em produção",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
                 .development = Priority::none,
                 .test = Priority::none,
                 .example = Priority::none,
                 .unknown = Priority::p2},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
