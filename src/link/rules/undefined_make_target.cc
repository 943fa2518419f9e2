#include "base/nearest.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"

#include <algorithm>
#include <map>

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
  // One finding a missing name and file that names it.
  std::map<std::tuple<std::string, std::string, std::uint32_t>, Finding> grouped;
  for (const StepUse& use : program.step_uses) {
    if (use.kind != "make-target" || use.state != OutcomeState::undefined) continue;
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
    Finding finding{.rule = rule_named("undefined-make-target"),
                    .message = "undefined",
                    .arguments = {{"name", use.name},
                                  {"file", use.file},
                                  {"command", use.command},
                                  {"other", std::string(near.value_or(""))}},
                    .span = use.span,
                    .symbol_kind = "make-target",
                    .symbol = use.name,
                    .targets = {use.target},
                    .help = near ? "help-near" : "help-define"};
    if (use.span.file != use.step.file) finding.related.push_back({use.step, "run-by"});
    grouped.emplace(key, std::move(finding));
  }
  for (auto& [key, finding] : grouped) findings.add(std::move(finding));
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
