#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"
#include "link/rules/support/connections.h"
#include "link/rules/support/image_builds.h"
#include "link/rules/support/step_commands.h"
#include "link/rules/support/workflows.h"

#include "knowledge/command_purposes.h"

#include <algorithm>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A dump whose failure nobody sees

In `pg_dump app | gzip > app.sql.gz` the status is that of `gzip`, which succeeds on whatever half it was given. A password that was
changed, a full disk or a lost connection makes a small, valid archive every night, the job stays green, and the older good ones are rotated
away. `set -o pipefail` in the script, or `shell: bash` of the step, makes the dump's failure the pipeline's.

```txtar
-- compose.yaml --
services:
  web:
    build: .
  db:
    image: postgres:18
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:?}
    volumes: ["data:/var/lib/postgresql"]
volumes:
  data:
-- Dockerfile --
FROM scratch
-- scripts/backup.sh --
#!/bin/bash
set -e
# error: lost-dump-failure
docker compose exec -T db pg_dump -U postgres app | gzip > "/srv/backup/app-$(date +%F).sql.gz"
find /srv/backup -mtime +7 -delete
-- .github/workflows/backup.yml --
on:
  schedule: [{cron: "0 3 * * *"}]
jobs:
  dump:
    runs-on: ubuntu-24.04
    steps:
      - run: pg_dump "$DATABASE_URL" | gzip > dump.sql.gz # error: lost-dump-failure
        env:
          DATABASE_URL: ${{ secrets.DATABASE_URL }}
```

Silent: a shell that looks at every part, a dump that writes its file itself, and a status that is looked at.

```txtar
-- scripts/nightly.sh --
#!/bin/bash
set -euo pipefail
pg_dump app | gzip > app.sql.gz
-- scripts/custom.sh --
pg_dump -Fc -f app.dump app
-- scripts/status.sh --
#!/bin/bash
pg_dump app | gzip > app.sql.gz
[ "${PIPESTATUS[0]}" -eq 0 ] || exit 1
-- scripts/list.sh --
pg_dump --schema-only app | grep "CREATE TABLE"
-- .github/workflows/backup.yml --
on:
  schedule: [{cron: "0 3 * * *"}]
jobs:
  dump:
    runs-on: ubuntu-24.04
    defaults: {run: {shell: bash}}
    steps:
      - run: pg_dump "$DATABASE_URL" | gzip > dump.sql.gz
        env:
          DATABASE_URL: ${{ secrets.DATABASE_URL }}
```
)";

constexpr Message messages[] = {
    {"pipe",
     "when `{command}` fails, `{instead}` succeeds all the same: half a dump passes for a backup",
     "quando `{command}` falha, `{instead}` termina bem mesmo assim: meio dump passa por backup"},
    {"alternative",
     "when `{command}` fails, `{instead}` hides it: nobody learns that there is no backup",
     "quando `{command}` falha, `{instead}` esconde isso: ninguém fica sabendo que não há backup"},
    {"help-script",
     "begin the script with `set -euo pipefail`, or let `pg_dump -Fc -f` and the like write the "
     "file themselves",
     "comece o script com `set -euo pipefail`, ou deixe o próprio `pg_dump -Fc -f` e similares "
     "gravar o arquivo"},
    {"help-step", "give the step `shell: bash`, which switches `pipefail` on",
     "dê ao passo `shell: bash`, que liga o `pipefail`"},
};

// Keeps whatever reaches it: what it made passes for a dump.
bool keeps(std::string_view instead) {
  const std::string_view program = instead.substr(0, instead.find(' '));
  constexpr std::string_view keepers[] = {
      "gzip", "pigz", "zstd",   "xz",  "bzip2", "pbzip2", "lz4",    "gpg",    "openssl", "age",
      "tee",  "cat",  "split",  "aws", "s3cmd", "mc",     "rclone", "gsutil", "gcloud",  "az",
      "ssh",  "7z",   "restic", "pv",  "dd",    "b2",     "gof3r",  "zip",    "sponge"};
  return std::ranges::find(keepers, program) != std::end(keepers);
}

// Targets of production that hold a database of the product.
std::vector<TargetIndex> targets_with(const Program& program, std::string_view store) {
  std::vector<TargetIndex> targets;
  for (const Process& process : program.processes) {
    if (program.targets[process.target].stage != Stage::production) continue;
    const auto server = server_access(process);
    const bool same = server && (server->product->product == store ||
                                 (store == "mysql" && server->product->product == "mariadb") ||
                                 (store == "mariadb" && server->product->product == "mysql"));
    if (same && (targets.empty() || targets.back() != process.target))
      targets.push_back(process.target);
  }
  return targets;
}

void add(Findings& findings, const std::string& command, const std::string& instead, bool pipe,
         const Span& span, std::vector<TargetIndex> targets, std::string_view help) {
  if (pipe && !keeps(instead)) return;
  findings.add({.rule = rule_named("lost-dump-failure"),
                .message = pipe ? "pipe" : "alternative",
                .arguments = {{"command", command}, {"instead", instead}},
                .span = span,
                .symbol_kind = "command",
                .symbol = command,
                .targets = std::move(targets),
                .confidence = Confidence::likely,
                .help = help});
}

void check(const Program& program, Findings& findings) {
  for (const FileFacts& facts : program.facts)
    for (const LostDump& dump : facts.lost_dumps)
      if (!is_sample(program.sources->path(facts.file)))
        add(findings, dump.command, dump.instead, dump.pipe, dump.span,
            targets_with(program, dump.store), "help-script");
  const Workflows workflows(program);
  for (const Workflow* workflow : workflows.all())
    for (const WorkflowJob& job : workflow->jobs)
      for (const WorkflowStep& step : job.steps)
        for (const StepFailure& failure : lost_failures_of(*workflow, job, step))
          if (failure.purpose == "dump")
            add(findings, shell::shown(knowledge::without_wrappers(failure.lost.words)),
                shell::shown(failure.lost.instead),
                failure.lost.how == shell::LostFailure::How::pipe, failure.span,
                workflows.targets_of(workflow->file), "help-step");
  for (const Process& process : program.processes)
    for (const std::string_view key : {"command", "entrypoint"}) {
      const auto command = command_of(process, key);
      if (!command || !command->known) continue;
      // The text that a shell is given: the line, or what stands behind `sh -c`.
      std::string line = command->line.text;
      if (!command->shell) {
        if (command->words.size() < 3 || command->words[1].text != "-c") continue;
        line = command->words[2].text;
      }
      for (const shell::LostFailure& lost : shell::lost_failures(line, false))
        if (knowledge::purpose_of(lost.words) == "dump")
          add(findings, shell::shown(knowledge::without_wrappers(lost.words)),
              shell::shown(lost.instead), lost.how == shell::LostFailure::How::pipe, command->span,
              {process.target}, "help-script");
    }
}

} // namespace

extern constinit const Rule lost_dump_failure;
constinit const Rule lost_dump_failure = declare({
    .id = "AE0752",
    .name = "lost-dump-failure",
    .category = Category::backup,
    .title_en = "dump of a database whose failure nobody sees",
    .title_pt = "dump de banco cuja falha ninguém vê",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p2,
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
