#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/undefined_step_name.h"

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
  report_undefined_step_names(program, findings, "package-script", "undefined-package-script");
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
