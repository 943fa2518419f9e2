#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A test-mode key in production

A key or a switch that opens only the test mode of a provider reaches a production target:
payments seem to work, and no money ever arrives.

```txtar
-- compose.prod.yaml --
services:
  shop:
    image: ghcr.io/acme/shop:1
    env_file: shop.env
    environment:
      PAYPAL_MODE: sandbox # error: test-mode-key
-- shop.env --
STRIPE_PUBLISHABLE_KEY=pk_test_Qw8ZrT5yUx2LbN4v # error: test-mode-key
```

Silent: staging, development, and files that are copied and filled in.

```txtar
-- compose.prod.yaml --
services:
  shop:
    image: ghcr.io/acme/shop:1
    environment:
      STRIPE_SECRET_KEY: ${STRIPE_SECRET_KEY:?}
      PAYPAL_MODE: live
-- .env.example --
STRIPE_PUBLISHABLE_KEY=pk_test_Qw8ZrT5yUx2LbN4v
-- compose.staging.yaml --
services:
  shop:
    image: ghcr.io/acme/shop:1
    environment:
      PAYPAL_MODE: sandbox
```
)";

constexpr Message messages[] = {
    {"literal", "\"{name}\" of service \"{service}\" is {what}",
     "\"{name}\" do serviço \"{service}\" é {what}"},
    {"default", "when nobody sets \"{name}\", its default is used, which is {what}",
     "quando ninguém define \"{name}\", vale o valor padrão, que é {what}"},
    {"help", "give production its live value from outside the repository with ${{name}:?}",
     "dê à produção o valor real, de fora do repositório, com ${{name}:?}"},
};

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target) {
    // Staging is where test keys belong.
    if (program.targets[target].stage != Stage::production) continue;
    for (const GivenValue& given : given_values(program, target)) {
      if (given.value.kind != ValueKind::test_mode_key) continue;
      Finding finding{.rule = rule_named("test-mode-key"),
                      .message = given.from == GivenValue::From::fallback ? "default" : "literal",
                      .arguments = {{"name", given.variable()}, {"service", given.process->name}},
                      .span = given.span,
                      .symbol_kind = "variable",
                      .symbol = given.variable(),
                      .targets = {target},
                      .help = "help"};
      describe(finding, given.value);
      const bool fixed =
          given.from == GivenValue::From::file_itself || given.from == GivenValue::From::env_file;
      if (!fixed || given.replaceable) finding.confidence = Confidence::likely;
      findings.add(std::move(finding));
    }
  }
}

} // namespace

extern constinit const Rule test_mode_key;
constinit const Rule test_mode_key = declare({
    .id = "AE0305",
    .name = "test-mode-key",
    .category = Category::secrets,
    .title_en = "test-mode key in production",
    .title_pt = "chave de teste em produção",
    .priority = {.production = Priority::p0,
                 .staging = Priority::none,
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
