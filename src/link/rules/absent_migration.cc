#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"

#include "base/files.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# Migrations that are kept out of the repository

Migrations are the history of a database's schema: `prisma migrate deploy` and `manage.py migrate` apply what the repository holds, and
nothing else. When the folder is in `.gitignore`, each machine makes its own history, a pipeline has none to apply, and production's schema is whatever
somebody pushed by hand.

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM scratch
-- .gitignore --
node_modules
# error: absent-migration
prisma/migrations/
-- prisma/schema.prisma --
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
```

```txtar
-- .gitignore --
# error: absent-migration
**/migrations/
-- manage.py --
import django
-- shop/models.py --
from django.db import models
```

Silent: a database without migrations, and migrations that are there.

```txtar
-- .gitignore --
prisma/migrations/
-- prisma/schema.prisma --
datasource db {
  provider = "mongodb"
  url      = env("DATABASE_URL")
}
```

```txtar
-- .gitignore --
*.log
-- prisma/schema.prisma --
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
-- prisma/migrations/20260101000000_init/migration.sql --
SELECT 1;
```
)";

constexpr Message messages[] = {
    {"ignored",
     "the migrations of \"{schema}\" are kept out of the repository: no pipeline can apply them",
     "as migrações de \"{schema}\" ficam fora do repositório: nenhum pipeline pode aplicá-las"},
    {"schema", "the schema", "o esquema"},
    {"help",
     "take the line out of \"{ignore}\" and commit the migrations; apply them before each rollout",
     "retire a linha de \"{ignore}\" e adicione as migrações; aplique-as antes de cada rollout"},
};

// What is built of a folder above the schema, for its stages.
std::vector<TargetIndex> targets_around(const Program& program, std::string_view path) {
  std::vector<TargetIndex> targets;
  for (const ImageBuild& build : program.builds)
    if (build.context.empty() || path.starts_with(build.context + "/"))
      for (const TargetIndex target : build.targets)
        if (std::ranges::find(targets, target) == targets.end()) targets.push_back(target);
  return targets;
}

class Check {
public:
  Check(const Program& program, Findings& findings) : program_(program), findings_(findings) {}

  void run() {
    for (const FileFacts& facts : program_.facts)
      for (const DatabaseSchema& schema : facts.schemas) {
        if (schema.provider == "mongodb") continue;
        const std::string& path = program_.sources->path(facts.file);
        const std::string folder = join_path(parent_path(path), "migrations");
        look(path, folder, folder + "/20260101000000_init/migration.sql", schema.span);
      }
    bool django = false;
    for (const TreeEntry& entry : program_.tree.entries())
      if (entry.is_ours() && file_name(entry.path) == "manage.py") django = true;
    if (django)
      for (const TreeEntry& entry : program_.tree.entries())
        if (entry.is_ours() && file_name(entry.path) == "models.py") {
          const std::string folder = join_path(parent_path(entry.path), "migrations");
          look(std::string(entry.path), folder, folder + "/0001_initial.py", {});
        }
    for (auto& [place, finding] : by_line_) findings_.add(std::move(finding));
  }

private:
  void look(const std::string& schema, const std::string& folder, const std::string& example,
            const Span& span) {
    const auto reason = program_.tree.ignored(example, PathKind::file);
    if (!reason) return;
    // Some were added all the same.
    for (const TreeEntry& entry : program_.tree.under(folder))
      if (entry.path.ends_with(".sql") ||
          (entry.path.ends_with(".py") && file_name(entry.path) != "__init__.py"))
        return;
    const auto place = line(*reason);
    if (!place) return; // Git's own excludes are no file of the repository
    Finding finding{.rule = rule_named("absent-migration"),
                    .message = "ignored",
                    .arguments = {{"schema", schema}, {"ignore", reason->file}},
                    .span = *place,
                    .symbol_kind = "path",
                    .symbol = folder,
                    .targets = targets_around(program_, schema),
                    .confidence = Confidence::likely,
                    .help = "help"};
    if (span.file) finding.related.push_back({span, "schema"});
    by_line_.try_emplace(std::pair(reason->file, reason->line), std::move(finding));
  }

  std::optional<Span> line(const IgnoreRules::Reason& reason) const {
    const FileId file = program_.sources->find(reason.file);
    if (!file) return std::nullopt;
    const auto loaded = program_.sources->load(file);
    if (!loaded) return std::nullopt;
    const Source* source = *loaded;
    std::size_t begin = 0;
    for (std::uint32_t i = 1; i < reason.line; ++i) {
      begin = source->bytes().find('\n', begin);
      if (begin == std::string_view::npos) return std::nullopt;
      ++begin;
    }
    const std::size_t end = std::min(source->bytes().find('\n', begin), source->bytes().size());
    return Span{file, range_of(begin, end)};
  }

  const Program& program_;
  Findings& findings_;
  std::map<std::pair<std::string, std::uint32_t>, Finding> by_line_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule absent_migration;
constinit const Rule absent_migration = declare({
    .id = "AE0764",
    .name = "absent-migration",
    .category = Category::cicd,
    .title_en = "migrations kept out of the repository",
    .title_pt = "migrações fora do repositório",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p2,
                 .development = Priority::p2,
                 .test = Priority::none,
                 .example = Priority::none,
                 .unknown = Priority::p2},
    .effort = {1, 4},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
