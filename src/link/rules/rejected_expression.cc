#include "link/rule.h"

#include "base/nearest.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflows.h"

#include <algorithm>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# An expression that GitHub refuses

GitHub parses every `${{ }}` before it starts a workflow. A mistake in one of them, or a context that
may not be used at that place, refuses the whole file: no job runs. Which contexts and functions each
key allows is part of GitHub's schema.

```txtar
-- .github/workflows/deploy.yml --
on: push
env:
  HOME_OF: ${{ runner.temp }} # error: rejected-expression
jobs:
  deploy:
    runs-on: ubuntu-24.04
    if: secrets.TOKEN != '' # error: rejected-expression
    env:
      HASH: ${{ hashFiles('go.sum') }} # error: rejected-expression
    steps:
      - if: github.ref == "refs/heads/main" # error: rejected-expression
        run: make
      - if: contain(github.ref, 'release') # error: rejected-expression
        run: make ${{ gihub.sha }} # error: rejected-expression
      - run: make ${{ startsWith(github.ref) }} # error: rejected-expression
      - run: make ${{ github.sha && }} # error: rejected-expression
```

Silent: quotes double inside texts, names compare without regard to case, `}}` may stand in a text.

```txtar
-- .github/workflows/deploy.yml --
on: push
run-name: ${{ GitHub.actor }} deploys
jobs:
  deploy:
    runs-on: ubuntu-24.04
    if: ${{ !cancelled() && github.event.head_commit.message != 'it''s }}' }}
    env:
      TOKEN: ${{ secrets.TOKEN }}
    steps:
      - if: failure() && env.TOKEN != ''
        run: |
          echo "${{ toJSON(github.event.commits.*.id) }}"
          echo '${{ '{{ kept }}' }}'
        env:
          HASH: ${{ hashFiles('go.sum', '**/*.lock') }}
```
)";

constexpr Message messages[] = {
    {"empty", "GitHub refuses this file: the expression in \"{where}\" is empty",
     "o GitHub recusa este arquivo: a expressão em \"{where}\" está vazia"},
    {"unexpected", "GitHub refuses this file: unexpected {name} in the expression of \"{where}\"",
     "o GitHub recusa este arquivo: {name} inesperado na expressão de \"{where}\""},
    {"unexpected-quote",
     "GitHub refuses this file: texts in expressions stand between single quotes, not {name}",
     "o GitHub recusa este arquivo: textos em expressões ficam entre aspas simples, não {name}"},
    {"unexpected-end", "GitHub refuses this file: the expression in \"{where}\" ends too early",
     "o GitHub recusa este arquivo: a expressão em \"{where}\" termina cedo demais"},
    {"unclosed-text",
     "GitHub refuses this file: a text in the expression of \"{where}\" has no end",
     "o GitHub recusa este arquivo: um texto na expressão de \"{where}\" não tem fim"},
    {"too-long", "GitHub refuses this file: the expression in \"{where}\" is too long",
     "o GitHub recusa este arquivo: a expressão em \"{where}\" é longa demais"},
    {"too-deep", "GitHub refuses this file: the expression in \"{where}\" is nested too deeply",
     "o GitHub recusa este arquivo: a expressão em \"{where}\" tem níveis demais"},
    {"unknown-context", "GitHub refuses this file: there is no context \"{name}\"",
     "o GitHub recusa este arquivo: não existe o contexto \"{name}\""},
    {"unavailable-context",
     "GitHub refuses this file: \"{where}\" may not use the context \"{name}\"",
     "o GitHub recusa este arquivo: \"{where}\" não pode usar o contexto \"{name}\""},
    {"unknown-function", "GitHub refuses this file: there is no function \"{name}\"",
     "o GitHub recusa este arquivo: não existe a função \"{name}\""},
    {"unavailable-function", "GitHub refuses this file: \"{where}\" may not call \"{name}\"",
     "o GitHub recusa este arquivo: \"{where}\" não pode chamar \"{name}\""},
    {"too-few-arguments", "GitHub refuses this file: \"{name}\" is called with too few arguments",
     "o GitHub recusa este arquivo: \"{name}\" é chamada com argumentos de menos"},
    {"too-many-arguments", "GitHub refuses this file: \"{name}\" is called with too many arguments",
     "o GitHub recusa este arquivo: \"{name}\" é chamada com argumentos demais"},
    {"even-arguments", "GitHub refuses this file: \"{name}\" needs an odd number of arguments",
     "o GitHub recusa este arquivo: \"{name}\" precisa de um número ímpar de argumentos"},
    {"help-available", "available there: {available}", "disponível ali: {available}"},
    {"help-secrets",
     "put the secret into `env` and ask for `env.NAME` in the `if` of a step; a job can ask for an "
     "output of another job",
     "ponha o segredo em `env` e consulte `env.NOME` no `if` de um passo; um job pode consultar a "
     "saída de outro job"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "correct it: until then no job of this file runs",
     "corrija: até lá nenhum job deste arquivo é executado"},
};

std::string_view message_of(github::Problem::Kind kind) {
  using Kind = github::Problem::Kind;
  switch (kind) {
  case Kind::empty: return "empty";
  case Kind::unexpected: return "unexpected";
  case Kind::unexpected_end: return "unexpected-end";
  case Kind::unclosed_text: return "unclosed-text";
  case Kind::too_long: return "too-long";
  case Kind::too_deep: return "too-deep";
  case Kind::unknown_context: return "unknown-context";
  case Kind::unavailable_context: return "unavailable-context";
  case Kind::unknown_function: return "unknown-function";
  case Kind::unavailable_function: return "unavailable-function";
  case Kind::too_few_arguments: return "too-few-arguments";
  case Kind::too_many_arguments: return "too-many-arguments";
  case Kind::even_arguments: return "even-arguments";
  case Kind::too_many: break;
  }
  return {};
}

class Check {
public:
  Check(const Program& program, Findings& findings) : findings_(findings), workflows_(program) {}

  void run() {
    for (const Workflow* workflow : workflows_.all()) {
      file_ = workflow->file;
      for (const WorkflowExpression& each : workflow->expressions) expression(each);
    }
    // The runner refuses an action when a job uses it.
    for (const ActionDefinition* action : workflows_.actions()) {
      file_ = action->file;
      for (const WorkflowExpression& each : action->expressions) expression(each);
    }
  }

private:
  void expression(const WorkflowExpression& each) {
    // `${{ insert }}` as a key puts a mapping in.
    if (each.source.find_first_not_of(" \t") != std::string::npos &&
        each.source.find("insert") == each.source.find_first_not_of(" \t") &&
        each.source.find_last_not_of(" \t") - each.source.find("insert") == 5)
      return;
    const github::Parsed parsed = github::parse(each.source);
    if (parsed.problem) return report(each, *parsed.problem);
    for (const github::Problem& problem : github::check(*parsed.root, each.allowed))
      report(each, problem);
  }

  void report(const WorkflowExpression& each, const github::Problem& problem) {
    std::string_view message = message_of(problem.kind);
    if (message.empty()) return;
    if (message == "unexpected" && problem.detail.starts_with('"')) message = "unexpected-quote";
    const ParsedExpression place{.written = &each, .root = {}};
    Finding finding{.rule = rule_named("rejected-expression"),
                    .message = message,
                    .arguments = {{"name", problem.detail}, {"where", each.where}},
                    .span = place.place(problem.range),
                    .symbol_kind = "expression",
                    .symbol = problem.detail,
                    .targets = workflows_.targets_of(file_),
                    .help = "help"};
    if (message == "unavailable-context" || message == "unknown-context")
      contexts(finding, each, problem.detail);
    if (message == "unknown-function") {
      const std::vector<std::string> names = {"contains", "startsWith", "endsWith",  "format",
                                              "join",     "toJSON",     "fromJSON",  "hashFiles",
                                              "success",  "always",     "cancelled", "failure"};
      near(finding, names, problem.detail);
    }
    findings_.add(std::move(finding));
  }

  static void near(Finding& finding, const std::vector<std::string>& names,
                   const std::string& name) {
    const auto found = nearest(name, names);
    if (!found) return;
    finding.arguments.emplace_back("near", *found);
    finding.help = "help-near";
  }

  static void contexts(Finding& finding, const WorkflowExpression& each, const std::string& name) {
    std::vector<std::string> names;
    for (const std::string_view allowed : each.allowed)
      if (allowed.find('(') == std::string_view::npos) names.emplace_back(allowed);
    std::ranges::sort(names);
    if (finding.message == "unknown-context") return near(finding, names, name);
    if (same_name(name, "secrets") && each.condition) {
      finding.help = "help-secrets";
      return;
    }
    std::string list;
    for (const std::string& known : names) list += (list.empty() ? "" : ", ") + known;
    finding.arguments.emplace_back("available", std::move(list));
    finding.help = "help-available";
  }

  Findings& findings_;
  Workflows workflows_;
  FileId file_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule rejected_expression;
constinit const Rule rejected_expression = declare({
    .id = "AE0602",
    .name = "rejected-expression",
    .category = Category::cicd,
    .title_en = "expression that GitHub refuses",
    .title_pt = "expressão que o GitHub recusa",
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
