#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/step_commands.h"
#include "link/rules/support/workflows.h"

#include "knowledge/shapes.h"

#include <algorithm>
#include <array>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A strategy in name only

A step is called "blue-green" or "canary" and does a plain rolling update: one Deployment, no second colour, no share of the traffic, nothing to
switch back. Whoever reads the name counts on a release that can be taken back in a second, or that only few users see.

```txtar
-- .github/workflows/release.yml --
on:
  push:
    branches: [main]
jobs:
  deploy:
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - uses: actions/checkout@v5
      - name: Blue-green deployment # error: false-strategy
        run: |
          kubectl set image deployment/web web=example.org/web:${{ github.sha }}
          kubectl rollout status deployment/web --timeout=300s
```

Silent: steps that switch something, by a second Deployment, a selector, weights or a program made for it; and other names.

```txtar
-- .github/workflows/release.yml --
on:
  push:
    branches: [main]
jobs:
  green:
    runs-on: ubuntu-24.04
    steps:
      - name: Blue/green
        run: |
          kubectl set image deployment/web-green web=example.org/web:${{ github.sha }}
          kubectl rollout status deployment/web-green
          kubectl patch service web -p '{"spec":{"selector":{"colour":"green"}}}'
  rollout:
    runs-on: ubuntu-24.04
    steps:
      - name: Canary
        run: |
          kubectl argo rollouts set image web web=example.org/web:${{ github.sha }}
          kubectl argo rollouts status web
  plain:
    runs-on: ubuntu-24.04
    steps:
      - name: Deploy
        run: kubectl rollout status deployment/web
      - name: Canary by script
        run: ./scripts/canary.sh
-- scripts/canary.sh --
echo
```
)";

constexpr Message messages[] = {
    {"name",
     "this step says \"{strategy}\" and waits for the rolling update of one Deployment: nothing is "
     "switched, and no traffic is shared out",
     "este passo se chama \"{strategy}\" e espera a atualização gradual de um só Deployment: nada "
     "é trocado e nenhum tráfego é dividido"},
    {"help", "`aethel generate` writes a Rollout with analysis; or call the step what it is",
     "`aethel generate` escreve um Rollout com análise; ou dê ao passo o nome do que ele faz"},
};

std::string_view strategy_in(std::string_view name) {
  const std::string text = knowledge::lower(name);
  for (const std::string_view word : {"blue-green", "blue/green", "blue green", "bluegreen"})
    if (text.contains(word)) return "blue-green";
  return text.contains("canary") ? "canary" : std::string_view();
}

// Anything by which a release can be a strategy's, in the scripts of a job.
bool switches(const WorkflowJob& job) {
  constexpr std::array<std::string_view, 21> words = {
      "green", "blue",  "canary",  "selector", "patch",          "weight",    "traffic",
      "argo",  "istio", "linkerd", "flagger",  "virtualservice", "httproute", "ingress",
      "slot",  "swap",  "switch",  "track",    "codedeploy",     "stable",    "make "};
  return std::ranges::any_of(job.steps, [&](const WorkflowStep& step) {
    if (step.uses) { // an action of this repository, or one that deploys
      const std::string name = step.uses->written();
      return name.starts_with("./") || name.contains("k8s-deploy") || name.contains("argo") ||
             name.contains("helm");
    }
    if (!step.run) return false;
    std::string script;
    // What is only printed switches nothing.
    const std::string text = knowledge::lower(step.script.text);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view line = std::string_view(text).substr(at, end - at);
      const std::size_t begin = line.find_first_not_of(" \t");
      if (begin != std::string_view::npos && !line.substr(begin).starts_with("echo ") &&
          line[begin] != '#')
        script.append(line).push_back('\n');
      at = end + 1;
    }
    if (script.contains(".sh ") || script.contains(".sh\n")) return true;
    return std::ranges::any_of(
        words, [&](std::string_view word) { return script.find(word) != std::string::npos; });
  });
}

bool waits_for_deployment(const Workflow& workflow, const WorkflowJob& job,
                          const WorkflowStep& step) {
  return std::ranges::any_of(commands_of(workflow, job, step), [](const StepCommand& command) {
    const auto& words = command.words;
    if (words.size() < 4 || words[0] != "kubectl" || words[1] != "rollout" || words[2] != "status")
      return false;
    return std::ranges::any_of(words, [](const std::string& word) {
      return word.starts_with("deployment") || word.starts_with("deploy/");
    });
  });
}

void check(const Program& program, Findings& findings) {
  const Workflows workflows(program);
  for (const Workflow* workflow : workflows.all())
    for (const WorkflowJob& job : workflow->jobs)
      for (const WorkflowStep& step : job.steps) {
        if (!step.name || !step.run) continue;
        const std::string_view strategy = strategy_in(step.name->written());
        if (strategy.empty() || !waits_for_deployment(*workflow, job, step) || switches(job))
          continue;
        findings.add({.rule = rule_named("false-strategy"),
                      .message = "name",
                      .arguments = {{"strategy", std::string(strategy)}},
                      .span = step.name->span,
                      .symbol_kind = "job",
                      .symbol = job.id,
                      .targets = workflows.targets_of(workflow->file),
                      .confidence = Confidence::likely,
                      .help = "help",
                      .fix = Fix::generate});
      }
}

} // namespace

extern constinit const Rule false_strategy;
constinit const Rule false_strategy = declare({
    .id = "AE0763",
    .name = "false-strategy",
    .category = Category::cicd,
    .title_en = "release strategy in name only",
    .title_pt = "estratégia de release só no nome",
    .priority = {.production = Priority::p2,
                 .staging = Priority::p2,
                 .development = Priority::none,
                 .test = Priority::none,
                 .example = Priority::none,
                 .unknown = Priority::p2},
    .effort = {4, 12},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
