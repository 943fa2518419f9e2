#include "link/rule.h"

#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/requirements.h"
#include "link/rules/support/workflows.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A secret that no caller passes on

A workflow that others call sees only the secrets that they pass on. One that it uses and that no
caller in the repository gives is always empty there, whatever the settings of the repository hold.

```txtar
-- .github/workflows/cd.yml --
on: push
jobs:
  deploy:
    uses: ./.github/workflows/deploy.yml
    secrets:
      TOKEN: ${{ secrets.TOKEN }}
-- .github/workflows/deploy.yml --
on:
  workflow_call:
    secrets:
      TOKEN: {required: true}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - run: ./deploy
        env:
          TOKEN: ${{ secrets.TOKEN }}
          KEY: ${{ secrets.DEPLOY_KEY }} # error: undeclared-secret
```

Silent: callers that pass all of them on, callers elsewhere, secrets of the environment of the job, and
the token that every run has. Every secret and variable of a workflow is listed among the requirements, by
environment: whether it exists is known to the settings of the repository alone.

```txtar
-- .github/workflows/cd.yml --
on: push
jobs:
  deploy:
    uses: ./.github/workflows/deploy.yml
    secrets: inherit
-- .github/workflows/deploy.yml --
on:
  workflow_call:
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - run: ./deploy ${{ secrets.DEPLOY_KEY }} ${{ secrets.GITHUB_TOKEN }} ${{ vars.REGION }}
-- .github/workflows/elsewhere.yml --
on:
  workflow_call:
    secrets:
      TOKEN: {required: true}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - run: ./deploy ${{ secrets.TOKEN }} ${{ secrets.DEPLOY_KEY }}
```
)";

constexpr Message messages[] = {
    {"undeclared", "no caller of this workflow passes the secret \"{name}\" on: it is always empty",
     "nenhum chamador deste workflow repassa o segredo \"{name}\": ele fica sempre vazio"},
    {"help",
     "declare it under `workflow_call` and pass it on, or let the callers say `secrets: inherit`",
     "declare-o em `workflow_call` e repasse-o, ou faça os chamadores usarem `secrets: inherit`"},
};

using github::Expression;

struct Use {
  std::string name;
  Range range;
};

void uses_of(const Expression& expression, std::string_view context, std::vector<Use>& out) {
  if (expression.kind == Expression::Kind::index &&
      expression.parts[0].kind == Expression::Kind::context &&
      same_name(expression.parts[0].text, context) &&
      expression.parts[1].kind == Expression::Kind::text)
    out.push_back({expression.parts[1].text, expression.parts[1].range});
  for (const Expression& part : expression.parts) uses_of(part, context, out);
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

class Check {
public:
  Check(const Program& program, Findings& findings)
      : program_(program), findings_(findings), workflows_(program) {}

  void run() {
    for (const Workflow* workflow : workflows_.all())
      for (const ParsedExpression& each : parse_all(workflow->expressions)) {
        const WorkflowJob* job =
            each.written->job >= 0 ? &workflow->jobs[each.written->job] : nullptr;
        for (const std::string_view context : {"secrets", "vars"}) {
          std::vector<Use> uses;
          uses_of(each.root, context, uses);
          for (const Use& use : uses) note(*workflow, job, each, use, context == "secrets");
        }
      }
    for (auto& [key, requirement] : found_) {
      std::ranges::sort(requirement.environments);
      findings_.require(std::move(requirement));
    }
  }

private:
  void note(const Workflow& workflow, const WorkflowJob* job, const ParsedExpression& each,
            const Use& use, bool secret) {
    const std::string name = upper(use.name);
    // Given by GitHub, or switches of the runner.
    if (secret && (name == "GITHUB_TOKEN" || name.starts_with("ACTIONS_"))) return;
    const Span span = each.place(use.range);
    const WorkflowTrigger* call = workflow.trigger("workflow_call");
    if (secret && call != nullptr) {
      const bool declared =
          std::ranges::any_of(call->secrets, [&](const WorkflowSecretDeclaration& declaration) {
            return same_name(declaration.name, name);
          });
      // The caller's affair, who reads a secret of its own for it.
      if (declared && workflow.triggers.size() == 1) return;
      if (!declared && never_given(workflow, job)) {
        findings_.add({.rule = rule_named("undeclared-secret"),
                       .message = "undeclared",
                       .arguments = {{"name", name}},
                       .span = span,
                       .symbol_kind = "secret",
                       .symbol = name,
                       .targets = workflows_.targets_of(workflow.file),
                       .help = "help"});
        return;
      }
    }
    const std::string_view kind = secret ? "ci-secret" : "ci-variable";
    const auto [place, fresh] = found_.try_emplace({kind, name});
    Requirement& requirement = place->second;
    if (fresh) requirement = {.kind = kind, .name = name, .priority = Priority::p2};
    if (std::ranges::find(requirement.locations, span) == requirement.locations.end())
      requirement.locations.push_back(span);
    for (const TargetIndex target : workflows_.targets_of(workflow.file)) {
      const Stage stage = program_.targets[target].stage;
      if (stage == Stage::production || stage == Stage::staging)
        requirement.priority = std::min(requirement.priority, requirement_priority(name));
      if (std::ranges::find(requirement.targets, target) == requirement.targets.end())
        requirement.targets.push_back(target);
    }
    if (job == nullptr || !job->environment) return;
    const std::string environment = job->environment->name.written();
    if (std::ranges::find(requirement.environments, environment) == requirement.environments.end())
      requirement.environments.push_back(environment);
  }

  // Called from here only, and by nobody who passes all secrets on; a job with an environment sees
  // those of the environment.
  bool never_given(const Workflow& workflow, const WorkflowJob* job) const {
    if (workflow.triggers.size() != 1 || (job != nullptr && job->environment)) return false;
    bool called = false;
    for (const Workflow* other : workflows_.all())
      for (const WorkflowJob& caller : other->jobs) {
        if (workflows_.job_use(caller).workflow != &workflow) continue;
        if (caller.inherits_secrets || caller.secrets.open) return false;
        called = true;
      }
    return called;
  }

  const Program& program_;
  Findings& findings_;
  Workflows workflows_;
  std::map<std::pair<std::string_view, std::string>, Requirement> found_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule undeclared_secret;
constinit const Rule undeclared_secret = declare({
    .id = "AE0613",
    .name = "undeclared-secret",
    .category = Category::secrets,
    .title_en = "secret that no caller passes on",
    .title_pt = "segredo que nenhum chamador repassa",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
