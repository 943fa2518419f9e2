#include "base/nearest.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A step runs a script that package.json does not define

`npm run X` fails when the package of the working directory has no script `X`. The step fails each
time it runs.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm run test:unit # error: undefined-package-script
      - run: npm run build
      - run: npm run build --prefix web # error: undefined-package-script
-- package.json --
{"scripts": {"build": "tsc", "test": "vitest"}}
-- web/package.json --
{"scripts": {"dev": "vite"}}
```

Silent: `--if-present`, `npm start` beside a `server.js`, names that yarn and pnpm look up among the
programs of packages, workspaces that are chosen by a pattern.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm run lint --if-present
      - run: npm start
      - run: yarn eslint .
      - run: pnpm --filter "./packages/*" run lint
      - run: cd web && pnpm dev
      - run: npm run check || echo "no check"
-- package.json --
{"scripts": {"build": "tsc"}}
-- server.js --
-- web/package.json --
{"scripts": {"dev": "vite"}}
```
)";

constexpr Message messages[] = {
    {"undefined", "\"{file}\" has no script \"{name}\", which `{command}` runs here",
     "\"{file}\" não tem o script \"{name}\", que `{command}` executa aqui"},
    {"help-near", "\"{file}\" has \"{other}\": is that meant?",
     "\"{file}\" tem \"{other}\": é esse?"},
    {"help-define", "define \"{name}\" in \"{file}\", or remove the step",
     "defina \"{name}\" em \"{file}\", ou remova o passo"},
    {"run-by", "run by this step", "executado por este passo"},
    {"also-here", "also here", "também aqui"},
};

void check(const Program& program, Findings& findings) {
  // One finding a missing name and file that names it.
  std::map<std::tuple<std::string, std::string, std::uint32_t>, Finding> grouped;
  for (const StepUse& use : program.step_uses) {
    if (use.kind != "package-script" || use.state != OutcomeState::undefined) continue;
    const auto key = std::tuple(use.file, use.name, use.span.file.value);
    if (const auto found = grouped.find(key); found != grouped.end()) {
      Finding& first = found->second;
      if (std::ranges::find(first.targets, use.target) == first.targets.end())
        first.targets.push_back(use.target);
      if (first.span != use.span &&
          std::ranges::none_of(first.related, [&](const Related& r) { return r.span == use.span; }))
        first.related.push_back({use.span, "also-here"});
      continue;
    }
    const auto near = nearest(use.name, use.known);
    Finding finding{.rule = rule_named("undefined-package-script"),
                    .message = "undefined",
                    .arguments = {{"name", use.name},
                                  {"file", use.file},
                                  {"command", use.command},
                                  {"other", std::string(near.value_or(""))}},
                    .span = use.span,
                    .symbol_kind = "package-script",
                    .symbol = use.name,
                    .targets = {use.target},
                    .help = near ? "help-near" : "help-define"};
    if (use.span.file != use.step.file) finding.related.push_back({use.step, "run-by"});
    grouped.emplace(key, std::move(finding));
  }
  for (auto& [key, finding] : grouped) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule undefined_package_script;
constinit const Rule undefined_package_script = declare({
    .id = "AE0651",
    .name = "undefined-package-script",
    .category = Category::cicd,
    .title_en = "script that package.json does not define",
    .title_pt = "script que o package.json não define",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.5, 2},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
