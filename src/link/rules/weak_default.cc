#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"
#include "link/rules/support/requirements.h"

#include "knowledge/placeholders.h"
#include "knowledge/secret_names.h"
#include "knowledge/url.h"

#include <algorithm>
#include <map>
#include <optional>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A secret with a default that everybody knows

`${DB_PASSWORD:-postgres}`: when nobody sets the variable, the stack starts without a word,
with a password that stands in the repository. In production it must not start:
`${DB_PASSWORD:?}`.

One finding a variable, at its first use.

```txtar
-- compose.prod.yaml --
services:
  db:
    image: postgres:18
    ports: ["5432:5432"]
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:-shop_secure_password} # error: weak-default
  cache:
    image: redis:8
    command: redis-server --requirepass ${CACHE_PASSWORD:-cache_password} # error: weak-default
  api:
    image: ghcr.io/acme/api:1
    environment:
      DATABASE_URL: postgres://postgres:${DB_PASSWORD:-shop_secure_password}@db:5432/shop
      JWT_SECRET: ${JWT_SECRET:-your-secret-key-change-in-production} # error: weak-default
      REPORTS_URL: ${REPORTS_URL:-postgres://postgres:postgres@reports:5432/reports} # error: weak-default
```

Silent: a required variable, names and switches that are no secrets, the path of a secret, a
variable that an env file of the project gives, and stacks for development.

```txtar
-- compose.prod.yaml --
services:
  db:
    image: postgres:18
    environment:
      POSTGRES_USER: ${DB_USER:-postgres}
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
      POSTGRES_PASSWORD_FILE: ${DB_PASSWORD_FILE:-/run/secrets/password}
  api:
    image: ghcr.io/acme/api:1
    environment:
      API_KEY_PREFIX: ${API_KEY_PREFIX:-shop_live}
      JWT_SECRET_TTL: ${TOKEN_EXPIRY:-15m}
      REQUIRE_PASSWORD: ${REQUIRE_PASSWORD:-true}
      CACHE_URL: ${CACHE_URL:-redis://cache:6379}
      SENTRY_AUTH_TOKEN: ${SENTRY_AUTH_TOKEN:-}
-- compose.dev.yaml --
services:
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:-postgres}
```
)";

constexpr Message messages[] = {
    {"weak", "when nobody sets \"{name}\", its default is used, which is {what}",
     "quando ninguém define \"{name}\", vale o valor padrão, que é {what}"},
    {"known",
     "when nobody sets \"{name}\", its default is used, a secret that everybody can read here",
     "quando ninguém define \"{name}\", vale o valor padrão, um segredo que todos podem ler aqui"},
    {"help", "write ${{name}:?} so that nothing starts without it",
     "escreva ${{name}:?} para que nada inicie sem ela"},
};

bool is_setting(std::string_view text) {
  return text.size() < 3 || has_hole(text) || is_reference(text) ||
         text.find(' ') != std::string_view::npos;
}

// What the default is, when it is a secret. `slot`: the variable of the container, or the hole's
// own name.
std::optional<Value> secret_default(const Hole& hole, std::string_view slot) {
  const std::string text = hole.operand->value();
  if (is_switched_off(text)) return {};
  const NameKind kind = name_kind(slot);
  const auto url = parse_connection(text);
  for (const Value& value : inspect(slot, text))
    if (kind == NameKind::no && (!url || value.range != url->password))
      continue; // a name that says nothing, but an address with a password does
    else if (value.kind == ValueKind::weak || value.kind == ValueKind::placeholder ||
             value.kind == ValueKind::credential)
      return value;
    else if (value.kind == ValueKind::test_mode_key || value.kind == ValueKind::empty)
      return {}; // another rule's
  if (kind == NameKind::secret && !is_setting(text) && is_own(group_of(slot))) return Value{};
  return {};
}

struct Default {
  Value value;
  std::string name;
  Span first;
  std::vector<Span> spans;
};

void check_target(const Program& program, const GivenVariables& variables, TargetIndex target,
                  Findings& findings) {
  // Which variable of a process the hole fills, for holes whose own name says nothing.
  const std::vector<GivenValue> values = given_values(program, target);
  std::map<std::string, std::vector<const GivenValue*>> places;
  for (const GivenValue& given : values)
    if (given.from == GivenValue::From::fallback) places[given.hole->name].push_back(&given);

  std::vector<Default> defaults;
  for (const auto* use : living_uses(program, target)) {
    const Hole& hole = innermost(*use->hole);
    if (!hole.has_default() || hole.from != Hole::From::operand || !hole.operand ||
        hole.operand->empty())
      continue;
    if (hole.operand->has_holes() || !hole.span.file) continue;
    const auto same = std::ranges::find(defaults, hole.name, &Default::name);
    if (same != defaults.end()) {
      same->spans.push_back(hole.span);
      continue;
    }
    std::optional<Value> value = secret_default(hole, hole.name);
    if (!value && name_kind(hole.name) == NameKind::no)
      for (const GivenValue* place : places[hole.name])
        if (!value &&
            (place->value.kind == ValueKind::weak || place->value.kind == ValueKind::placeholder) &&
            name_kind(place->name) != NameKind::no)
          value = place->value;
    if (value)
      defaults.push_back({.value = *value, .name = hole.name, .first = hole.span, .spans = {}});
  }
  for (const Default& each : defaults) {
    const VariableGroup group = group_of(each.name);
    // The weak key of a provider opens nothing but a stand-in of it.
    if (each.value.kind == ValueKind::weak && !is_own(group) && group != VariableGroup::other)
      continue;
    Finding finding{.rule = rule_named("weak-default"),
                    .message = each.value.kind == ValueKind::ordinary ? "known" : "weak",
                    .arguments = {{"name", each.name}},
                    .span = each.first,
                    .symbol_kind = "variable",
                    .symbol = each.name,
                    .targets = {target},
                    .help = "help"};
    describe(finding, each.value);
    const bool own = is_own(group) || group == VariableGroup::other;
    if (!own || each.value.kind == ValueKind::ordinary ||
        !guards_exposed(program, target, places[each.name]) ||
        is_set_by_script(variables, target, each.name)) // then the default is not what runs there
      finding.confidence = Confidence::likely;
    for (const Span& span : each.spans) relate(finding, span);
    findings.add(std::move(finding));
  }
}

void check(const Program& program, Findings& findings) {
  const GivenVariables variables(program);
  for (TargetIndex target = 0; target < program.targets.size(); ++target)
    if (is_serious(program.targets[target].stage))
      check_target(program, variables, target, findings);
}

} // namespace

extern constinit const Rule weak_default;
constinit const Rule weak_default = declare({
    .id = "AE0303",
    .name = "weak-default",
    .category = Category::secrets,
    .title_en = "secret with a default that everybody knows",
    .title_pt = "segredo com valor padrão que todos conhecem",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
                 .development = Priority::none,
                 .test = Priority::none,
                 .example = Priority::none,
                 .unknown = Priority::p2},
    .effort = {0.5, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
