#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/connections.h"

#include <algorithm>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A store that lets anybody in, on a published port

Redis, Valkey, MongoDB and others ask for no password unless they are told to, and a port that
compose publishes without an address is open on every interface of the host: Docker's own
firewall rules come before those of ufw or firewalld. Scanners find such a store within hours.

```txtar
-- compose.prod.yaml --
services:
  cache:
    image: redis:8
    ports:
      - "6379:6379" # error: unauthenticated-store
```

Services of one project reach each other without `ports`. For the host's own tools an address is
enough; for anybody else a password has to be.

Silent: on loopback, not published, with a password, with a configuration that is not read here,
and where it is not started for production.

```txtar
-- compose.prod.yaml --
services:
  loopback:
    image: redis:8
    ports: ["127.0.0.1:6379:6379"]
  inside:
    image: mongo:8.0
  with-password:
    image: valkey/valkey:9
    command: valkey-server --requirepass ${CACHE_PASSWORD:?}
    ports: ["6380:6379"]
  configured:
    image: redis:8
    command: redis-server /etc/redis/redis.conf
    volumes: ["./redis.conf:/etc/redis/redis.conf:ro"]
    ports: ["6381:6379"]
  dashboard:
    image: redis/redis-stack:7.4.0-v8
    environment: {REDIS_ARGS: "--requirepass ${STACK_PASSWORD:?}"}
    ports: ["8001:8001"]
-- redis.conf --
requirepass set-by-the-image
-- compose.dev.yaml --
services:
  cache:
    image: redis:8
    ports: ["6379:6379"]
```
)";

constexpr Message messages[] = {
    {"open",
     "\"{service}\" asks nobody for a password, and its port {port} is published to every network "
     "of the host",
     "\"{service}\" não pede senha a ninguém, e sua porta {port} está publicada em todas as redes "
     "do host"},
    {"help",
     "take the port out of `ports`, publish it as 127.0.0.1:{port}, or give the store a password",
     "tire a porta de `ports`, publique-a como 127.0.0.1:{port}, ou dê uma senha ao serviço"},
};

bool is_public(std::string_view address) {
  return address.empty() || address == "0.0.0.0" || address == "::" || address == "[::]";
}

void check(const Program& program, Findings& findings) {
  for (const Process& process : program.processes) {
    if (process.ports.empty() || has_init_scripts(process)) continue;
    const auto server = server_access(process);
    if (!server || server->access.authentication != Access::Authentication::off) continue;
    for (const Port& port : process.ports) {
      if (port.target != server->product->port || !is_public(port.host_address) ||
          port.published.empty())
        continue;
      const std::string number = std::to_string(port.target);
      findings.add({.rule = rule_named("unauthenticated-store"),
                    .message = "open",
                    .arguments = {{"service", process.name}, {"port", number}},
                    .span = port.origin.written,
                    .symbol_kind = "service",
                    .symbol = process.name,
                    .targets = {process.target},
                    .confidence = Confidence::likely,
                    .help = "help"});
    }
  }
}

} // namespace

extern constinit const Rule unauthenticated_store;
constinit const Rule unauthenticated_store = declare({
    .id = "AE0310",
    .name = "unauthenticated-store",
    .category = Category::secrets,
    .title_en = "store that lets anybody in, on a published port",
    .title_pt = "armazenamento sem senha em porta publicada",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::none,
                 .test = Priority::none,
                 .example = Priority::none,
                 .unknown = Priority::none},
    .effort = {0.25, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
