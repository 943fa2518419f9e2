#include "base/nearest.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/image_builds.h"

#include <algorithm>
#include <map>
#include <set>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A profile that no service has

`COMPOSE_PROFILES` of the project's `.env` says which services start besides those without a profile. Compose
takes any name: of one that no service has it says nothing, and starts less than was meant.

```txtar
-- compose.prod.yaml --
services: {web: {image: "nginx:1.28"}}
-- compose.yaml --
services:
  web:
    image: nginx:1.28
  worker:
    image: ghcr.io/acme/worker:1
    profiles: [feature-complete]
-- .env --
COMPOSE_PROFILES=feature-complet # error: undefined-profile
```

Silent: profiles that some project of the folder has, all of them, none, a name that resembles no other
beside one that is there, and a file that Git ignores.

```txtar
-- compose.yaml --
services:
  worker:
    image: ghcr.io/acme/worker:1
    profiles: [worker]
-- compose.test.yaml --
services:
  mail:
    image: ghcr.io/acme/mail:1
    profiles: [mail]
-- .env --
COMPOSE_PROFILES=worker, mail,debugging
-- all/compose.yaml --
services:
  worker:
    image: ghcr.io/acme/worker:1
    profiles: [worker]
-- all/.env --
COMPOSE_PROFILES=*
-- none/compose.yaml --
services:
  worker:
    image: ghcr.io/acme/worker:1
    profiles: [worker]
-- none/.env --
COMPOSE_PROFILES=
-- own/compose.yaml --
services:
  worker:
    image: ghcr.io/acme/worker:1
    profiles: [worker]
-- own/.env --
COMPOSE_PROFILES=wroker
-- own/.gitignore --
.env
```
)";

constexpr Message messages[] = {
    {"undefined", "no service has the profile \"{name}\": COMPOSE_PROFILES starts nothing by it",
     "nenhum serviço tem o profile \"{name}\": COMPOSE_PROFILES não inicia nada com ele"},
    {"help", "services have: {known}", "os serviços têm: {known}"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
};

// The projects that read one env file, and the profiles of their services.
struct Readers {
  std::vector<TargetIndex> targets;
  std::set<std::string> profiles;
  bool known = true;
};

std::map<std::string, Readers> readers_of_env_files(const Program& program) {
  std::map<std::string, Readers> files;
  for (TargetIndex index = 0; index < program.targets.size(); ++index) {
    const Target& target = program.targets[index];
    if (target.kind != "compose") continue;
    std::vector<std::string> read = target.env_files;
    if (read.empty()) read.push_back(join_path(target.directory, ".env"));
    const bool unreadable =
        std::ranges::any_of(program.projects[index].problems, [](const ComposeProblem& problem) {
          return problem.kind == ComposeProblem::Kind::unreadable;
        });
    for (const std::string& path : read) {
      Readers& readers = files[path];
      readers.targets.push_back(index);
      readers.known = readers.known && !unreadable && !target.open_world;
      for (const Process& process : program.processes_of(index))
        readers.profiles.insert(process.profiles.begin(), process.profiles.end());
    }
  }
  return files;
}

std::vector<std::string> names_of(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    std::string name = list.substr(at, comma - at);
    at = comma + 1;
    std::erase(name, ' ');
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

void check(const Program& program, Findings& findings) {
  for (const auto& [path, readers] : readers_of_env_files(program)) {
    if (!readers.known || readers.profiles.empty() || is_sample(path) ||
        program.tree.exists(path) != Existence::file)
      continue;
    const FileId file = program.sources->find(path);
    const FileFacts* facts = file ? program.facts_of(file) : nullptr;
    if (facts == nullptr) continue;
    const EnvironmentEntry* entry = nullptr; // the last one wins
    for (const EnvironmentEntry& each : facts->environment)
      if (each.name == "COMPOSE_PROFILES") entry = &each;
    if (entry == nullptr || entry->value.has_holes()) continue;
    const std::vector<std::string> names = names_of(entry->value.value());
    const auto is_known = [&](const std::string& name) {
      return name == "*" || readers.profiles.contains(name);
    };
    const bool some = std::ranges::any_of(names, is_known);
    for (const std::string& name : names) {
      if (is_known(name)) continue;
      const std::string near = nearest(name, readers.profiles).value_or("");
      if (near.empty() && some) continue;
      std::string known;
      for (const std::string& each : readers.profiles) known += (known.empty() ? "" : ", ") + each;
      findings.add({.rule = rule_named("undefined-profile"),
                    .message = "undefined",
                    .arguments = {{"name", name}, {"near", near}, {"known", known}},
                    .span = entry->value_span,
                    .symbol_kind = "profile",
                    .symbol = name,
                    .targets = readers.targets,
                    .help = near.empty() ? "help" : "help-near"});
    }
  }
}

} // namespace

extern constinit const Rule undefined_profile;
constinit const Rule undefined_profile = declare({
    .id = "AE0111",
    .name = "undefined-profile",
    .category = Category::config,
    .title_en = "profile that no service has",
    .title_pt = "profile que nenhum serviço tem",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
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
