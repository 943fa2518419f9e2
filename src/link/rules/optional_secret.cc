#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"
#include "link/rules/support/requirements.h"

#include "config/match.h"
#include "knowledge/secret_names.h"
#include "knowledge/servers.h"

#include <algorithm>
#include <vector>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A secret that may be missing without a word

`${SESSION_SECRET}`: when nobody sets it, compose warns, puts in nothing and starts the
stack. Sessions are then signed with an empty key, or the program fails at the first login.
`${SESSION_SECRET:?}` stops at once and says why.

Only secrets that the application makes for itself: keys to sign and encrypt with, and the
passwords of its own stores. The keys of providers switch features on; they are requirements.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      - NEXTAUTH_SECRET=${NEXTAUTH_SECRET} # error: optional-secret
      - ENCRYPTION_KEY=${APP_ENCRYPTION_KEY:-} # error: optional-secret
  cache:
    image: redis:8
    command: redis-server --requirepass ${CACHE_PASSWORD} # error: optional-secret
  dashboards:
    image: grafana/grafana:12.3.0
    environment:
      GF_SECURITY_ADMIN_PASSWORD: ${GRAFANA_PASSWORD} # error: optional-secret
```

Silent: a required variable (one place that requires it is enough), the keys of providers, a
value in an env file of the project, what a script exports, a variable that is passed on
when it is there, a server that does not start without it, and a store that is told to have
no password.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      - JWT_SECRET=${JWT_SECRET:?}
      - JWT_SECRET_COPY=${JWT_SECRET}
      - OPENAI_API_KEY=${OPENAI_API_KEY}
      - STRIPE_SECRET_KEY=${STRIPE_SECRET_KEY}
      - SMTP_PASSWORD=${SMTP_PASSWORD}
      - SESSION_SECRET=${SESSION_SECRET}
      - COOKIE_SECRET=${COOKIE_SECRET}
      - SECRET_KEY_BASE
      - DATABASE_URL=postgres://postgres:${DB_PASSWORD}@db:5432/shop
      - CACHE_PASSWORD=${CACHE_PASSWORD:-}
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD}
-- .env --
SESSION_SECRET=9pXw2vTq7LmZ4rYc8KsB1nGd
-- deploy.sh --
export COOKIE_SECRET=$(cat /etc/acme/cookie)
docker compose -f compose.prod.yaml up -d
-- compose.dev.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      JWT_SECRET: ${JWT_SECRET}
```
)";

constexpr Message messages[] = {
    {"optional", "nothing makes sure that \"{name}\" is set: without it an empty secret is used",
     "nada garante que \"{name}\" esteja definida: sem ela, usa-se um segredo vazio"},
    {"help", "write ${{name}:?} so that nothing starts without it",
     "escreva ${{name}:?} para que nada inicie sem ela"},
};

// The image of a server that gets the variable refuses to start when it is empty.
bool is_refused_when_empty(const Program& program, TargetIndex target, std::string_view name) {
  for (const Process& process : program.processes_of(target)) {
    if (!process.image) continue;
    const auto image = parse_image(text_with_holes(*process.image));
    const Server* server = image ? find_server(*image) : nullptr;
    if (server == nullptr) continue;
    std::vector<Given> given;
    std::vector<std::string> values;
    values.reserve(process.environment.size());
    bool concerned = false;
    for (const Variable& variable : process.environment) {
      const Hole* hole = variable.value.single_hole();
      if (hole != nullptr && hole->name == name) {
        concerned = true;
        given.push_back({variable.name, ""});
        continue;
      }
      values.push_back(text_with_holes(variable.value));
      given.push_back({variable.name, values.back()});
    }
    if (concerned && !missing_variables(*server, given).empty()) return true;
  }
  return false;
}

struct Use {
  std::string name;
  std::vector<Span> spans;
  bool settled = false;
  bool said_empty = false; // `${X:-}`: whoever wrote it thought of that
};

// The secret that stands in this place, by the name of the variable or by that of what it fills.
bool is_own_secret(const Program& program, TargetIndex target, std::string_view name) {
  if (name_kind(name) == NameKind::secret) {
    if (is_own(group_of(name))) return true;
    if (group_of(name) != VariableGroup::other) return false;
  }
  for (const Process& process : program.processes_of(target))
    for (const Variable& variable : process.environment) {
      const Hole* hole = variable.value.single_hole();
      if (hole == nullptr || hole->name != name || variable.given == Variable::Given::inherited)
        continue;
      if (name_kind(variable.name) == NameKind::secret && is_own(group_of(variable.name)))
        return true;
    }
  return false;
}

void check_target(const Program& program, const GivenVariables& variables, TargetIndex target,
                  Findings& findings) {
  std::vector<Use> uses;
  for (const auto* variable : living_uses(program, target)) {
    const Hole& hole = *variable->hole;
    if (!hole.span.file) continue;
    auto use = std::ranges::find(uses, hole.name, &Use::name);
    // Another place that has a default is weak-default's; one that demands it is enough.
    if (hole.is_required() || (hole.has_default() && !hole.value.empty())) {
      if (use == uses.end()) use = uses.insert(use, {.name = hole.name, .spans = {}});
      use->settled = true;
      continue;
    }
    const bool plain = hole.form == Hole::Form::plain && hole.from == Hole::From::nothing;
    const bool said_empty = hole.has_default() && hole.value.empty() &&
                            hole.from != Hole::From::file && hole.from != Hole::From::environment;
    if (!plain && !said_empty) continue;
    if (use == uses.end()) use = uses.insert(use, {.name = hole.name, .spans = {}});
    use->spans.push_back(hole.span);
    use->said_empty = use->said_empty || said_empty;
  }
  for (const Use& use : uses) {
    if (use.settled || use.spans.empty() || !is_own_secret(program, target, use.name)) continue;
    if (use.said_empty && group_of(use.name) != VariableGroup::auth) continue;
    if (is_set_by_script(variables, target, use.name) ||
        is_refused_when_empty(program, target, use.name))
      continue;
    if (find_extern(program.config, {.kind = "variable", .name = use.name, .path = {}}) != nullptr)
      continue;
    Finding finding{.rule = rule_named("optional-secret"),
                    .message = "optional",
                    .arguments = {{"name", use.name}},
                    .span = use.spans.front(),
                    .symbol_kind = "variable",
                    .symbol = use.name,
                    .targets = {target},
                    .help = "help"};
    for (const Span& span : use.spans) relate(finding, span);
    findings.add(std::move(finding));
  }
}

void check(const Program& program, Findings& findings) {
  require_what_production_takes(program, findings);
  const GivenVariables variables(program);
  for (TargetIndex target = 0; target < program.targets.size(); ++target)
    if (is_serious(program.targets[target].stage))
      check_target(program, variables, target, findings);
}

} // namespace

extern constinit const Rule optional_secret;
constinit const Rule optional_secret = declare({
    .id = "AE0304",
    .name = "optional-secret",
    .category = Category::secrets,
    .title_en = "secret that may be missing without a word",
    .title_pt = "segredo que pode faltar em silêncio",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
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
