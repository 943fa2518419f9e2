#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/listening.h"

#include <algorithm>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A server that only its own container reaches

127.0.0.1 inside a container is the container itself: a port that is published, and the name of the service
in its networks, lead to another address. Several servers listen on the loopback unless they are told
otherwise.

```txtar
-- compose.yaml --
services:
  api:
    build: .
    ports: ["8000:8000"]
  admin:
    build: .
    command: flask run --host 127.0.0.1 --port 5000 # error: loopback-listener
    ports: ["5000:5000"]
-- Dockerfile --
FROM python:3.14
WORKDIR /app
# error: loopback-listener
CMD ["uvicorn", "main:app", "--port", "8000"]
```

Silent: all addresses, a variable that says so, nothing that is published, the network of the host.

```txtar
-- compose.yaml --
services:
  api:
    build: .
    command: uvicorn main:app --host 0.0.0.0 --port 8000
    ports: ["8000:8000"]
  socket:
    build: .
    command: uvicorn main:app --uds /run/api.sock
    ports: ["8000:8000"]
  flask:
    build: .
    command: flask run
    environment: {FLASK_RUN_HOST: 0.0.0.0}
    ports: ["5000:5000"]
  inner:
    build: .
    command: uvicorn main:app
  host:
    build: .
    command: uvicorn main:app
    network_mode: host
  bound:
    build: .
    command: gunicorn -b :8000 app:app
    ports: ["8000:8000"]
  next:
    build: .
    command: next start
    environment: {HOSTNAME: localhost}
    ports: ["3000:3000"]
  dotenv:
    build: site
    command: flask run
    ports: ["5000:5000"]
-- Dockerfile --
FROM python:3.14
-- site/Dockerfile --
FROM python:3.14
WORKDIR /site
COPY . .
-- site/.flaskenv --
FLASK_RUN_HOST=0.0.0.0
```
)";

constexpr Message messages[] = {
    {"loopback",
     "`{program}` of service \"{service}\" listens on the loopback of its container: the published "
     "port {port} leads nowhere",
     "`{program}` do serviço \"{service}\" escuta no loopback do contêiner: a porta publicada "
     "{port} "
     "não leva a nada"},
    {"published-here", "published here", "publicada aqui"},
    {"help", "let it listen on 0.0.0.0", "faça-o escutar em 0.0.0.0"},
};

void check(const Program& program, Findings& findings) {
  std::vector<Finding> found;
  for (const Process& process : program.processes) {
    if (process.ports.empty() || process.node->find("network_mode") != nullptr) continue;
    std::optional<Image> image;
    if (process.build) {
      const ImageBuild* build = build_of(program, process);
      if (build == nullptr) continue;
      image = Image::of(program, *build);
      if (!image) continue;
    }
    const Listeners listeners = listeners_of(program, process, image ? &*image : nullptr);
    if (!listeners.complete) continue;
    for (const Listening& each : listeners.all) {
      if (!each.loopback) continue;
      const auto port = std::ranges::find(process.ports, each.port, &Port::target);
      if (port == process.ports.end()) continue;
      const auto same = std::ranges::find_if(
          found, [&](const Finding& other) { return other.span == each.span; });
      if (same != found.end()) {
        same->targets.push_back(process.target);
        continue;
      }
      Finding finding{.rule = rule_named("loopback-listener"),
                      .message = "loopback",
                      .arguments = {{"program", each.program},
                                    {"service", process.name},
                                    {"port", std::to_string(each.port)}},
                      .span = each.span,
                      .symbol_kind = "port",
                      .symbol = std::to_string(each.port),
                      .targets = {process.target},
                      .help = "help"};
      finding.related.push_back({port->origin.written, "published-here"});
      found.push_back(std::move(finding));
    }
  }
  for (Finding& finding : found) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule loopback_listener;
constinit const Rule loopback_listener = declare({
    .id = "AE0704",
    .name = "loopback-listener",
    .category = Category::health,
    .title_en = "server that only its own container reaches",
    .title_pt = "servidor que só o próprio contêiner alcança",
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
