#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/undefined_step_name.h"

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A step makes a target that the Makefile does not have

`make X` fails when no rule of the Makefile makes `X` and no file of that name is there.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make integration # error: undefined-make-target
      - run: make test
-- Makefile --
test:
	go test ./...
```

Silent: pattern rules, Makefiles that include others, targets that a built-in rule makes.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make test-unit
      - run: make -C tool anything
      - run: make tool.o
-- Makefile --
test-%:
	go test ./$*
-- tool/Makefile --
include ../common.mk
```
)";

constexpr Message messages[] = {
    {"undefined", "\"{file}\" has no target \"{name}\", which `{command}` makes here",
     "\"{file}\" não tem o alvo \"{name}\", que `{command}` executa aqui"},
    {"help-near", "\"{file}\" has \"{other}\": is that meant?",
     "\"{file}\" tem \"{other}\": é esse?"},
    {"help-define", "define \"{name}\" in \"{file}\", or remove the step",
     "defina \"{name}\" em \"{file}\", ou remova o passo"},
    {"run-by", "run by this step", "executado por este passo"},
    {"also-here", "also here", "também aqui"},
};

void check(const Program& program, Findings& findings) {
  report_undefined_step_names(program, findings, "make-target", "undefined-make-target");
}

} // namespace

extern constinit const Rule undefined_make_target;
constinit const Rule undefined_make_target = declare({
    .id = "AE0652",
    .name = "undefined-make-target",
    .category = Category::cicd,
    .title_en = "target that the Makefile does not have",
    .title_pt = "alvo que o Makefile não tem",
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
