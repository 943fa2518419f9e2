#include "link/rule.h"

#include "base/nearest.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflows.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace aethel::rules {
namespace {

constexpr std::string_view doc =
    R"(# An input or secret that the called workflow or action does not declare, or lacks

GitHub refuses a workflow that gives a reusable workflow an input or secret that it does not declare, leaves
out one that it requires, or gives a boolean or number something else: no job of the file runs. An action of
the repository ignores an input that it does not declare.

```txtar
-- .github/workflows/cd.yml --
on: push
jobs:
  deploy: # error: undeclared-argument
    uses: ./.github/workflows/deploy.yml
    with:
      enviroment: production # error: undeclared-argument
      dry-run: maybe # error: undeclared-argument
    secrets:
      TOKEN: ${{ secrets.TOKEN }}
      KEY: ${{ secrets.KEY }} # error: undeclared-argument
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/setup
        with:
          versoin: 22 # error: undeclared-argument
-- .github/workflows/deploy.yml --
on:
  workflow_call:
    inputs:
      environment: {type: string, required: true}
      dry-run: {type: boolean}
    secrets:
      TOKEN: {required: true}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
-- .github/actions/setup/action.yml --
name: setup
description: prepares
inputs:
  version: {description: of the compiler, default: "24"}
runs:
  using: composite
  steps: [{run: make setup, shell: bash}]
```

Silent: secrets that are inherited, values that are computed, names in another case.

```txtar
-- .github/workflows/cd.yml --
on: push
jobs:
  deploy:
    uses: ./.github/workflows/deploy.yml
    with:
      Environment: production
      dry-run: ${{ github.ref != 'refs/heads/main' }}
    secrets: inherit
-- .github/workflows/deploy.yml --
on:
  workflow_call:
    inputs:
      environment: {type: string, required: true}
      dry-run: {type: boolean}
    secrets:
      TOKEN: {required: true}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
```
)";

constexpr Message messages[] = {
    {"input", "\"{callee}\" declares no input \"{name}\": GitHub refuses the call",
     "\"{callee}\" não declara a entrada \"{name}\": o GitHub recusa a chamada"},
    {"secret", "\"{callee}\" declares no secret \"{name}\": GitHub refuses the call",
     "\"{callee}\" não declara o segredo \"{name}\": o GitHub recusa a chamada"},
    {"missing-input", "job \"{job}\" gives \"{callee}\" no input \"{name}\", which it requires",
     "o job \"{job}\" não dá a \"{callee}\" a entrada \"{name}\", que ela exige"},
    {"missing-secret", "job \"{job}\" gives \"{callee}\" no secret \"{name}\", which it requires",
     "o job \"{job}\" não dá a \"{callee}\" o segredo \"{name}\", que ela exige"},
    {"type", "the input \"{name}\" of \"{callee}\" is a {type}: GitHub refuses the call",
     "a entrada \"{name}\" de \"{callee}\" é {type}: o GitHub recusa a chamada"},
    {"action-input", "the action \"{callee}\" declares no input \"{name}\" and ignores it",
     "a action \"{callee}\" não declara a entrada \"{name}\" e a ignora"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "declare it there, or take it out here", "declare-a lá, ou retire-a aqui"},
    {"help-missing", "give it, or make it optional there", "informe-a, ou torne-a opcional lá"},
    {"help-type", "give it such a value", "dê a ela um valor assim"},
};

template <class Declared> std::vector<std::string> names_of(const std::vector<Declared>& all) {
  std::vector<std::string> names;
  for (const Declared& each : all) names.push_back(each.name);
  return names;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::any_of(names, [&](const std::string& each) { return same_name(each, name); });
}

class Check {
public:
  Check(const Program& program, Findings& findings) : findings_(findings), workflows_(program) {}

  void run() {
    for (const Workflow* workflow : workflows_.all()) {
      file_ = workflow->file;
      for (const WorkflowJob& job : workflow->jobs) {
        job_ = &job;
        call(job);
        for (std::size_t i = 0; i < job.steps.size(); ++i)
          step(job.steps[i],
               workflows_.step_use(workflow, job.steps[i], std::span(job.steps).first(i)));
      }
    }
  }

private:
  Finding& add(std::string_view message, std::string_view help, const Span& span,
               const std::string& name, const std::vector<std::string>& names) {
    // What all callers give alike is wanting at one place.
    const auto [found, fresh] =
        found_.try_emplace({message, callee_, name}, findings_.all().size());
    if (!fresh) {
      Finding& finding = findings_.all()[found->second];
      if (finding.related.size() < 10) finding.related.push_back({span, "also-here"});
      for (const TargetIndex target : workflows_.targets_of(file_))
        if (std::ranges::find(finding.targets, target) == finding.targets.end())
          finding.targets.push_back(target);
      return finding;
    }
    const auto near = nearest(name, names);
    const bool use_near = near && help == "help";
    findings_.add({.rule = rule_named("undeclared-argument"),
                   .message = message,
                   .arguments = {{"name", name},
                                 {"callee", callee_},
                                 {"job", job_->id},
                                 {"near", near.value_or("")}},
                   .span = span,
                   .symbol_kind = "input",
                   .symbol = callee_ + " " + name,
                   .targets = workflows_.targets_of(file_),
                   .help = use_near ? "help-near" : help});
    return findings_.all().back();
  }

  static void declared(Finding& finding, const Span& span) {
    if (finding.related.empty()) finding.related.push_back({span, "defined-here"});
  }

  void call(const WorkflowJob& job) {
    const LocalUse use = workflows_.job_use(job);
    if (use.workflow == nullptr || !use.workflow->faults.empty()) return;
    const WorkflowTrigger* trigger = use.workflow->trigger("workflow_call");
    if (trigger == nullptr || trigger->open) return;
    callee_ = use.path;
    const std::vector<std::string> inputs = names_of(trigger->inputs);
    const std::vector<std::string> secrets = names_of(trigger->secrets);
    for (const WorkflowEntry& entry : job.with.entries) {
      if (!has(inputs, entry.name)) {
        add("input", "help", entry.name_span, entry.name, inputs);
        continue;
      }
      for (const WorkflowInput& input : trigger->inputs)
        if (same_name(input.name, entry.name)) type(input, entry);
    }
    for (const WorkflowEntry& entry : job.secrets.entries)
      if (!has(secrets, entry.name)) add("secret", "help", entry.name_span, entry.name, secrets);
    if (!job.with.open)
      for (const WorkflowInput& input : trigger->inputs)
        if (input.required && !input.default_value && job.with.find(input.name) == nullptr)
          declared(add("missing-input", "help-missing", job.id_span, input.name, {}), input.span);
    if (!job.inherits_secrets && !job.secrets.open)
      for (const WorkflowSecretDeclaration& secret : trigger->secrets)
        if (secret.required && job.secrets.find(secret.name) == nullptr)
          declared(add("missing-secret", "help-missing", job.id_span, secret.name, {}),
                   secret.span);
  }

  void type(const WorkflowInput& input, const WorkflowEntry& entry) {
    if (!entry.value.is_literal()) return;
    const ScalarType type = entry.value.type;
    const bool wrong = (input.type == "boolean" && type != ScalarType::boolean) ||
                       (input.type == "number" && type != ScalarType::number);
    if (!wrong) return;
    Finding& finding = add("type", "help-type", entry.value.span, input.name, {});
    if (finding.related.empty()) finding.arguments.emplace_back("type", input.type);
    declared(finding, input.span);
  }

  void step(const WorkflowStep& step, const LocalUse& use) {
    if (use.action == nullptr) return;
    callee_ = use.path;
    const std::vector<std::string> inputs = names_of(use.action->inputs);
    for (const WorkflowEntry& entry : step.with.entries) {
      if (has(inputs, entry.name)) continue;
      // Those of Docker actions are GitHub's.
      if (use.action->kind != ActionDefinition::Kind::composite &&
          use.action->kind != ActionDefinition::Kind::node)
        continue;
      // The step runs without it.
      add("action-input", "help", entry.name_span, entry.name, inputs).at_best = Priority::p1;
    }
  }

  Findings& findings_;
  Workflows workflows_;
  FileId file_;
  const WorkflowJob* job_ = nullptr;
  std::string callee_;
  std::map<std::tuple<std::string_view, std::string, std::string>, std::size_t> found_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule undeclared_argument;
constinit const Rule undeclared_argument = declare({
    .id = "AE0611",
    .name = "undeclared-argument",
    .category = Category::cicd,
    .title_en = "input or secret that is not declared, or lacks",
    .title_pt = "entrada ou segredo não declarado, ou que falta",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p1,
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
