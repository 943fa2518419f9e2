#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"

#include <algorithm>
#include <array>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A health check that begins before the service can answer

A check of a service's port fails until the service listens. Without `start_period` these failures count:
after `retries` of them the container is unhealthy, a deployment that waits for health gives up, and what depends
on it with `condition: service_healthy` is not started. During `start_period` a failure does not count, and the first
success ends it.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: .
    healthcheck:
      test: ["CMD", "wget", "-q", "--spider", "http://localhost:3000/health"] # error: absent-startup-probe
-- Dockerfile --
FROM scratch
```

Silent: with `start_period`, checks that ask no port, images of others (whose start is known to be quick, or whose own
check says how long it takes), and targets that are not for production.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: .
    healthcheck:
      test: ["CMD", "wget", "-q", "--spider", "http://localhost:3000/health"]
      start_period: 30s
  api:
    build: api
    healthcheck:
      test: ["CMD", "wget", "-q", "--spider", "http://localhost:3000/health"]
  worker:
    build: .
    healthcheck:
      test: ["CMD", "test", "-f", "/tmp/alive"]
  cache:
    image: valkey/valkey:9
    healthcheck:
      test: ["CMD", "valkey-cli", "ping"]
-- compose.dev.yaml --
services:
  web:
    build: .
    healthcheck:
      test: ["CMD", "wget", "-q", "--spider", "http://localhost:3000/health"]
-- Dockerfile --
FROM scratch
-- api/Dockerfile --
FROM node:24-slim
HEALTHCHECK --interval=30s --start-period=20s CMD wget -q --spider http://localhost:3000/health
```
)";

constexpr Message messages[] = {
    {"absent",
     "the health check of \"{service}\" counts failures while it still starts: it has no "
     "`start_period`",
     "o healthcheck de \"{service}\" conta falhas enquanto ele ainda inicia: não tem "
     "`start_period`"},
    {"help", "give it a `start_period` longer than the slowest start",
     "dê a ele um `start_period` maior que a inicialização mais lenta"},
};

bool asks_a_port(const Node& test) {
  constexpr std::array<std::string_view, 5> words = {"http://", "https://", "ws://",
                                                     "localhost:", "127.0.0.1:"};
  std::string text = test.is_scalar() ? test.value() : "";
  for (const Node& item : test.items) text += item.value() + ' ';
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

// What a compose file leaves out of a health check is taken from the image's.
// Source: https://docs.docker.com/reference/compose-file/services/#healthcheck
bool image_waits(const Program& program, const Process& process) {
  const ImageBuild* build = build_of(program, process);
  const auto image = build != nullptr ? Image::of(program, *build) : std::nullopt;
  if (!image) return true; // nobody knows
  const BuildStep* step = image->last(BuildStep::Kind::health_check);
  if (step == nullptr || step->none) return false;
  const Source* source = program.sources->loaded(step->span.file);
  return source == nullptr ||
         source->bytes()
             .substr(step->span.range.begin, step->span.range.end - step->span.range.begin)
             .contains("--start-period");
}

void check(const Program& program, Findings& findings) {
  for (const Process& process : program.processes) {
    if (!process.has_healthcheck || process.healthcheck_disabled || !process.build) continue;
    const Node* healthcheck = process.node->find("healthcheck");
    if (healthcheck == nullptr || healthcheck->find("start_period") != nullptr) continue;
    const Node* test = healthcheck->find("test");
    if (test == nullptr || !asks_a_port(*test) || image_waits(program, process)) continue;
    findings.add({.rule = rule_named("absent-startup-probe"),
                  .message = "absent",
                  .arguments = {{"service", process.name}},
                  .span = healthcheck->origin.written,
                  .symbol_kind = "service",
                  .symbol = process.name,
                  .targets = {process.target},
                  .help = "help"});
  }
}

} // namespace

extern constinit const Rule absent_startup_probe;
constinit const Rule absent_startup_probe = declare({
    .id = "AE0751",
    .name = "absent-startup-probe",
    .category = Category::health,
    .title_en = "health check that begins before the service can answer",
    .title_pt = "healthcheck que começa antes de o serviço poder responder",
    .priority = {.production = Priority::p2,
                 .staging = Priority::p2,
                 .development = Priority::none,
                 .test = Priority::none,
                 .example = Priority::none,
                 .unknown = Priority::none},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
