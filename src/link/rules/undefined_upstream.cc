#include "link/finding.h"
#include "link/network.h"
#include "link/nginx.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A host of nginx that nobody has

nginx passes requests to a host that no service of its compose project is called. A name that
stands in `proxy_pass` or `upstream` is looked up when nginx starts: without it nginx stops with
"host not found in upstream", and with it every site that it serves. A name in a variable is looked
up when a request comes, which then gets 502.

```txtar
-- compose.prod.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
    networks: [front]
  web:
    image: ghcr.io/acme/web:1
    networks: [front]
  api:
    image: ghcr.io/acme/api:1
    networks: [back]
networks:
  front:
  back:
-- nginx.conf --
events {}
http {
  upstream site {
    server frontend:3000; # error: undefined-upstream
  }
  server {
    listen 80;
    location / { proxy_pass http://site; }
    location /api/ { proxy_pass http://api:8080; } # error: undefined-upstream
    location /docs/ { proxy_pass http://localhost:4000; } # error: undefined-upstream
    location /chat/ {
      resolver 127.0.0.11;
      set $chat chat:3001; # error: undefined-upstream
      proxy_pass http://$chat;
    }
  }
}
```

A template gets its names from the environment:

```txtar
-- compose.yaml --
services:
  proxy:
    image: nginx:1.28
    environment:
      API_HOST: backend
    volumes:
      - ./templates:/etc/nginx/templates:ro
  api:
    image: ghcr.io/acme/api:1
-- templates/default.conf.template --
server {
  listen 80;
  location / {
    proxy_pass http://${API_HOST}:8080; # error: undefined-upstream
  }
}
```

Silent: a name that is looked up late, of a service that another project of the repository adds.

```txtar
-- compose.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
-- compose.extras.yaml --
services:
  pgadmin:
    image: dpage/pgadmin4:9
-- site.conf --
server {
  listen 80;
  resolver 127.0.0.11;
  location /pgadmin/ {
    set $pgadmin pgadmin;
    proxy_pass http://$pgadmin:80;
  }
}
```

Or one of a project that joins the network from outside.

```txtar
-- proxy/compose.yaml --
services:
  proxy:
    image: nginx:1.28
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    networks: [shop]
networks:
  shop: {name: shop}
-- proxy/site.conf --
server { listen 80; location / { proxy_pass http://backend:8000; } }
-- backend/compose.yaml --
services:
  backend:
    image: ghcr.io/acme/backend:1
    networks: [shop]
networks:
  shop: {external: true}
```

Silent: services by name, alias or container name, hosts of the world and of the machine, names that
only a variable without value tells, external networks, nginx in the network of its host.

```txtar
-- compose.yaml --
services:
  proxy:
    image: nginx:1.28
    environment:
      DOCS_HOST: ${DOCS_HOST}
    extra_hosts: ["machine:host-gateway"]
    volumes:
      - ./nginx:/etc/nginx/templates:ro
  web:
    image: ghcr.io/acme/web:1
    container_name: acme_web
    networks:
      default:
        aliases: [site]
-- nginx/default.conf.template --
upstream web_servers { server web:3000; server acme_web:3000; server 10.0.0.7; }
server {
  listen 80;
  listen 8080;
  location / { proxy_pass http://web_servers; }
  location /a { proxy_pass http://site:3000; }
  location /b { proxy_pass https://api.acme.dev; }
  location /c { proxy_pass http://machine:9000; }
  location /d { proxy_pass http://${DOCS_HOST}:80; }
  location /e { proxy_pass http://$http_x_backend; }
  location /f { proxy_pass http://127.0.0.1:8080; }
  location /g { fastcgi_pass unix:/run/php.sock; }
}
-- edge/compose.yaml --
services:
  edge:
    image: nginx:1.28
    volumes: ["./edge.conf:/etc/nginx/conf.d/default.conf:ro"]
    networks: [shared]
  host:
    image: nginx:1.28
    network_mode: host
    volumes: ["./host.conf:/etc/nginx/conf.d/default.conf:ro"]
networks:
  shared: {external: true}
-- edge/host.conf --
server {
  listen 80;
  location /x { proxy_pass http://localhost:3000; }
}
-- edge/edge.conf --
server {
  listen 80;
  location / { proxy_pass http://elsewhere:3000; }
}
```
)";

constexpr Message messages[] = {
    {"no-host-at-start",
     "nginx of service \"{service}\" passes requests to \"{host}\", and no service of the project "
     "has that name: nginx does not start",
     "o nginx do serviço \"{service}\" encaminha para \"{host}\", e nenhum serviço do projeto tem "
     "esse nome: o nginx não inicia"},
    {"no-host",
     "nginx of service \"{service}\" passes requests to \"{host}\", and no service of the project "
     "has that name",
     "o nginx do serviço \"{service}\" encaminha para \"{host}\", e nenhum serviço do projeto tem "
     "esse nome"},
    {"no-network",
     "nginx of service \"{service}\" passes requests to \"{host}\", and the two share no network",
     "o nginx do serviço \"{service}\" encaminha para \"{host}\", e os dois não compartilham rede"},
    {"itself",
     "nginx of service \"{service}\" passes requests to \"{host}:{port}\", which is its own "
     "container: nothing listens there",
     "o nginx do serviço \"{service}\" encaminha para \"{host}:{port}\", que é o seu próprio "
     "contêiner: nada escuta ali"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help-host",
     "name a service of the project, or declare the host under externs (kind service) in "
     "aethel.yaml",
     "indique um serviço do projeto, ou declare o host em externs (kind service) no aethel.yaml"},
    {"help-network", "put both on one network", "coloque ambos em uma mesma rede"},
    {"help-itself", "name the service; containers share no localhost",
     "indique o serviço; contêineres não compartilham localhost"},
};

struct Place {
  const Nginx* nginx;
  const NginxTarget* target;
};

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// Another container may live in the network of this one.
bool shares_its_network(const Program& program, const Process& process) {
  for (const Process& other : program.processes_of(process.target))
    if (const Node* mode = other.node->find("network_mode");
        mode != nullptr && mode->is_scalar() &&
        (mode->value() == "service:" + process.name || mode->value().starts_with("container:")))
      return true;
  return false;
}

void check_loopback(const Program& program, const Nginx& nginx,
                    const std::vector<NginxTarget>& targets, std::vector<Finding>& found) {
  const Process& process = *nginx.process;
  if (!nginx.alone || !nginx.complete || has_network_mode(process) ||
      shares_its_network(program, process))
    return;
  const std::vector<NginxListen> listens = nginx_listens(nginx);
  for (const NginxTarget& target : targets) {
    if (!is_loopback(target.host) || target.port == 0) continue;
    if (std::ranges::any_of(listens,
                            [&](const NginxListen& each) { return each.port == target.port; }))
      continue;
    found.push_back({.rule = rule_named("undefined-upstream"),
                     .message = "itself",
                     .arguments = {{"service", process.name},
                                   {"host", target.host},
                                   {"port", std::to_string(target.port)}},
                     .span = target.span,
                     .symbol_kind = "service",
                     .symbol = target.host + ":" + std::to_string(target.port),
                     .targets = {process.target},
                     .help = "help-itself"});
  }
}

bool is_elsewhere(const Program& program, const Reference& reference) {
  return std::ranges::any_of(program.processes, [&](const Process& process) {
    return process.target != reference.target &&
           std::ranges::find(process.aliases, reference.name) != process.aliases.end();
  });
}

void check(const Program& program, Findings& findings) {
  std::vector<Finding> found;
  std::map<std::pair<FileId, std::uint32_t>, Place> places;
  std::vector<std::vector<NginxTarget>> targets;
  targets.reserve(program.nginx.size());
  for (const Nginx& nginx : program.nginx) {
    targets.push_back(nginx_targets(nginx));
    for (const NginxTarget& each : targets.back())
      places.try_emplace({each.span.file, each.span.range.begin}, Place{&nginx, &each});
    check_loopback(program, nginx, targets.back(), found);
  }
  for (const Reference& reference : program.references) {
    if (reference.role != "upstream" || reference.state != OutcomeState::undefined) continue;
    const Span& span = reference.origin.written;
    const auto place = places.find({span.file, span.range.begin});
    if (place == places.end()) continue;
    const NginxTarget& target = *place->second.target;
    // Looked up late so that it may be absent: another project of the repository has it.
    if (!target.at_start && reference.detail != "no-network" && is_elsewhere(program, reference))
      continue;
    const bool loose = place->second.nginx->directives[target.directive].loose;
    Finding finding{.rule = rule_named("undefined-upstream"),
                    .message = target.at_start && !loose ? "no-host-at-start" : "no-host",
                    .arguments = {{"service", reference.process},
                                  {"host", reference.name},
                                  {"near", reference.detail}},
                    .span = span,
                    .symbol_kind = "service",
                    .symbol = reference.name,
                    .targets = {reference.target},
                    .confidence = loose ? Confidence::likely : Confidence::certain,
                    // Looked up when a request comes: all others are served.
                    .at_best = target.at_start ? Priority::p0 : Priority::p1,
                    .help = reference.detail.empty() ? "help-host" : "help-near"};
    if (reference.detail == "no-network") {
      finding.message = "no-network";
      finding.help = "help-network";
    }
    if (reference.evidence.file) finding.related.push_back({reference.evidence, "defined-here"});
    found.push_back(std::move(finding));
  }
  // One finding a name that is missing and the file that asks for it.
  std::map<std::tuple<std::string, FileId, std::string_view>, Finding> merged;
  for (Finding& finding : found) {
    const auto [place, fresh] =
        merged.try_emplace({finding.symbol, finding.span.file, finding.message}, finding);
    if (fresh) continue;
    Finding& first = place->second;
    if (std::ranges::find(first.targets, finding.targets.front()) == first.targets.end())
      first.targets.push_back(finding.targets.front());
    if (first.span != finding.span) relate(first, finding.span);
  }
  for (auto& [key, finding] : merged) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule undefined_upstream;
constinit const Rule undefined_upstream = declare({
    .id = "AE0680",
    .name = "undefined-upstream",
    .category = Category::config,
    .title_en = "host of nginx that nobody has",
    .title_pt = "host do nginx que ninguém tem",
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
