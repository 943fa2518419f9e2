#include "knowledge/variables.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/connections.h"

#include <algorithm>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# Credentials that the server does not accept

An address names a user, a password or a database that its server is not given, brings no
credentials to a server that demands them, or a password to one that has none. Both ends
stand in the same project; values are compared and never shown.

```txtar
-- compose.prod.yaml --
services:
  api:
    image: ghcr.io/acme/api:1
    environment:
      DATABASE_URL: postgres://shop:${DB_PASSWORD:?}@db:5432/store # error: mismatched-credentials
      CACHE_URL: redis://cache:6379 # error: mismatched-credentials
  report:
    image: ghcr.io/acme/report:1
    environment:
      DATABASE_URL: postgres://reports:${DB_PASSWORD:?}@db:5432/shop # error: mismatched-credentials
  db:
    image: postgres:18
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
      POSTGRES_DB: shop
  cache:
    image: redis:8
    command: redis-server --requirepass ${CACHE_PASSWORD:?}
```

Options that say nothing about who may log in do not hide it, nor does a script that writes the
password into a file; the key that signs sessions is no password of the store.

```txtar
-- compose.prod.yaml --
services:
  api:
    image: ghcr.io/acme/api:1
    environment:
      SESSION_SECRET: ${SESSION_SECRET:?}
      DATABASE_URL: postgres://postgres:${DB_PASSWORD:?}@db:5432/shop # error: mismatched-credentials
      CACHE_URL: redis://cache:6379 # error: mismatched-credentials
  db:
    image: postgres:18
    command: [postgres, -c, max_connections=200, -c, shared_buffers=512MB]
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
  cache:
    image: redis:8
    command:
      - sh
      - -c
      - |
        printf 'requirepass %s\n' "$$CACHE_PASSWORD" >/tmp/redis.conf
        exec redis-server /tmp/redis.conf
    environment:
      CACHE_PASSWORD: ${CACHE_PASSWORD:?}
```

Silent: what agrees, accounts that an initial script makes, and values that only the
environment knows.

```txtar
-- compose.prod.yaml --
services:
  api:
    image: ghcr.io/acme/api:1
    environment:
      DATABASE_URL: postgres://shop:${DB_PASSWORD:?}@db:5432/shop?sslmode=disable
      CACHE_URL: redis://:${CACHE_PASSWORD:?}@cache:6379/0
      OTHER_URL: postgres://app:${APP_PASSWORD:?}@other/app
      SAME_URL: postgres://shop:${SHOP_DATABASE_PASSWORD}@db/shop
      MAYBE_URL: redis://maybe:6379
      FILE_URL: postgres://app:${APP_PASSWORD:?}@file/app
  db:
    image: postgres:18
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
  other:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
    volumes:
      - ./init:/docker-entrypoint-initdb.d:ro
  cache:
    image: redis:8
    command: redis-server --requirepass ${CACHE_PASSWORD:?}
  maybe:
    image: redis:8
    command: sh -c '[ -z "$$P" ] || echo requirepass "$$P" >/tmp/r.conf; redis-server /tmp/r.conf'
  file:
    image: postgres:18
    command: postgres -c config_file=/etc/postgresql.conf
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
-- init/app.sql --
CREATE ROLE app LOGIN;
```
)";

constexpr Message messages[] = {
    {"user",
     "\"{variable}\" of service \"{client}\" logs in as \"{user}\", and \"{server}\" has only "
     "\"{right}\"",
     "\"{variable}\" do serviço \"{client}\" entra como \"{user}\", e \"{server}\" só tem "
     "\"{right}\""},
    {"password",
     "the password in \"{variable}\" of service \"{client}\" is not the one that \"{server}\" is "
     "given",
     "a senha em \"{variable}\" do serviço \"{client}\" não é a que \"{server}\" recebe"},
    {"database",
     "\"{variable}\" of service \"{client}\" opens database \"{database}\", and \"{server}\" "
     "creates \"{right}\"",
     "\"{variable}\" do serviço \"{client}\" abre o banco \"{database}\", e \"{server}\" cria "
     "\"{right}\""},
    {"none",
     "\"{variable}\" of service \"{client}\" brings no password, and \"{server}\" demands one",
     "\"{variable}\" do serviço \"{client}\" não traz senha, e \"{server}\" exige uma"},
    {"unneeded",
     "\"{variable}\" of service \"{client}\" brings a password, and \"{server}\" has none: it "
     "refuses the login",
     "\"{variable}\" do serviço \"{client}\" traz uma senha, e \"{server}\" não tem nenhuma: ele "
     "recusa o login"},
    {"help", "take both from the same variable", "use a mesma variável nas duas pontas"},
};

Finding finding(const Connection& connection, std::string_view message) {
  const Server& product = *connection.product;
  Finding result{.rule = rule_named("mismatched-credentials"),
                 .message = message,
                 .arguments = {{"variable", connection.variable->name},
                               {"client", connection.client->name},
                               {"server", connection.server->name}},
                 .span = connection.variable->origin.written,
                 .symbol_kind = "variable",
                 .symbol = connection.variable->name,
                 .targets = {connection.client->target},
                 .category = Category::secrets,
                 .help = "help"};
  (void)product;
  result.related.push_back({connection.server->origin.written, "defined-here"});
  return result;
}

// How sure a difference is: literals differ for good; variables may be set to agree.
Confidence certainty(const Text& a, const Text& b) {
  return a.has_holes() || b.has_holes() ? Confidence::likely : Confidence::certain;
}

const Text* text_of(const Process& process, std::string_view variable) {
  const Variable* found = process.variable(variable);
  return found != nullptr ? &found->value : nullptr;
}

void check_one(const Connection& connection, Findings& findings) {
  const Access& access = *connection.access;
  const Url& url = connection.url;
  if (!speaks(*connection.product, connection.part(url.scheme))) return;
  const Text user = connection.written(url.user);
  const Text password = connection.written(url.password);
  if (!is_filled(user)) return;
  const std::string user_name = decode_percent(connection.part(url.user));
  const bool redis =
      connection.product->product == "redis" || connection.product->product == "valkey";

  if (access.authentication == Access::Authentication::off) {
    if (redis && url.has_password && !password.empty() && is_filled(password) &&
        !has_init_scripts(*connection.server)) {
      Finding unneeded = finding(connection, "unneeded");
      unneeded.confidence = Confidence::likely;
      findings.add(std::move(unneeded));
    }
    return;
  }
  if (access.authentication != Access::Authentication::on || has_init_scripts(*connection.server))
    return;
  if (!url.has_password && user_name.empty() && url.query.begin == url.query.end) {
    // Clients often take credentials from variables beside the address. The keys that sign sessions
    // and those of providers are none.
    const bool beside =
        std::ranges::any_of(connection.client->environment, [&](const Variable& variable) {
          if (&variable == connection.variable) return false;
          if (variable.name.find("PASS") != std::string::npos) return true;
          const VariableGroup group = group_of(variable.name);
          return variable.name.find("SECRET") != std::string::npos &&
                 (group == VariableGroup::store || group == VariableGroup::other);
        });
    if (beside) return;
    Finding none = finding(connection, "none");
    none.confidence = Confidence::likely;
    findings.add(std::move(none));
    return;
  }
  const bool users_known =
      !access.accounts.empty() && std::ranges::all_of(access.accounts, [](const Account& account) {
        return account.user.has_value();
      });
  const Account* account = nullptr;
  for (const Account& each : access.accounts)
    if (each.user && (*each.user == user_name || (user_name.empty() && redis)))
      account = account ? account : &each;
  if (account == nullptr) {
    if (!users_known || user_name.empty()) return;
    Finding wrong = finding(connection, "user");
    wrong.arguments.emplace_back("user", user_name);
    wrong.arguments.emplace_back("right", *access.accounts.front().user);
    const Text* other = text_of(*connection.server, access.accounts.front().user_variable);
    wrong.confidence = certainty(user, other != nullptr ? *other : Text());
    findings.add(std::move(wrong));
    return;
  }
  if (account->password && url.has_password && is_filled(password)) {
    const std::string given = decode_percent(connection.part(url.password));
    if (given != *account->password && connection.part(url.password) != *account->password) {
      const Text* other = text_of(*connection.server, account->password_variable);
      Finding wrong = finding(connection, "password");
      wrong.confidence = certainty(password, other != nullptr ? *other : Text());
      findings.add(std::move(wrong));
      return;
    }
  }
  const Text path = connection.written(url.path);
  const std::string database = connection.part(url.path);
  const bool sql = connection.product->product == "postgresql" ||
                   connection.product->product == "mysql" ||
                   connection.product->product == "mariadb";
  if (sql && access.database && !database.empty() && is_filled(path) &&
      database != *access.database && database != connection.product->default_database &&
      database != "postgres") {
    Finding wrong = finding(connection, "database");
    wrong.arguments.emplace_back("database", database);
    wrong.arguments.emplace_back("right", *access.database);
    wrong.confidence = Confidence::likely; // a migration may create it
    findings.add(std::move(wrong));
  }
}

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target)
    for (const Connection& connection : connections(program, target))
      if (connection.server != nullptr && connection.access &&
          connection.server != connection.client)
        check_one(connection, findings);
}

} // namespace

extern constinit const Rule mismatched_credentials;
constinit const Rule mismatched_credentials = declare({
    .id = "AE0401",
    .name = "mismatched-credentials",
    .category = Category::secrets,
    .title_en = "credentials that the server does not accept",
    .title_pt = "credenciais que o servidor não aceita",
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
