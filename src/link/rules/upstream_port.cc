#include "link/finding.h"
#include "link/network.h"
#include "link/nginx.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"
#include "link/rules/support/upstream_ports.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A port of nginx where nobody listens

nginx passes requests to a service, on a port on which that service does not listen: every request
gets 502. Between containers only the container's own port counts, not the one that is published.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
  web:
    build: ./web
    ports: ["8080:3000"]
  api:
    build: ./api
  chat:
    image: ghcr.io/acme/chat:1
    environment:
      WS_PORT: "3001"
  static:
    image: nginx:1.28
-- web/Dockerfile --
FROM node:24-slim
CMD ["node", "server.js"]
-- api/Dockerfile --
FROM node:24-slim
EXPOSE 4000
CMD ["node", "server.js"]
-- nginx.conf --
events {}
http {
  upstream api { server api:3000; } # error: upstream-port
  server {
    listen 80;
    location / { proxy_pass http://web:8080; } # error: upstream-port
    location /api/ { proxy_pass http://api; }
    location /chat/ { proxy_pass http://chat; } # error: upstream-port
    location /static/ { proxy_pass http://static:8080/; } # error: upstream-port
  }
}
```

Silent: the port that is exposed, told or published; a port that the program's own files speak of;
programs of which nothing is known.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
  web:
    build: ./web
    ports: ["8080:3000"]
  api:
    build: ./api
  admin:
    image: ghcr.io/acme/admin:1
    ports: ["9001:9001"]
  chat:
    image: ghcr.io/acme/chat:1
    env_file: chat.env
-- web/Dockerfile --
FROM node:24-slim
CMD ["node", "server.js"]
-- api/Dockerfile --
FROM node:24-slim
EXPOSE 4000
CMD ["node", "server.js"]
-- api/server.js --
require("./app").listen(4001);
-- .gitignore --
chat.env
-- nginx.conf --
events {}
http {
  server {
    listen 80;
    location / { proxy_pass http://web:3000; }
    location /api/ { proxy_pass http://api:4001; }
    location /admin/ { proxy_pass http://admin:9000; }
    location /chat/ { proxy_pass http://chat:9000; }
  }
}
```
)";

constexpr Message messages[] = {
    {"wrong-port",
     "nginx of service \"{service}\" passes requests to port {port} of \"{server}\", which listens "
     "on {right}",
     "o nginx do serviço \"{service}\" encaminha para a porta {port} de \"{server}\", que escuta "
     "na {right}"},
    {"help-port", "use port {right}", "use a porta {right}"},
};

void check(const Program& program, Findings& findings) {
  std::map<std::tuple<std::string, std::uint32_t, FileId>, Finding> found;
  for (const Nginx& nginx : program.nginx) {
    const Process& client = *nginx.process;
    if (has_network_mode(client)) continue;
    for (const NginxTarget& target : nginx_targets(nginx)) {
      // Ports that are declared may be those of HTTP only.
      if (is_address(target.host) || !target.protocol.starts_with("http")) continue;
      const Process* server = process_of_host(program, client, target.host);
      if (server == nullptr || server == &client || has_network_mode(*server)) continue;
      // What another service of the same name may answer is not known.
      const auto listening = listens_elsewhere_than(program, *server, target.port);
      if (!listening) continue;
      const auto [place, fresh] = found.try_emplace({server->name, target.port, target.span.file});
      Finding& finding = place->second;
      if (!fresh) {
        if (std::ranges::find(finding.targets, client.target) == finding.targets.end())
          finding.targets.push_back(client.target);
        if (finding.span != target.span) relate(finding, target.span);
        continue;
      }
      std::vector<std::string> ports;
      for (const std::uint32_t port : listening->ports)
        if (std::ranges::find(ports, std::to_string(port)) == ports.end())
          ports.push_back(std::to_string(port));
      finding = {.rule = rule_named("upstream-port"),
                 .message = "wrong-port",
                 .arguments = {{"service", client.name},
                               {"server", server->name},
                               {"port", std::to_string(target.port)},
                               {"right", fmt::format("{}", fmt::join(ports, ", "))}},
                 .span = target.span,
                 .symbol_kind = "service",
                 .symbol = fmt::format("{}:{}", target.host, target.port),
                 .targets = {client.target},
                 .confidence = Confidence::likely,
                 .help = "help-port"};
      if (listening->evidence.file)
        finding.related.push_back({listening->evidence, "defined-here"});
    }
  }
  for (auto& [key, finding] : found) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule upstream_port;
constinit const Rule upstream_port = declare({
    .id = "AE0681",
    .name = "upstream-port",
    .category = Category::config,
    .title_en = "port of nginx where nobody listens",
    .title_pt = "porta do nginx onde ninguém escuta",
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
