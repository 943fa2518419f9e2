#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"

#include "knowledge/hosts.h"
#include "knowledge/secret_names.h"
#include "knowledge/servers.h"
#include "knowledge/url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# Localhost where another host must be meant

Inside a container, localhost is the container itself. Two things go wrong with it:

* The public address of the application is `http://localhost:3000`, fixed or by default:
  links in mails, redirects after sign-in and allowed origins point at the computer of whoever
  reads them. Production only.
* The address of a store is localhost, while the store is another service; in production the
  same goes for any service that the variable is called after.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    ports: ["3000:3000"]
    environment:
      NEXTAUTH_URL: ${NEXTAUTH_URL:-http://localhost:3000} # error: localhost-in-production
      WEBHOOK_URL: http://localhost:5678/ # error: localhost-in-production
      DATABASE_URL: postgres://shop:${DB_PASSWORD:?}@localhost:5432/shop # error: localhost-in-production
      REDIS_HOST: 127.0.0.1 # error: localhost-in-production
      CHAT_URL: ws://localhost:3001 # error: localhost-in-production
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
  cache:
    image: redis:8
  chat:
    image: ghcr.io/acme/chat:1
```

A store is unreachable in development, too:

```txtar
-- compose.dev.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      MONGO_URL: mongodb://localhost:27017/shop # error: localhost-in-production
      NEXT_PUBLIC_APP_URL: http://localhost:3000
  mongo:
    image: mongo:8
```

Silent: health checks, addresses to listen on, a program that talks to itself, the network of
the host or of another service, a list that also has public origins, and where a browser in
development finds the application.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      HOST: 0.0.0.0
      LISTEN_ADDR: 127.0.0.1:9090
      STATSD_ADDR: ${STATSD_ADDR:-127.0.0.1:8125}
      CORS_ORIGINS: https://shop.acme.io,http://localhost:3000
      N8N_HOST: ${N8N_HOST:-localhost}
      SELF_URL: http://localhost:3000
      AGENT_URL: http://localhost:3000
      WEB_URL: http://localhost:8080
    ports: ["3000:3000"]
    healthcheck:
      test: curl -f http://localhost:3000/health
  agent:
    image: ghcr.io/acme/agent:1
    network_mode: host
    environment:
      DATABASE_URL: postgres://shop:${DB_PASSWORD:?}@localhost:5432/shop
  sidecar:
    image: ghcr.io/acme/sidecar:1
    network_mode: service:db
    environment:
      DATABASE_URL: postgres://shop:${DB_PASSWORD:?}@localhost:5432/shop
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
      PGHOST: localhost
  allinone:
    image: ghcr.io/acme/allinone:1
    ports: ["127.0.0.1:5433:5432"]
    environment:
      DATABASE_URL: postgres://shop:${DB_PASSWORD:?}@localhost:5432/shop
  broker:
    image: apache/kafka:4.1.0
    environment:
      KAFKA_CONTROLLER_QUORUM_VOTERS: 1@127.0.0.1:9093
      KAFKA_ADVERTISED_LISTENERS: PLAINTEXT://localhost:9092
```
)";

constexpr Message messages[] = {
    {"public",
     "\"{name}\" of service \"{service}\" is {address}: for its users that is their own computer",
     "\"{name}\" do serviço \"{service}\" é {address}: para os usuários, é o próprio computador "
     "deles"},
    {"public-default",
     "when nobody sets \"{name}\", it is {address}: for its users that is their own computer",
     "quando ninguém define \"{name}\", ela é {address}: para os usuários, é o próprio computador "
     "deles"},
    {"store",
     "\"{name}\" of service \"{service}\" is localhost, which is its own container; \"{server}\" "
     "is another",
     "\"{name}\" do serviço \"{service}\" é localhost, isto é, o próprio contêiner; \"{server}\" é "
     "outro"},
    {"store-elsewhere",
     "\"{name}\" of service \"{service}\" is localhost, which is its own container",
     "\"{name}\" do serviço \"{service}\" é localhost, isto é, o próprio contêiner"},
    {"help-public", "require the public address with ${{name}:?}",
     "exija o endereço público com ${{name}:?}"},
    {"help-store", "name the service: \"{server}\"", "use o nome do serviço: \"{server}\""},
    {"help-elsewhere", "name the host of the server", "indique o host do servidor"},
};

// Addresses that leave the container: for browsers, for mails, for providers who call back.
bool is_public_address(std::string_view name) {
  const KnownVariable* known = find_variable(name);
  if (known != nullptr)
    return known->group == VariableGroup::address && known->kind != VariableKind::host;
  const std::vector<std::string> words = name_words(name);
  if (words.size() < 2) return false;
  const std::string& last = words.back();
  if (last == "origin" || last == "origins") return true;
  if (last != "url" && last != "uri" && last != "urls" && last != "uris") return false;
  if (is_public_name(name)) return true;
  constexpr std::array<std::string_view, 15> before = {
      "app",      "site",   "base",   "public",   "frontend", "client",  "webhook", "callback",
      "redirect", "return", "editor", "external", "root",     "website", "portal"};
  return std::ranges::find(before, words[words.size() - 2]) != before.end();
}

// One service of several that call each other: the address may be the container's own.
bool may_be_own(std::string_view name) {
  const std::vector<std::string> words = name_words(name);
  if (is_public_name(name) || words.size() < 2) return false;
  const std::string& before = words[words.size() - 2];
  return before == "api" || before == "backend" || before == "server" || before == "base" ||
         before == "ws";
}

const Server* server_of(const Process& process) {
  if (!process.image) return nullptr;
  const auto image = parse_image(text_with_holes(*process.image));
  return image ? find_server(*image) : nullptr;
}

// Its localhost is not its own: the host's, or that of the service whose network it shares.
bool shares_network(const Process& process) {
  const Node* mode = process.node->find("network_mode");
  return mode != nullptr && !mode->value().empty() && mode->value() != "bridge";
}

// Its image holds the server as well: it says so by its ports.
bool listens_on(const Process& process, unsigned port) {
  if (port == 0) return false;
  if (std::ranges::any_of(process.ports, [&](const Port& each) { return each.target == port; }))
    return true;
  const Node* exposed = process.node->find("expose");
  return exposed != nullptr && std::ranges::any_of(exposed->items, [&](const Node& item) {
           return item.value() == std::to_string(port);
         });
}

unsigned number(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct Address {
  std::string scheme;
  unsigned port = 0;
};

std::string value_of(const GivenValue& given) {
  const Variable* variable = given.process->variable(given.name);
  return variable != nullptr ? text_with_holes(variable->value) : std::string();
}

Address address_of(const GivenValue& given) {
  const std::string text = value_of(given);
  Address address;
  if (const auto url = parse_connection(text)) {
    address.scheme = text_at(text, url->scheme);
    if (!url->hosts.empty()) address.port = number(text_at(text, url->hosts.front().port));
    if (address.port == 0) address.port = default_port(address.scheme);
  } else if (const auto host = parse_host_port(text)) {
    address.port = number(text_at(text, host->port));
  }
  return address;
}

// What servers are called in the names of hosts: REDIS_HOST.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> products = {
    {{"redis", "redis"},
     {"valkey", "valkey"},
     {"postgres", "postgresql"},
     {"postgresql", "postgresql"},
     {"pg", "postgresql"},
     {"mysql", "mysql"},
     {"mariadb", "mariadb"},
     {"mongo", "mongodb"},
     {"mongodb", "mongodb"},
     {"rabbitmq", "rabbitmq"},
     {"elasticsearch", "elasticsearch"},
     {"clickhouse", "clickhouse"},
     {"memcached", "memcached"}}};

bool fits(const Server& server, const GivenValue& given, const Address& address) {
  if (!address.scheme.empty())
    return address.scheme.starts_with("http") ? address.port == server.port
                                              : speaks(server, address.scheme);
  const std::vector<std::string> words = name_words(given.name);
  for (const auto& [word, product] : products)
    if (std::ranges::find(words, word) != words.end())
      return server.product == product || (product == "redis" && server.product == "valkey");
  if (words.front().starts_with("pg")) return server.product == "postgresql";
  const bool database = std::ranges::find(words, "db") != words.end() ||
                        std::ranges::find(words, "database") != words.end();
  if (!database) return false;
  return server.product == "postgresql" || server.product == "mysql" || server.product == "mariadb";
}

bool is_store_address(const GivenValue& given, const Address& address) {
  if (is_public_address(given.name)) return false;
  if (!address.scheme.empty() && !address.scheme.starts_with("http") &&
      !address.scheme.starts_with("ws"))
    return default_port(address.scheme) != 0;
  const KnownVariable* known = find_variable(given.name);
  return known != nullptr && known->group == VariableGroup::store &&
         (known->kind == VariableKind::host || known->kind == VariableKind::url);
}

// The last part of a list, or the only one, is what a server of the project speaks.
const Process* store_in(const Program& program, TargetIndex target, const GivenValue& given,
                        const Address& address) {
  for (const Process& process : program.processes_of(target)) {
    const Server* server = server_of(process);
    if (server != nullptr && &process != given.process && fits(*server, given, address))
      return &process;
  }
  return nullptr;
}

// The service that the variable is called after: "runtime" for RUNTIME_URL.
const Process* namesake(const Program& program, TargetIndex target, const GivenValue& given) {
  std::vector<std::string> words = name_words(given.name);
  constexpr std::array<std::string_view, 7> last = {"url",  "uri",     "host",    "hostname",
                                                    "addr", "address", "endpoint"};
  if (words.size() < 2 || std::ranges::find(last, words.back()) == last.end()) return nullptr;
  words.pop_back();
  std::string name;
  for (const std::string& word : words) name += word;
  for (const Process& process : program.processes_of(target)) {
    std::string plain = process.name;
    std::erase_if(plain, [](char c) { return c == '-' || c == '_' || c == '.'; });
    if (plain == name && &process != given.process) return &process;
  }
  return nullptr;
}

void check_target(const Program& program, TargetIndex target, Findings& findings) {
  const bool production = is_production(program.targets[target].stage);
  std::vector<GivenValue> values = given_values(program, target);
  std::map<std::pair<const Process*, std::string>, Finding> found;
  std::vector<std::pair<const Process*, std::string>> order;
  for (const GivenValue& given : values) {
    if (given.value.kind != ValueKind::localhost || given.way != GivenValue::Way::environment)
      continue;
    if (shares_network(*given.process)) continue;
    const Address address = address_of(given);
    const bool fallback = given.from == GivenValue::From::fallback;
    Finding finding{.rule = rule_named("localhost-in-production"),
                    .arguments = {{"name", given.variable()}, {"service", given.process->name}},
                    .span = given.span,
                    .symbol_kind = "variable",
                    .symbol = given.variable(),
                    .targets = {target}};
    std::string group = given.name;
    if (is_store_address(given, address)) {
      const Server* own = server_of(*given.process);
      if ((own != nullptr && fits(*own, given, address)) ||
          listens_on(*given.process, address.port))
        continue;
      const Process* store = store_in(program, target, given, address);
      // Without a server in the project something else may stand beside the program in its image.
      if (store == nullptr && !production) continue;
      finding.message = store != nullptr ? "store" : "store-elsewhere";
      finding.help = store != nullptr ? "help-store" : "help-elsewhere";
      finding.arguments.emplace_back("server", store != nullptr ? store->name : "");
      if (store != nullptr) finding.related.push_back({store->origin.written, "defined-here"});
      const bool fixed =
          given.from == GivenValue::From::file_itself || given.from == GivenValue::From::env_file;
      if (store == nullptr || !fixed || given.replaceable) finding.confidence = Confidence::likely;
    } else if (production && is_public_address(given.name)) {
      if (may_be_own(given.name) && listens_on(*given.process, address.port)) continue;
      finding.message = fallback ? "public-default" : "public";
      finding.help = "help-public";
      finding.confidence = Confidence::likely;
      std::string shown = text_with_holes(given.process->variable(given.name)->value);
      // Addresses of users hold no secret, but one never knows.
      if (shown.find('@') != std::string::npos || shown.size() > 80) shown = "localhost";
      finding.arguments.emplace_back("address", shown);
      // Several that are the same place have one cause.
      group = "public " + std::to_string(address.port) + (fallback ? " default" : "");
    } else if (const Process* other = production ? namesake(program, target, given) : nullptr) {
      if (is_public_name(given.name) || listens_on(*given.process, address.port)) continue;
      finding.message = "store";
      finding.help = "help-store";
      finding.confidence = Confidence::likely;
      finding.arguments.emplace_back("server", other->name);
      finding.related.push_back({other->origin.written, "defined-here"});
    } else {
      continue;
    }
    const auto key = std::pair(given.process, group);
    const auto [place, fresh] = found.try_emplace(key, finding);
    if (fresh)
      order.push_back(key);
    else
      relate(place->second, finding.span);
  }
  for (const auto& key : order) findings.add(std::move(found.at(key)));
}

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target)
    check_target(program, target, findings);
}

} // namespace

extern constinit const Rule localhost_in_production;
constinit const Rule localhost_in_production = declare({
    .id = "AE0307",
    .name = "localhost-in-production",
    .category = Category::config,
    .title_en = "localhost where another host must be meant",
    .title_pt = "localhost onde outro host é necessário",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p2},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
