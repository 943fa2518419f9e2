#include "link/rule.h"

#include "knowledge/cron.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflows.h"

#include <algorithm>
#include <fmt/format.h>

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
    }
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

  Findings& findings_;
  Workflows workflows_;
  FileId file_;
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
