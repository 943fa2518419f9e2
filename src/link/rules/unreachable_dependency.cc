#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"

#include "knowledge/healthchecks.h"

#include <algorithm>
#include <map>
#include <set>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A dependency that can never be met

`depends_on` waits for something that cannot happen: services that wait for each other, a
`service_healthy` condition on a service without a healthcheck, or a service of a profile
that is not active when its dependent starts. Compose refuses the project, or waits forever.

```txtar
-- compose.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    depends_on:
      api: # error: unreachable-dependency
        condition: service_started
      db: # error: unreachable-dependency
        condition: service_healthy
      mailhog: # error: unreachable-dependency
        condition: service_started
  api:
    image: ghcr.io/acme/api:1
    depends_on: [web]
  db:
    image: postgres:18
  report:
    image: ghcr.io/acme/report:1
    depends_on:
      db: {condition: service_healthy} # the same cause: named above
  mailhog:
    image: axllent/mailpit:v1.27
    profiles: [debug]
```

Silent: a healthcheck in the file, in the Dockerfile or perhaps in an image that we do not
know; a dependent of the same profile; an optional dependency.

```txtar
-- compose.yaml --
services:
  web:
    image: ghcr.io/acme/web:1
    depends_on:
      db:
        condition: service_healthy
      api:
        condition: service_healthy
      other:
        condition: service_healthy
      tracing:
        condition: service_started
        required: false
  db:
    image: postgres:18
    healthcheck:
      test: pg_isready -U postgres
  api:
    build: .
  other:
    image: ghcr.io/acme/with-healthcheck:1
  tracing:
    image: jaegertracing/jaeger:2.10.0
    profiles: [tracing]
  console:
    image: ghcr.io/acme/console:1
    profiles: [tracing, debug]
    depends_on: [tracing]
-- Dockerfile --
FROM alpine:3.22
HEALTHCHECK CMD wget -q -O- http://localhost/ || exit 1
```
)";

constexpr Message messages[] = {
    {"cycle", "services wait for each other: {path}", "serviços esperam um pelo outro: {path}"},
    {"unhealthy",
     "service \"{service}\" waits until \"{dependency}\" is healthy, and nothing checks its health",
     "o serviço \"{service}\" espera que \"{dependency}\" fique saudável, e nada verifica sua "
     "saúde"},
    {"profile",
     "service \"{service}\" needs \"{dependency}\", which starts only with profile \"{profile}\"",
     "o serviço \"{service}\" precisa de \"{dependency}\", que só inicia com o perfil "
     "\"{profile}\""},
    {"help-cycle", "remove one of the dependencies", "remova uma das dependências"},
    {"help-unhealthy", "give \"{dependency}\" a `healthcheck`, or wait for `service_started`",
     "dê um `healthcheck` a \"{dependency}\", ou espere por `service_started`"},
    {"help-profile", "put both into the same profile, or say `required: false`",
     "coloque ambos no mesmo perfil, ou diga `required: false`"},
};

Finding finding(const Process& process, const Dependency& dependency, std::string_view message,
                std::string_view help) {
  return {.rule = rule_named("unreachable-dependency"),
          .message = message,
          .arguments = {{"service", process.name}, {"dependency", dependency.service}},
          .span = dependency.origin.written,
          .symbol_kind = "service",
          .symbol = dependency.service,
          .targets = {process.target},
          .help = help};
}

// Whether something checks the health; yes when it cannot be known.
bool may_be_healthy(const Program& program, const Process& process, Confidence& confidence) {
  if (process.healthcheck_disabled) return false;
  if (process.has_healthcheck) return true;
  if (process.node->find("healthcheck") != nullptr) return true; // parts of one that the image has
  if (process.build) {
    if (process.build->remote || process.build->inline_dockerfile) return true;
    const FileId file = program.sources->find(process.build->dockerfile_path);
    const FileFacts* facts = file ? program.facts_of(file) : nullptr;
    if (facts == nullptr || facts->stages.empty()) return true;
    confidence = Confidence::likely;
    for (const BuildStage& stage : facts->stages)
      if (stage.has_healthcheck || !stage.base_known) return true;
    // The base of a stage is another stage, or an image that may bring its own check.
    return std::ranges::any_of(facts->stages, [&](const BuildStage& stage) {
      const bool is_stage = std::ranges::any_of(facts->stages, [&](const BuildStage& other) {
        return !other.name.empty() && other.name == stage.base;
      });
      return !is_stage && !is_known_without_healthcheck(stage.base);
    });
  }
  confidence = Confidence::likely;
  return !process.image || process.image->has_holes() ||
         !is_known_without_healthcheck(process.image->value());
}

// The profile that hides `dependency` from `process`, if one does.
const std::string* hiding_profile(const Program& program, const Process& process,
                                  const Process& dependency) {
  // Who names the one profile may name the other; without any, the dependency is never there.
  if (dependency.profiles.empty() || !process.profiles.empty()) return nullptr;
  const Target& target = program.targets[process.target];
  for (const std::string& profile : dependency.profiles) {
    if (std::ranges::find(target.profiles, profile) != target.profiles.end()) return nullptr;
  }
  for (const FileFacts& facts : program.facts) {
    const std::string& path = program.sources->path(facts.file);
    if (parent_path(path) != target.directory || file_name(path) != ".env") continue;
    for (const EnvironmentEntry& entry : facts.environment)
      if (entry.name == "COMPOSE_PROFILES") return nullptr;
  }
  return &dependency.profiles.front();
}

// A cycle is reported once, at the dependency of its first service in the order of the file.
void cycles(std::span<const Process> processes, Findings& findings) {
  std::map<std::string, const Process*> by_name;
  for (const Process& process : processes) by_name[process.name] = &process;
  std::map<std::string, int> state; // 1: on the path, 2: done
  struct Step {
    const Process* process;
    std::size_t next;
  };
  for (const Process& start : processes) {
    if (state[start.name] != 0) continue;
    std::vector<Step> path = {{&start, 0}};
    state[start.name] = 1;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == step.process->depends_on.size()) {
        state[step.process->name] = 2;
        path.pop_back();
        continue;
      }
      const Dependency& dependency = step.process->depends_on[step.next++];
      const auto found = by_name.find(dependency.service);
      if (found == by_name.end()) continue;
      int& mark = state[dependency.service];
      if (mark == 0) {
        mark = 1;
        path.push_back({found->second, 0});
        continue;
      }
      if (mark != 1) continue;
      std::size_t first = 0;
      while (path[first].process->name != dependency.service) ++first;
      std::string words;
      for (std::size_t i = first; i < path.size(); ++i) words += path[i].process->name + " -> ";
      words += dependency.service;
      const Process& head = *path[first].process;
      const std::string& second =
          first + 1 < path.size() ? path[first + 1].process->name : dependency.service;
      for (const Dependency& edge : head.depends_on) {
        if (edge.service != second) continue;
        Finding found_cycle = finding(head, edge, "cycle", "help-cycle");
        found_cycle.arguments.emplace_back("path", words);
        findings.add(std::move(found_cycle));
        break;
      }
    }
  }
}

void check(const Program& program, Findings& findings) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target) {
    const auto processes = program.processes_of(target);
    cycles(processes, findings);
    std::map<std::string, Finding> unchecked; // one cause, however many wait for it
    for (const Process& process : processes)
      for (const Dependency& dependency : process.depends_on) {
        const Process* other = program.process(target, dependency.service);
        if (other == nullptr || !dependency.required) continue;
        if (const std::string* profile = hiding_profile(program, process, *other)) {
          Finding hidden = finding(process, dependency, "profile", "help-profile");
          hidden.arguments.emplace_back("profile", *profile);
          findings.add(std::move(hidden));
          continue;
        }
        Confidence confidence = Confidence::certain;
        if (dependency.condition == Dependency::Condition::healthy &&
            !may_be_healthy(program, *other, confidence)) {
          Finding unhealthy = finding(process, dependency, "unhealthy", "help-unhealthy");
          const auto [place, fresh] = unchecked.try_emplace(other->name, unhealthy);
          if (!fresh) {
            relate(place->second, dependency.origin.written);
            continue;
          }
          place->second.confidence = confidence;
          place->second.related.push_back({other->origin.written, "defined-here"});
        }
      }
    for (auto& [name, finding] : unchecked) findings.add(std::move(finding));
  }
}

} // namespace

extern constinit const Rule unreachable_dependency;
constinit const Rule unreachable_dependency = declare({
    .id = "AE0201",
    .name = "unreachable-dependency",
    .category = Category::health,
    .title_en = "dependency that can never be met",
    .title_pt = "dependência que nunca pode ser atendida",
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
