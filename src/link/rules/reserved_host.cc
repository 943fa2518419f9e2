#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A host that does not exist, in production

`smtp.example.com`, `yourdomain.com`: names that are reserved for examples or that somebody
was to replace reach a production target. What is sent there goes nowhere.

```txtar
-- compose.prod.yaml --
services:
  shop:
    image: ghcr.io/acme/shop:1
    env_file: shop.env
    environment:
      SMTP_HOST: ${SMTP_HOST:-smtp.example.com} # error: reserved-host
      PUBLIC_URL: https://shop.yourdomain.com # error: reserved-host
-- shop.env --
MAIL_FROM=orders@example.com # error: reserved-host
```

Silent: real hosts, names inside the project, examples, and what is not for production.

```txtar
-- compose.prod.yaml --
services:
  shop:
    image: ghcr.io/acme/shop:1
    environment:
      SMTP_HOST: ${SMTP_HOST:?}
      API_URL: http://api.internal:8080
      PUBLIC_URL: https://shop.acme.io
-- .env.example --
SMTP_HOST=smtp.example.com
-- compose.dev.yaml --
services:
  shop:
    image: ghcr.io/acme/shop:1
    environment:
      SMTP_HOST: smtp.example.com
```
)";

constexpr Message messages[] = {
    {"literal", "\"{name}\" of service \"{service}\" names \"{host}\", a host for examples",
     "\"{name}\" do serviço \"{service}\" indica \"{host}\", um host de exemplo"},
    {"default",
     "when nobody sets \"{name}\", its default is used, which names \"{host}\", a host for "
     "examples",
     "quando ninguém define \"{name}\", vale o valor padrão, que indica \"{host}\", um host de "
     "exemplo"},
    {"help", "name the real host, or take it from the environment with ${{name}:?}",
     "indique o host real, ou obtenha-o do ambiente com ${{name}:?}"},
};

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target) {
    if (!is_production(program.targets[target].stage)) continue;
    for (const GivenValue& given : given_values(program, target)) {
      if (given.value.kind != ValueKind::reserved_host) continue;
      findings.add({.rule = rule_named("reserved-host"),
                    .message = given.from == GivenValue::From::fallback ? "default" : "literal",
                    .arguments = {{"name", given.variable()},
                                  {"service", given.process->name},
                                  {"host", given.text}},
                    .span = given.span,
                    .symbol_kind = "variable",
                    .symbol = given.variable(),
                    .targets = {target},
                    .help = "help"});
    }
  }
}

} // namespace

extern constinit const Rule reserved_host;
constinit const Rule reserved_host = declare({
    .id = "AE0306",
    .name = "reserved-host",
    .category = Category::config,
    .title_en = "host for examples in production",
    .title_pt = "host de exemplo em produção",
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
