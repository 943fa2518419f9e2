#include "config/match.h"
#include "knowledge/secret_names.h"
#include "knowledge/shapes.h"
#include "knowledge/table.h"
#include "link/finding.h"
#include "link/network.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/connections.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# An address that leads nowhere

A process is given an address whose host or port is not what the other end has: no service
of that name, a service on another network, or the port that is published on the host
instead of the one that the container listens on. Between containers only the container's
port counts.

```txtar
-- compose.prod.yaml --
services:
  api:
    image: ghcr.io/acme/api:1
    environment:
      DATABASE_URL: postgres://shop:${DB_PASSWORD:?}@db:5433/shop # error: mismatched-endpoint
      CACHE_URL: redis://cache:6379 # error: mismatched-endpoint
      QUEUE_URL: amqp://shop:${MQ_PASSWORD:?}@queue:5672 # error: mismatched-endpoint
  db:
    image: postgres:18
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
    ports:
      - "5433:5432"
  cache:
    image: redis:8
    networks: [back]
networks:
  back:
```

A server's own options leave its port alone; a program of our own is told its port.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    environment:
      DATABASE_URL: postgres://shop:${DB_PASSWORD:?}@db:5433/shop # error: mismatched-endpoint
      CHAT_URL: ws://chat:3000 # error: mismatched-endpoint
  chat:
    image: ghcr.io/acme/chat:1
    environment:
      WS_PORT: "3001"
  db:
    image: postgres:18
    command: [postgres, -c, max_connections=200]
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
```

Silent: the container's port, a server that is told to listen elsewhere, names outside the
project, addresses for browsers, and external networks, where anybody may live.

```txtar
-- compose.prod.yaml --
services:
  api:
    image: ghcr.io/acme/api:1
    environment:
      DATABASE_URL: postgres://shop:${DB_PASSWORD:?}@db/shop
      CACHE_URL: redis://cache:6380
      QUEUE_URL: amqps://mq.internal.acme-cloud.net:5671
      PUBLIC_URL: https://shop.acme-cloud.net
      PEER_URL: http://peer:8080
      HOST_URL: http://host.docker.internal:3000
      CHAT_URL: ws://chat:3000
      ADMIN_URL: http://chat:9001
      BACK_URL: http://back:4000
      OTHER_DATABASE_URL: postgres://shop:${DB_PASSWORD:?}@other:5433/shop
    networks: [default, edge]
  db:
    image: postgres:18
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
  other:
    image: postgres:18
    command: postgres -c config_file=/etc/postgresql.conf
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
  back:
    image: ghcr.io/acme/back:1
    env_file: back.env
  chat:
    image: ghcr.io/acme/chat:1
    command: chat --admin :9001
    environment:
      HTTP_PORT: "3000"
      WS_PORT: "3001"
  cache:
    image: redis:8
    command: redis-server --port 6380
networks:
  edge:
    external: true
-- back.env --
PORT=4000
```
)";

constexpr Message messages[] = {
    {"published-port",
     "\"{variable}\" of service \"{client}\" uses port {port}, which \"{server}\" only publishes "
     "on the host; inside it listens on {right}",
     "\"{variable}\" do serviço \"{client}\" usa a porta {port}, que \"{server}\" só publica no "
     "host; dentro dele é a {right}"},
    {"wrong-port",
     "\"{variable}\" of service \"{client}\" uses port {port}, and \"{server}\" listens on {right}",
     "\"{variable}\" do serviço \"{client}\" usa a porta {port}, e \"{server}\" escuta na {right}"},
    {"no-host",
     "\"{variable}\" of service \"{client}\" names host \"{host}\", and no service of the project "
     "has that name",
     "\"{variable}\" do serviço \"{client}\" indica o host \"{host}\", e nenhum serviço do projeto "
     "tem esse nome"},
    {"no-network",
     "\"{variable}\" of service \"{client}\" leads to \"{server}\", and the two share no network",
     "\"{variable}\" do serviço \"{client}\" leva a \"{server}\", e os dois não compartilham rede"},
    {"help-port", "use port {right}", "use a porta {right}"},
    {"help-host",
     "name a service of the project, or declare the host under externs (kind service) in "
     "aethel.yaml",
     "indique um serviço do projeto, ou declare o host em externs (kind service) no aethel.yaml"},
    {"help-network", "put both on one network", "coloque ambos em uma mesma rede"},
};

// The options of a server's own command that leave its port alone: `postgres -c max_connections=9`.
// A file, a script, a variable or another program may say another port.
bool keeps_its_port(const Process& server) {
  const std::vector<std::string> arguments = command_of(server);
  std::vector<std::string_view> words;
  for (const std::string& argument : arguments)
    std::ranges::copy(knowledge::words(argument, " \n"), std::back_inserter(words));
  if (words.empty()) return true;
  constexpr std::array<std::string_view, 9> programs = {
      "postgres",      "mysqld",          "mariadbd",
      "mongod",        "redis-server",    "memcached",
      "valkey-server", "rabbitmq-server", "docker-entrypoint.sh"};
  if (!words.front().starts_with('-') &&
      std::ranges::find(programs, words.front()) == programs.end())
    return false;
  return std::ranges::none_of(words, [](std::string_view each) {
    const std::string word = knowledge::lower(each);
    for (const std::string_view hint : {"port", "listen", "addr", "conf", "cnf", "$", ";", "file"})
      if (word.find(hint) != std::string::npos) return true;
    return word.starts_with("-p");
  });
}

bool listens_elsewhere(const Process& server) {
  // A command, an entry point or a variable about a port: the default is no longer sure.
  if (!keeps_its_port(server) || server.node->find("entrypoint") != nullptr || server.build)
    return true;
  return std::ranges::any_of(server.environment, [](const Variable& variable) {
    return variable.name.ends_with("PORT") || variable.name == "PGPORT";
  });
}

bool mentions(const Node& node, const std::string& port) {
  if (node.text.written().find(port) != std::string::npos) return true;
  return std::ranges::any_of(node.members,
                             [&](const Member& member) {
                               return member.key.find(port) != std::string::npos ||
                                      mentions(member.value, port);
                             }) ||
         std::ranges::any_of(node.items, [&](const Node& item) { return mentions(item, port); });
}

// Anywhere in the service, and in what its env files give it.
bool mentions(const Process& server, const std::string& port) {
  return mentions(*server.node, port) ||
         std::ranges::any_of(server.environment, [&](const Variable& variable) {
           return variable.value.value().find(port) != std::string::npos;
         });
}

// A program of our own is told its port by a variable: PORT, WS_PORT, or RUNTIME_PORT of a service
// "runtime". Null when several say so, or something else may.
const Variable* told_port(const Process& server) {
  if (!server.ports.empty() || server.node->find("expose") != nullptr) return nullptr;
  const Variable* told = nullptr;
  for (const Variable& variable : server.environment) {
    const std::vector<std::string> words = name_words(variable.name);
    if (words.empty() || words.back() != "port" || words.size() > 2) continue;
    constexpr std::array<std::string_view, 9> own = {"ws",  "http", "https",  "app", "server",
                                                     "web", "api",  "listen", "grpc"};
    if (words.size() == 2 && std::ranges::find(own, words.front()) == own.end() &&
        words.front() != server.name)
      continue;
    if (told != nullptr) return nullptr;
    told = &variable;
  }
  if (told == nullptr || told->given == Variable::Given::inherited || !is_filled(told->value))
    return nullptr;
  const std::string value = told->value.value();
  const bool number = !value.empty() && value.size() < 6 &&
                      std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
  return number ? told : nullptr;
}

Finding finding(const Connection& connection, std::string_view message, std::string_view help) {
  Finding result{.rule = rule_named("mismatched-endpoint"),
                 .message = message,
                 .arguments = {{"variable", connection.variable->name},
                               {"client", connection.client->name},
                               {"host", connection.host_name},
                               {"port", connection.port}},
                 .span = connection.variable->origin.written,
                 .symbol_kind = "service",
                 .symbol = connection.host_name,
                 .targets = {connection.client->target},
                 .help = help};
  if (connection.server != nullptr) {
    result.arguments.emplace_back("server", connection.server->name);
    result.related.push_back({connection.server->origin.written, "defined-here"});
  }
  return result;
}

void check_port(const Connection& connection, Findings& findings) {
  if (connection.port.empty() || !is_filled(connection.written(connection.host.port))) return;
  const Process& server = *connection.server;
  const auto same = [&](const Port& port) {
    return std::to_string(port.target) == connection.port;
  };
  if (std::ranges::any_of(server.ports, same)) return;
  if (const Node* expose = server.node->find("expose"))
    for (const Node& item : expose->items)
      if (item.value().starts_with(connection.port)) return;
  for (const Port& port : server.ports) {
    if (port.published.value() != connection.port) continue;
    if (listens_elsewhere(server) && connection.product == nullptr) return;
    Finding published = finding(connection, "published-port", "help-port");
    published.arguments.emplace_back("right", std::to_string(port.target));
    if (connection.product == nullptr ||
        std::to_string(connection.product->port) == connection.port)
      published.confidence = Confidence::likely;
    findings.add(std::move(published));
    return;
  }
  if (connection.product == nullptr) {
    const Variable* told = told_port(server);
    if (told == nullptr || mentions(server, connection.port)) return;
    Finding wrong = finding(connection, "wrong-port", "help-port");
    wrong.arguments.emplace_back("right", told->value.value());
    wrong.confidence = Confidence::likely;
    wrong.related.push_back({told->origin.written, "defined-here"});
    findings.add(std::move(wrong));
    return;
  }
  if (connection.product->port == 0 || listens_elsewhere(server)) return;
  if (std::to_string(connection.product->port) == connection.port) return;
  if (!speaks(*connection.product, connection.part(connection.url.scheme))) return;
  Finding wrong = finding(connection, "wrong-port", "help-port");
  wrong.arguments.emplace_back("right", std::to_string(connection.product->port));
  wrong.confidence = Confidence::likely;
  findings.add(std::move(wrong));
}

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target) {
    const bool open = program.targets[target].open_world;
    for (const Connection& connection : connections(program, target)) {
      const Process& client = *connection.client;
      if (has_network_mode(client)) continue;
      if (connection.server == nullptr) {
        // Only addresses with a scheme: other values of the form "a:b" are many things.
        if (open || default_port(connection.part(connection.url.scheme)) == 0) continue;
        if (connection.text.find("://") != connection.text.rfind("://"))
          continue; // a list of addresses
        if (!is_project_name(connection.host_name) ||
            names_extra_host(client, connection.host_name))
          continue;
        if (on_external_network(program, client)) continue;
        if (find_extern(program.config,
                        {.kind = "service", .name = connection.host_name, .path = ""}) != nullptr)
          continue;
        Finding unknown = finding(connection, "no-host", "help-host");
        unknown.confidence = Confidence::likely;
        findings.add(std::move(unknown));
        continue;
      }
      if (connection.server == &client || has_network_mode(*connection.server)) continue;
      if (!share_network(client, *connection.server)) {
        if (!client.networks.empty() && !connection.server->networks.empty())
          findings.add(finding(connection, "no-network", "help-network"));
        continue;
      }
      check_port(connection, findings);
    }
  }
}

} // namespace

extern constinit const Rule mismatched_endpoint;
constinit const Rule mismatched_endpoint = declare({
    .id = "AE0402",
    .name = "mismatched-endpoint",
    .category = Category::config,
    .title_en = "address that leads nowhere",
    .title_pt = "endereço que não leva a lugar nenhum",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.25, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
