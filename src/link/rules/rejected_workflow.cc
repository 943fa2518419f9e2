#include "link/rule.h"

#include "knowledge/cron.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflows.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A workflow that GitHub refuses

GitHub checks the whole file against its schema before it starts anything. One key that it does not
know, one value of the wrong type, and no job of the file runs; on a push nobody is told but by a
failed run without jobs. The schema is GitHub's own.

```txtar
-- .github/workflows/ci.yml --
name: CI
on:
  push:
    branch: [main] # error: rejected-workflow
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: soon # error: rejected-workflow
    steps:
      - run: make
        shel: bash # error: rejected-workflow
      - name: neither an action nor a command # error: rejected-workflow
  test: # error: rejected-workflow
    steps:
      - run: make test
  publish:
    runs-on: ubuntu-24.04
    permissions:
      contents: admin # error: rejected-workflow
    steps:
      - id: 1st # error: rejected-workflow
        uses: actions/checkout # error: rejected-workflow
```

Filters of one kind exclude each other, a choice needs options, a schedule five fields.

```txtar
-- .github/workflows/ci.yml --
on:
  push:
    branches: [main]
    branches-ignore: [wip] # error: rejected-workflow
  schedule:
    - cron: '0 25 * * *' # error: rejected-workflow
  workflow_dispatch:
    inputs:
      where: # error: rejected-workflow
        type: choice
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: make
```

Anchors are supported, merging is not; names of jobs and steps are compared without regard to case.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - &checkout
        uses: actions/checkout@v4
      - <<: *checkout # error: rejected-workflow
        id: second
      - id: report
        run: make report
      - id: Report # error: rejected-workflow
        run: make report
```

A workflow that calls others is refused with them: loops, more than ten levels, and permissions that the
called workflow asks for and the caller does not grant. The runner refuses an action of which a `run` has no
`shell`, when a job uses it.

```txtar
-- .github/workflows/release.yml --
on: push
permissions: {}
jobs:
  publish:
    uses: ./.github/workflows/publish.yml # error: rejected-workflow
  granted:
    permissions: {contents: write, packages: write}
    uses: ./.github/workflows/publish.yml
  own:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/own
-- .github/workflows/publish.yml --
on: workflow_call
jobs:
  publish:
    runs-on: ubuntu-24.04
    permissions:
      contents: write
      packages: write
    steps:
      - run: make publish
-- .github/workflows/one.yml --
on: workflow_call
jobs:
  two:
    uses: ./.github/workflows/two.yml # error: rejected-workflow
-- .github/workflows/two.yml --
on: workflow_call
jobs:
  one:
    uses: ./.github/workflows/one.yml # error: rejected-workflow
-- .github/actions/own/action.yml --
name: own
description: builds
runs:
  using: composite
  steps:
    - run: make # error: rejected-workflow
    - uses: ./.github/actions/own # error: rejected-workflow
```

Silent: a default that only the settings of the repository know, permissions that are handed on.

```txtar
-- .github/workflows/release.yml --
on: push
jobs:
  publish:
    uses: ./.github/workflows/publish.yml
-- .github/workflows/nightly.yml --
on: {schedule: [{cron: '0 3 * * *'}]}
permissions: write-all
jobs:
  publish:
    uses: ./.github/workflows/publish.yml
  also:
    permissions: {contents: write, id-token: write, issues: read}
    uses: ./.github/workflows/publish.yml
-- .github/workflows/publish.yml --
on: workflow_call
permissions:
  contents: read
jobs:
  publish:
    runs-on: ubuntu-24.04
    permissions: {contents: write, id-token: write}
    steps:
      - run: make publish
```

Silent: everything that GitHub accepts.

```txtar
-- .github/workflows/ci.yml --
on:
  push:
  pull_request:
    types: [opened, closed]
  schedule:
    - cron: '*/15 0-5,22 * JAN-JUN MON'
  workflow_dispatch:
    inputs:
      level: {type: choice, options: [a, b], default: a}
env: {DEBUG: 1, NOTHING: }
jobs:
  build:
    runs-on: [self-hosted, "${{ matrix.os }}"]
    continue-on-error: ${{ matrix.os == 'linux' }}
    strategy:
      fail-fast: false
      matrix:
        os: [linux]
        include: [{os: mac, extra: 1}]
    steps:
      - &checkout
        uses: actions/checkout@v4
      - uses: ./.github/actions/own
      - uses: docker://alpine:3.22
      - run: make
        if: always()
  again:
    runs-on: ubuntu-24.04
    steps:
      - *checkout
```
)";

constexpr Message messages[] = {
    {"unexpected-key", "GitHub refuses this file: it knows no key \"{name}\" in \"{where}\"",
     "o GitHub recusa este arquivo: não conhece a chave \"{name}\" em \"{where}\""},
    {"unexpected-top-key", "GitHub refuses this file: it knows no top-level key \"{name}\"",
     "o GitHub recusa este arquivo: não conhece a chave de topo \"{name}\""},
    {"unexpected-value", "GitHub refuses this file: \"{name}\" is no value of \"{where}\"",
     "o GitHub recusa este arquivo: \"{name}\" não é um valor de \"{where}\""},
    {"empty-value", "GitHub refuses this file: \"{where}\" is empty",
     "o GitHub recusa este arquivo: \"{where}\" está vazio"},
    {"sequence", "GitHub refuses this file: \"{where}\" may not be a list",
     "o GitHub recusa este arquivo: \"{where}\" não pode ser uma lista"},
    {"mapping", "GitHub refuses this file: \"{where}\" may not be a mapping",
     "o GitHub recusa este arquivo: \"{where}\" não pode ser um mapeamento"},
    {"missing-key", "GitHub refuses this file: \"{where}\" lacks \"{name}\"",
     "o GitHub recusa este arquivo: falta \"{name}\" em \"{where}\""},
    {"missing-top-key", "GitHub refuses this file: it lacks \"{name}\"",
     "o GitHub recusa este arquivo: falta \"{name}\""},
    {"no-kind", "GitHub refuses this file: \"{where}\" needs one of {name}",
     "o GitHub recusa este arquivo: \"{where}\" precisa de um de {name}"},
    {"duplicate-key", "GitHub refuses this file: \"{name}\" is already defined in \"{where}\"",
     "o GitHub recusa este arquivo: \"{name}\" já está definido em \"{where}\""},
    {"expression-not-allowed", "GitHub refuses this file: no expression may stand in \"{where}\"",
     "o GitHub recusa este arquivo: não pode haver expressão em \"{where}\""},
    {"not-closed", "GitHub refuses this file: an expression in \"{where}\" has no closing braces",
     "o GitHub recusa este arquivo: uma expressão em \"{where}\" não tem as chaves finais"},
    {"merge-key", "GitHub refuses this file: it does not merge mappings with \"<<\"",
     "o GitHub recusa este arquivo: ele não junta mapeamentos com \"<<\""},
    {"tag", "GitHub refuses this file: it knows no tag \"{name}\"",
     "o GitHub recusa este arquivo: não conhece a tag \"{name}\""},
    {"not-yaml", "GitHub refuses this file: it is no valid YAML: {name}",
     "o GitHub recusa este arquivo: não é YAML válido: {name}"},
    {"no-job", "GitHub refuses this file: it has no job",
     "o GitHub recusa este arquivo: não tem nenhum job"},
    {"bad-id",
     "GitHub refuses this file: the id \"{name}\" must begin with a letter or \"_\", hold only "
     "letters, digits, \"-\" and \"_\", and be shorter than 100 characters",
     "o GitHub recusa este arquivo: o id \"{name}\" deve começar com letra ou \"_\", ter só "
     "letras, "
     "dígitos, \"-\" e \"_\", e menos de 100 caracteres"},
    {"duplicate-step",
     "GitHub refuses this file: two steps of job \"{where}\" have the id \"{name}\"",
     "o GitHub recusa este arquivo: dois passos do job \"{where}\" têm o id \"{name}\""},
    {"exclusive-filters",
     "GitHub refuses this file: event \"{where}\" has both \"{name}\" and \"{name}-ignore\"",
     "o GitHub recusa este arquivo: o evento \"{where}\" tem \"{name}\" e \"{name}-ignore\""},
    {"bad-cron", "GitHub refuses this file: \"{name}\" is no schedule of five fields",
     "o GitHub recusa este arquivo: \"{name}\" não é um agendamento de cinco campos"},
    {"no-options", "GitHub refuses this file: the choice \"{name}\" has no options",
     "o GitHub recusa este arquivo: a escolha \"{name}\" não tem opções"},
    {"bad-action",
     "GitHub refuses this file: \"{name}\" names no action: write owner/repository@ref, "
     "./folder or docker://image",
     "o GitHub recusa este arquivo: \"{name}\" não nomeia uma action: escreva "
     "dono/repositório@ref, ./pasta ou docker://imagem"},
    {"bad-workflow-call",
     "GitHub refuses this file: \"{name}\" names no reusable workflow: write "
     "owner/repository/.github/workflows/file.yml@ref or ./.github/workflows/file.yml",
     "o GitHub recusa este arquivo: \"{name}\" não nomeia um workflow reutilizável: escreva "
     "dono/repositório/.github/workflows/arquivo.yml@ref ou ./.github/workflows/arquivo.yml"},
    {"call-loop", "GitHub refuses this file: \"{name}\" calls it in turn",
     "o GitHub recusa este arquivo: \"{name}\" o chama de volta"},
    {"call-depth",
     "GitHub refuses this file: below \"{name}\" are more than ten levels of workflows",
     "o GitHub recusa este arquivo: abaixo de \"{name}\" há mais de dez níveis de workflows"},
    {"call-count", "GitHub refuses this file: it reaches {name} reusable workflows, more than 50",
     "o GitHub recusa este arquivo: ele alcança {name} workflows reutilizáveis, mais de 50"},
    {"permissions",
     "GitHub refuses this file: \"{name}\" asks for \"{where}\", which job \"{job}\" does not "
     "grant",
     "o GitHub recusa este arquivo: \"{name}\" pede \"{where}\", que o job \"{job}\" não concede"},
    {"no-shell", "the runner refuses this action: a `run` of an action needs a `shell`",
     "o runner recusa esta action: um `run` de uma action precisa de `shell`"},
    {"action-loop", "the runner refuses this action: \"{name}\" uses it in turn",
     "o runner recusa esta action: \"{name}\" a usa de volta"},
    {"help-permissions", "grant it in `permissions` of the job, or ask for less there",
     "conceda-o em `permissions` do job, ou peça menos lá"},
    {"help-shell", "add `shell: bash`", "acrescente `shell: bash`"},
    {"help-loop", "take one of the calls out", "retire uma das chamadas"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "correct it: until then no job of this file runs",
     "corrija: até lá nenhum job deste arquivo é executado"},
};

bool is_identifier(std::string_view id) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (id.empty() || id.size() >= 100 || !letter(id.front()) || id.starts_with("__")) return false;
  return std::ranges::all_of(
      id, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

class Check {
public:
  Check(const Program& program, Findings& findings) : findings_(findings), workflows_(program) {}

  void run() {
    for (const Workflow* workflow : workflows_.all()) {
      file_ = workflow->file;
      faults(workflow->faults);
      triggers(*workflow);
      jobs(*workflow);
      calls(*workflow);
    }
    actions();
  }

private:
  Finding& add(std::string_view message, const Span& span, std::string name,
               std::string where = {}) {
    findings_.add({.rule = rule_named("rejected-workflow"),
                   .message = message,
                   .arguments = {{"name", name}, {"where", std::move(where)}},
                   .span = span,
                   .symbol_kind = "key",
                   .symbol = std::move(name),
                   .targets = workflows_.targets_of(file_),
                   .help = "help"});
    return findings_.all().back();
  }

  void faults(const std::vector<WorkflowFault>& all) {
    for (const WorkflowFault& fault : all) {
      std::string_view message = fault.message;
      if (fault.where.empty() && message == "unexpected-key") message = "unexpected-top-key";
      if (fault.where.empty() && message == "missing-key") message = "missing-top-key";
      if (message == "unexpected-value" && fault.name.empty()) message = "empty-value";
      Finding& finding = add(message, fault.span, fault.name, fault.where);
      // libyaml's reading is not GitHub's.
      if (message == "not-yaml") finding.confidence = Confidence::likely;
    }
  }

  void triggers(const Workflow& workflow) {
    for (const WorkflowTrigger& trigger : workflow.triggers) {
      const auto both = [&](std::string_view name, const std::vector<WorkflowText>& wanted,
                            const std::vector<WorkflowText>& unwanted) {
        if (!wanted.empty() && !unwanted.empty())
          add("exclusive-filters",
              std::max(wanted.front().span, unwanted.front().span,
                       [](const Span& a, const Span& b) { return a.range.begin < b.range.begin; }),
              std::string(name), trigger.event);
      };
      both("branches", trigger.branches, trigger.branches_ignore);
      both("tags", trigger.tags, trigger.tags_ignore);
      both("paths", trigger.paths, trigger.paths_ignore);
      for (const WorkflowSchedule& schedule : trigger.schedules)
        if (schedule.cron.is_literal() && !knowledge::is_cron(schedule.cron.written()))
          add("bad-cron", schedule.cron.span, schedule.cron.written());
      if (trigger.event == "workflow_dispatch")
        for (const WorkflowInput& input : trigger.inputs)
          if (input.type == "choice" && input.options.empty())
            add("no-options", input.span, input.name);
    }
  }

  void jobs(const Workflow& workflow) {
    const bool has_jobs = std::ranges::none_of(workflow.faults, [](const WorkflowFault& fault) {
      return fault.name == "jobs" || fault.where == "jobs" || fault.message == "not-yaml";
    });
    if (workflow.jobs.empty() && has_jobs) add("no-job", workflow.span, "jobs");
    for (const WorkflowJob& job : workflow.jobs) {
      if (!is_identifier(job.id) && job.id != "<<" && job.id.find("${{") == std::string::npos)
        add("bad-id", job.id_span, job.id);
      if (job.uses && job.uses->is_literal() && !is_workflow_call(job.uses->written()))
        add("bad-workflow-call", job.uses->span, job.uses->written());
      for (std::size_t i = 0; i < job.steps.size(); ++i) step(job, i);
    }
  }

  void step(const WorkflowJob& job, std::size_t i) {
    const WorkflowStep& step = job.steps[i];
    if (step.uses && step.uses->is_literal() && !is_action(step.uses->written()))
      add("bad-action", step.uses->span, step.uses->written());
    if (!step.id || !step.id->is_literal() || step.id->text.empty()) return;
    const std::string id = step.id->written();
    if (!is_identifier(id)) {
      add("bad-id", step.id->span, id);
      return;
    }
    for (std::size_t j = 0; j < i; ++j)
      if (job.steps[j].id && same_name(job.steps[j].id->written(), id)) {
        add("duplicate-step", step.id->span, id, job.id)
            .related.push_back({job.steps[j].id->span, "defined-here"});
        return;
      }
  }

  // --- workflows that call others ---

  // What a workflow reaches: called workflows of this repository, and names of those elsewhere.
  struct Reached {
    std::set<const Workflow*> here;
    std::set<std::string> names;
  };

  void reach(const Workflow& from, Reached& reached, int depth = 0) const {
    if (depth > 64) return;
    for (const WorkflowJob& job : from.jobs) {
      if (!job.uses || !job.uses->is_literal()) continue;
      reached.names.insert(job.uses->written());
      const LocalUse use = workflows_.job_use(job);
      if (use.workflow != nullptr && reached.here.insert(use.workflow).second)
        reach(*use.workflow, reached, depth + 1);
    }
  }

  // Levels from the workflow down; where there is no loop.
  std::size_t levels(const Workflow& workflow, int depth = 0) {
    const auto [place, fresh] = levels_.try_emplace(&workflow, 1);
    if (!fresh || depth > 64) return place->second;
    std::size_t below = 0;
    for (const WorkflowJob& job : workflow.jobs)
      if (const LocalUse use = workflows_.job_use(job); use.workflow != nullptr)
        below = std::max(below, levels(*use.workflow, depth + 1));
      else if (job.uses)
        below = std::max<std::size_t>(below, 1);
    return place->second = 1 + below;
  }

  void calls(const Workflow& workflow) {
    if (std::ranges::none_of(workflow.jobs,
                             [](const WorkflowJob& job) { return job.uses.has_value(); }))
      return;
    bool loop = false;
    for (const WorkflowJob& job : workflow.jobs) {
      const LocalUse use = workflows_.job_use(job);
      if (use.workflow == nullptr) continue;
      Reached reached{.here = {use.workflow}, .names = {}};
      reach(*use.workflow, reached);
      loop = loop || std::ranges::any_of(reached.here, [&](const Workflow* each) {
               Reached own;
               reach(*each, own);
               return own.here.contains(each);
             });
      if (reached.here.contains(&workflow))
        add("call-loop", job.uses->span, use.path).help = "help-loop";
      else
        permissions(workflow, job, use);
    }
    // What is only called counts with its callers.
    const bool started = std::ranges::any_of(workflow.triggers, [](const WorkflowTrigger& trigger) {
      return trigger.event != "workflow_call";
    });
    if (loop || !started) return;
    for (const WorkflowJob& job : workflow.jobs)
      if (const LocalUse use = workflows_.job_use(job);
          use.workflow != nullptr && levels(*use.workflow) + 1 > most_levels)
        add("call-depth", job.uses->span, use.path);
    Reached reached;
    reach(workflow, reached);
    if (reached.names.size() > most_called)
      for (const WorkflowJob& job : workflow.jobs)
        if (job.uses) {
          add("call-count", job.uses->span, std::to_string(reached.names.size()));
          break;
        }
  }

  // 0: none, 1: read, 2: write.
  static int level_of(const WorkflowText& text) {
    const std::string word = text.written();
    return word == "none" ? 0 : word == "read" ? 1 : 2;
  }

  static int granted(const WorkflowPermissions& permissions, std::string_view scope) {
    if (permissions.all) {
      if (permissions.all->written() != "read-all") return 2;
      return scope == "id-token" ? 0 : 1;
    }
    for (const WorkflowEntry& entry : permissions.scopes)
      if (entry.name == scope) return level_of(entry.value);
    return 0;
  }

  struct Excess {
    std::string words; // "contents: write, packages: write"
    Span span;         // where the first is asked for
  };

  static void compare(const WorkflowPermissions& granted_here,
                      const std::optional<WorkflowPermissions>& asked, Excess& excess) {
    if (!asked) return;
    const auto note = [&](const std::string& words, const Span& span) {
      if (excess.words.contains(words)) return;
      if (excess.words.empty()) excess.span = span;
      excess.words += (excess.words.empty() ? "" : ", ") + words;
    };
    if (asked->all) {
      const std::string words = asked->all->written();
      const bool all =
          granted_here.all && (granted_here.all->written() != "read-all" || words == "read-all");
      // A list of all scopes there are may grant as much.
      if ((words == "read-all" || words == "write-all") && !all && granted_here.scopes.size() < 10)
        note(words, asked->all->span);
    }
    for (const WorkflowEntry& entry : asked->scopes) {
      const std::string word = entry.value.written();
      if ((word != "read" && word != "write")) continue;
      if (entry.name == "id-token" && word == "read") continue;
      if (level_of(entry.value) > granted(granted_here, entry.name))
        note(entry.name + ": " + word, entry.name_span);
    }
  }

  // GitHub compares what stands in the files, whatever conditions say.
  void asked_below(const WorkflowPermissions& granted_here, const Workflow& called,
                   std::set<const Workflow*>& seen, Excess& excess) const {
    if (!called.faults.empty() || seen.size() > most_called || !seen.insert(&called).second) return;
    compare(granted_here, called.permissions, excess);
    for (const WorkflowJob& job : called.jobs) {
      compare(granted_here, job.permissions, excess);
      // What sets its own is a caller of its own.
      if (job.permissions || called.permissions) continue;
      if (const LocalUse use = workflows_.job_use(job); use.workflow != nullptr)
        asked_below(granted_here, *use.workflow, seen, excess);
    }
  }

  void permissions(const Workflow& workflow, const WorkflowJob& job, const LocalUse& use) {
    const auto& granted_here = job.permissions ? job.permissions : workflow.permissions;
    if (!granted_here) return; // the settings of the repository decide
    Excess excess;
    std::set<const Workflow*> seen;
    asked_below(*granted_here, *use.workflow, seen, excess);
    if (excess.words.empty()) return;
    // Jobs that share what they grant lack the same: it is granted, or asked for, at one place.
    if (!lacking_
             .insert({granted_here->span.file, granted_here->span.range.begin, excess.span.file,
                      excess.span.range.begin})
             .second)
      return;
    Finding& finding = add("permissions", job.uses->span, use.path, excess.words);
    finding.arguments.emplace_back("job", job.id);
    finding.help = "help-permissions";
    finding.related.push_back({excess.span, "needed-here"});
    finding.related.push_back({granted_here->span, "given-here"});
  }

  // --- actions that a job uses ---

  void use_action(const ActionDefinition& action, FileId user, int depth) {
    const auto [place, fresh] = users_.try_emplace(&action);
    std::vector<FileId>& users = place->second;
    if (std::ranges::find(users, user) != users.end() || depth > 10) return;
    users.push_back(user);
    for (const WorkflowStep& step : action.steps)
      if (const LocalUse use = workflows_.step_use(nullptr, step, {}); use.action != nullptr)
        use_action(*use.action, user, depth + 1);
  }

  bool leads_to(const ActionDefinition& from, const ActionDefinition& to,
                std::set<const ActionDefinition*>& seen) const {
    if (&from == &to) return true;
    if (!seen.insert(&from).second) return false;
    return std::ranges::any_of(from.steps, [&](const WorkflowStep& step) {
      const LocalUse use = workflows_.step_use(nullptr, step, {});
      return use.action != nullptr && leads_to(*use.action, to, seen);
    });
  }

  void actions() {
    for (const Workflow* workflow : workflows_.all())
      for (const WorkflowJob& job : workflow->jobs)
        for (std::size_t i = 0; i < job.steps.size(); ++i)
          if (const LocalUse use =
                  workflows_.step_use(workflow, job.steps[i], std::span(job.steps).first(i));
              use.action != nullptr)
            use_action(*use.action, workflow->file, 0);
    for (const ActionDefinition* action : workflows_.actions()) {
      const auto users = users_.find(action);
      if (users == users_.end() || action->kind != ActionDefinition::Kind::composite) continue;
      file_ = action->file;
      const auto report = [&](Finding& finding, std::string_view help) {
        finding.help = help;
        finding.targets.clear();
        for (const FileId user : users->second)
          for (const TargetIndex target : workflows_.targets_of(user))
            finding.targets.push_back(target);
      };
      std::optional<std::size_t> without_shell;
      for (const WorkflowStep& step : action->steps) {
        if (step.run && !step.shell && without_shell) {
          findings_.all()[*without_shell].related.push_back({step.run->span, "also-here"});
        } else if (step.run && !step.shell) {
          without_shell = findings_.all().size();
          report(add("no-shell", step.run->span, "shell"), "help-shell");
        }
        const LocalUse use = workflows_.step_use(nullptr, step, {});
        std::set<const ActionDefinition*> seen;
        if (use.action != nullptr && leads_to(*use.action, *action, seen))
          report(add("action-loop", step.uses->span, use.path), "help-loop");
      }
    }
  }

  // owner/repository[/path]@ref
  static bool is_remote(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || at + 1 == text.size()) return false;
    const std::string_view name = text.substr(0, at);
    const std::size_t slash = name.find('/');
    return slash != std::string_view::npos && slash > 0 && slash + 1 < name.size() &&
           name[slash + 1] != '/';
  }

  static bool is_action(std::string_view text) {
    return text.empty() || text.starts_with("docker://") || text.starts_with("./") ||
           text.starts_with(".\\") || text.starts_with("$/") || is_remote(text);
  }

  // Where it lies elsewhere its folder is known there alone.
  static bool is_workflow_call(std::string_view text) {
    if (text.empty() || text.starts_with("$/")) return true;
    if (!text.starts_with("./")) return is_remote(text);
    return text.find('@') == std::string_view::npos && text.starts_with("./.github/workflows/") &&
           (text.ends_with(".yml") || text.ends_with(".yaml"));
  }

  // Source: https://docs.github.com/en/actions/reference/workflows-and-actions/
  // reusing-workflow-configurations, read 2026-11-26; an Enterprise Server has smaller ones.
  static constexpr std::size_t most_levels = 10, most_called = 50;

  Findings& findings_;
  Workflows workflows_;
  FileId file_;
  std::map<const Workflow*, std::size_t> levels_;
  // What was told: where it is granted, where it is asked for.
  std::set<std::tuple<FileId, std::uint32_t, FileId, std::uint32_t>> lacking_;
  std::map<const ActionDefinition*, std::vector<FileId>> users_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule rejected_workflow;
constinit const Rule rejected_workflow = declare({
    .id = "AE0601",
    .name = "rejected-workflow",
    .category = Category::cicd,
    .title_en = "workflow that GitHub refuses",
    .title_pt = "workflow que o GitHub recusa",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p1,
                 .development = Priority::p1,
                 .test = Priority::p1,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.25, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
