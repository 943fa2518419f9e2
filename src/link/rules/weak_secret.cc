#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/credential_forms.h"
#include "link/rules/support/given_values.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A weak secret that stands in the repository

A password or key is written out in a compose file, or in an env file that the repository
holds, and a production target uses it: everybody who can read the repository knows it, and
most such can be guessed as well. Reported once for each secret, at the server that it
belongs to; the other places are related.

It is a P0 when the secret can be guessed, nothing can replace it and outsiders reach what it
guards: a store whose port is published, or the sessions of the application.

```txtar
-- compose.prod.yaml --
services:
  api:
    image: ghcr.io/acme/api:1
    environment:
      DATABASE_URL: postgres://shop:shop_password@db:5432/shop
      SESSION_SECRET: supersecret # error: weak-secret
      SIGNING_KEY: vR3kQ9sZ1xW7mB5tY2nL8pC4hD6jF0gA # error: weak-secret
  db:
    image: postgres:18
    ports: ["5432:5432"]
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: shop_password # error: weak-secret
  cache:
    image: redis:8
    command: redis-server --requirepass redis123 # error: weak-secret
```

An env file that is in the repository is no better:

```txtar
-- deploy/compose.prod.yaml --
services:
  api:
    image: ghcr.io/acme/api:1
    env_file: api.env
-- deploy/api.env --
LOG_LEVEL=info
JWT_SECRET=secret123 # error: weak-secret
```

Nor is the file of a secret:

```txtar
-- compose.prod.yaml --
services:
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db
    secrets: [db]
secrets:
  db:
    file: ./db/password.txt # error: weak-secret
-- db/password.txt --
postgres
```

Silent: values that somebody else gives, places where a secret lies, what switches
passwords off, and stacks for development, tests and examples.

```txtar
-- compose.prod.yaml --
services:
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
      POSTGRES_HOST_AUTH_METHOD: trust
      MYSQL_RANDOM_ROOT_PASSWORD: "yes"
  other:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/password
      DATABASE_PASSWORD: /run/secrets/password
    healthcheck:
      test: pg_isready -U postgres
  proxy:
    image: ghcr.io/acme/proxy:1
    command: proxy --default-authentication-plugin=mysql_native_password --pass-host-header=true
-- compose.dev.yaml --
services:
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: postgres
-- examples/compose.yaml --
services:
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: postgres
```

Silent: a key that only a stand-in of the provider takes, inside the project's own network.

```txtar
-- compose.prod.yaml --
services:
  api:
    image: ghcr.io/acme/api:1
    environment:
      AWS_ACCESS_KEY_ID: files
      AWS_SECRET_ACCESS_KEY: files
      S3_ENDPOINT: http://files:8333
  files:
    image: chrislusf/seaweedfs:3.80
    environment:
      AWS_ACCESS_KEY_ID: files
      AWS_SECRET_ACCESS_KEY: files
```
)";

constexpr Message messages[] = {
    {"weak", "\"{name}\" of service \"{service}\" is {what}, written into the repository",
     "\"{name}\" do serviço \"{service}\" é {what}, escrita no repositório"},
    {"hard-coded", "\"{name}\" of service \"{service}\" is a secret written into the repository",
     "\"{name}\" do serviço \"{service}\" é um segredo escrito no repositório"},
    {"help",
     "take it from the environment with ${{name}:?}, make a new one, and change it where it is in "
     "use",
     "obtenha-o do ambiente com ${{name}:?}, gere outro e troque-o onde está em uso"},
    {"file", "the secret file \"{path}\" is in the repository and holds {what}",
     "o arquivo de segredo \"{path}\" está no repositório e contém {what}"},
    {"help-file", "make a new secret on each machine, and keep the file out of Git",
     "gere um segredo novo em cada máquina e deixe o arquivo fora do Git"},
    {"help-option",
     "take it from a variable that must be set, make a new one, and change it where it is in use",
     "obtenha-o de uma variável obrigatória, gere outro e troque-o onde está em uso"},
};

bool concerns(const GivenValue& given) {
  if (given.from == GivenValue::From::fallback) return false; // weak-default
  const VariableGroup group = group_of(given.name);
  if (given.value.kind == ValueKind::weak) return is_own(group) || group == VariableGroup::other;
  // What is a credential by its form is committed-credential's, whoever uses it.
  if (given.value.kind == ValueKind::credential)
    return !is_certain_credential(given.value, given.text) && !is_forged(given.value, given.text);
  return given.hard_coded && is_own(group);
}

// `PGADMIN_DEFAULT_PASSWORD` in an env file that an application takes whole, and no pgAdmin in
// the project: nobody reads it there.
bool is_of_absent_server(const Program& program, TargetIndex target, const GivenValue& given) {
  if (given.from != GivenValue::From::env_file) return false;
  struct Owned {
    std::string_view prefix, image;
  };
  constexpr Owned owned[] = {{"PGADMIN_", "pgadmin"},
                             {"GF_", "grafana"},
                             {"ME_CONFIG_", "mongo-express"},
                             {"KEYCLOAK_ADMIN", "keycloak"},
                             {"KC_BOOTSTRAP_", "keycloak"},
                             {"RABBITMQ_DEFAULT_", "rabbitmq"},
                             {"FLOWER_", "flower"}};
  for (const Owned& each : owned)
    if (given.variable().starts_with(each.prefix))
      return std::ranges::none_of(program.processes_of(target), [&](const Process& process) {
        return process.image && process.image->value().contains(each.image);
      });
  return false;
}

void check_target(const Program& program, TargetIndex target, Findings& findings) {
  const std::vector<GivenValue> values = given_values(program, target);
  // The same text in several places is one secret.
  std::map<std::string, std::vector<const GivenValue*>> secrets;
  std::vector<std::string> order;
  for (const GivenValue& given : values) {
    if (!concerns(given) || is_of_absent_server(program, target, given)) continue;
    auto& places = secrets[given.text];
    if (places.empty()) order.push_back(given.text);
    places.push_back(&given);
  }
  for (const std::string& text : order) {
    const auto& places = secrets[text];
    const GivenValue& first = *first_place(places);
    Finding finding{.rule = rule_named("weak-secret"),
                    .message = first.value.kind == ValueKind::weak ? "weak" : "hard-coded",
                    .arguments = {{"name", first.variable()}, {"service", first.process->name}},
                    .span = first.span,
                    .symbol_kind = "variable",
                    .symbol = first.variable(),
                    .targets = {target},
                    .help = first.way == GivenValue::Way::command ? "help-option" : "help"};
    describe(finding, first.value);
    // What the shell or a later file may say instead, what nobody outside reaches, and what
    // we only take for a secret by its name, does not stop a deployment.
    const bool fixed =
        first.from == GivenValue::From::file_itself || first.from == GivenValue::From::env_file;
    if (!fixed || first.replaceable || first.value.kind != ValueKind::weak ||
        !guards_exposed(program, target, places))
      finding.confidence = Confidence::likely;
    for (const GivenValue* place : places) relate(finding, place->span);
    findings.add(std::move(finding));
  }
}

// `secrets: db: file: ./password.txt`, and the file is tracked.
void check_files(const Program& program, Findings& findings) {
  constexpr std::size_t limit = 4096; // no password is longer
  std::map<std::string, Finding> found;
  for (const Reference& reference : program.references) {
    if (reference.role != "secret-file" || reference.state != OutcomeState::resolved) continue;
    if (!is_serious(program.targets[reference.target].stage)) continue;
    const TreeEntry* entry = program.tree.find(reference.name);
    const FileId file = program.sources->find(reference.name);
    if (entry == nullptr || entry->size > limit || !file) continue;
    if (!entry->tracked && program.tree.kind() == TreeKind::git) continue;
    const auto bytes = program.sources->read(file);
    if (!bytes) continue;
    std::string_view text = *bytes;
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    if (text.find('\n') != std::string_view::npos) continue;
    const Value value = classify("PASSWORD", text);
    if (value.kind != ValueKind::weak && value.kind != ValueKind::placeholder) continue;
    const auto [place, fresh] = found.try_emplace(reference.name);
    Finding& finding = place->second;
    if (fresh) {
      finding = {.rule = rule_named("weak-secret"),
                 .message = "file",
                 .arguments = {{"path", reference.name}},
                 .span = reference.origin.written,
                 .symbol_kind = "path",
                 .symbol = reference.name,
                 .confidence = Confidence::likely,
                 .help = "help-file"};
      describe(finding, value);
    }
    if (std::ranges::find(finding.targets, reference.target) == finding.targets.end())
      finding.targets.push_back(reference.target);
  }
  for (auto& [path, finding] : found) findings.add(std::move(finding));
}

void check(const Program& program, Findings& findings) {
  check_files(program, findings);
  for (TargetIndex target = 0; target < program.targets.size(); ++target)
    if (is_serious(program.targets[target].stage)) check_target(program, target, findings);
}

} // namespace

extern constinit const Rule weak_secret;
constinit const Rule weak_secret = declare({
    .id = "AE0302",
    .name = "weak-secret",
    .category = Category::secrets,
    .title_en = "weak secret in the repository",
    .title_pt = "segredo fraco no repositório",
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
