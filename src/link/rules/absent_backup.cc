#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/connections.h"
#include "link/rules/support/given_values.h"

#include "base/files.h"
#include "config/match.h"
#include "knowledge/shapes.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A production database that nothing backs up

A target that is started for production keeps a database on a volume of one machine, and nothing in
the repository copies it: no dump tool, no backup program or image, no managed backup, no schedule.
A volume survives a restart, not a broken disk, a dropped table or `docker compose down -v`. What has
never been copied can be neither kept for a time nor restored, so this one finding stands for schedule,
copy elsewhere, retention and restore drill.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: .
    depends_on: [db]
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
    volumes: ["data:/var/lib/postgresql"] # error: absent-backup
volumes:
  data:
-- Dockerfile --
FROM scratch
-- README.md --
To save the data by hand: `docker compose exec db pg_dump -U postgres > dump.sql`
```

Reported only where the repository builds what uses the database: who publishes a compose file for
others to run does not know how they make backups.

Silent: a service, script, workflow, manifest or Terraform file that names a tool for it; a document that
says how it is scheduled; stores of things that can be made again; development and tests.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: .
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
    volumes: ["data:/var/lib/postgresql"]
  cache:
    image: redis:8
    volumes: ["cache:/data"]
volumes:
  data:
  cache:
-- Dockerfile --
FROM scratch
-- scripts/nightly.sh --
docker compose exec -T db pg_dump -U postgres -Fc app > /srv/app.dump
```

`aetheld serve` makes backups by its own schedule:

```txtar
-- compose.prod.yaml --
services:
  web:
    build: .
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
    volumes: ["data:/var/lib/postgresql"]
  aetheld:
    image: registry.acme.io/aetheld:0.1.0
    command: [aetheld, serve]
volumes:
  data:
-- Dockerfile --
FROM scratch
```
)";

constexpr Message messages[] = {
    {"absent",
     "nothing backs up the database \"{service}\": no schedule, no copy elsewhere, no restore was "
     "ever tried",
     "nada faz backup do banco \"{service}\": não há agendamento, cópia em outro lugar nem "
     "restauração já testada"},
    {"help",
     "`aethel generate` writes scheduled backups with restore drills; or declare under externs in "
     "aethel.yaml who makes them",
     "`aethel generate` escreve backups agendados com testes de restauração; ou declare em externs "
     "no aethel.yaml quem os faz"},
};

constexpr std::array<std::string_view, 4> databases = {"postgresql", "mysql", "mariadb", "mongodb"};

// What is written in it stays, and on this machine alone.
const Mount* lasting_mount(const Process& process) {
  for (const Mount& mount : process.mounts) {
    if (mount.read_only || (mount.type != Mount::Type::volume && mount.type != Mount::Type::bind))
      continue;
    if (mount.target.starts_with("/docker-entrypoint-initdb.d") ||
        mount.target.starts_with("/etc/"))
      continue;
    if (mount.type == Mount::Type::bind && file_name(mount.target).contains('.')) continue;
    return &mount;
  }
  return nullptr;
}

bool speaks_of_backup(std::string_view text) {
  return knowledge::lower(text).find("backup") != std::string::npos;
}

// A file whose name says that it is one: scripts/backup-db.sh, backup.timer.
bool has_backup_file(const Program& program) {
  constexpr std::array<std::string_view, 10> kinds = {
      ".sh", ".bash", ".py", ".rb", ".pl", ".ps1", ".yml", ".yaml", ".service", ".timer"};
  return std::ranges::any_of(program.tree.entries(), [&](const TreeEntry& entry) {
    const std::string_view name = file_name(entry.path);
    return entry.is_ours() && name.size() > 6 && speaks_of_backup(name) &&
           (name.find('.') == std::string_view::npos ||
            std::ranges::any_of(kinds,
                                [&](std::string_view kind) { return name.ends_with(kind); }));
  });
}

bool copies(std::string_view store, std::string_view product) {
  return store == "*" || store == product || (store == "mysql" && product == "mariadb") ||
         (store == "mariadb" && product == "mysql");
}

bool is_backed_up(const Program& program, std::string_view product) {
  return std::ranges::any_of(program.facts, [&](const FileFacts& facts) {
    return std::ranges::any_of(facts.backups,
                               [&](const BackupUse& use) { return copies(use.store, product); });
  });
}

bool has_backup_service(const Program& program, TargetIndex target) {
  return std::ranges::any_of(program.processes_of(target), [](const Process& process) {
    return speaks_of_backup(process.name) ||
           (process.image && speaks_of_backup(process.image->value()));
  });
}

bool builds_something(const Program& program, TargetIndex target) {
  return std::ranges::any_of(program.processes_of(target),
                             [](const Process& process) { return process.build.has_value(); });
}

bool is_declared(const Program& program, const Process& process) {
  return find_extern(program.config, {.kind = "backup", .name = process.name, .path = {}}) !=
         nullptr;
}

void check(const Program& program, Findings& findings) {
  std::optional<bool> file; // asked of every file of the repository, so only when it matters
  // The same database in several targets is one thing to back up.
  std::map<std::string, Finding, std::less<>> by_service;
  for (const Process& process : program.processes) {
    const Target& target = program.targets[process.target];
    if (target.stage != Stage::production || target.open_world) continue;
    const auto server = server_access(process);
    if (!server || std::ranges::find(databases, server->product->product) == databases.end())
      continue;
    const Mount* mount = lasting_mount(process);
    if (mount == nullptr || !builds_something(program, process.target) ||
        has_backup_service(program, process.target) ||
        is_backed_up(program, server->product->product) || is_declared(program, process))
      continue;
    if (!file) file = has_backup_file(program);
    if (*file) continue;
    Finding finding{.rule = rule_named("absent-backup"),
                    .message = "absent",
                    .arguments = {{"service", process.name}},
                    .span = mount->origin.written,
                    .symbol_kind = "service",
                    .symbol = process.name,
                    .targets = {process.target},
                    .confidence = Confidence::likely,
                    .help = "help",
                    .fix = Fix::generate};
    const auto [place, first] = by_service.try_emplace(process.name, finding);
    if (first) continue;
    place->second.targets.push_back(process.target);
    relate(place->second, mount->origin.written);
  }
  for (auto& [name, finding] : by_service) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule absent_backup;
constinit const Rule absent_backup = declare({
    .id = "AE0750",
    .name = "absent-backup",
    .category = Category::backup,
    .title_en = "production database that nothing backs up",
    .title_pt = "banco de produção de que nada faz backup",
    .priority = {.production = Priority::p1,
                 .staging = Priority::none,
                 .development = Priority::none,
                 .test = Priority::none,
                 .example = Priority::none,
                 .unknown = Priority::none},
    .effort = {8, 16},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
