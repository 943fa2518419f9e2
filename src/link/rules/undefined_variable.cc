#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"

#include "knowledge/secret_names.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A variable that nothing gives

A compose file interpolates a variable that has no default, that no env file of the project
sets, that no example file documents and no script exports. Compose warns, puts in an empty
string and goes on: an image without a tag, a URL without a host, a port of zero.

Variables that hold secrets are the business of `optional-secret`.

A variable that compose demands stops the start, which says what is missing. It is reported
where the example file beside the project has it under another name, which nothing takes: who
fills in the example cannot start.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:${RELEASE} # error: undefined-variable
    environment:
      API_URL: https://${API_HOST}/v1 # error: undefined-variable
      PAYMENT_KEY: ${STRIPE_WEBHOK_SECRET:?} # error: undefined-variable
-- .env.example --
STRIPE_WEBHOOK_SECRET=
```

`environment:` of a secret or config names a variable as `${NAME:?}` does.

```txtar
-- compose.prod.yaml --
services:
  alerts:
    image: ghcr.io/acme/alerts:1
    secrets: [webhook, token]
secrets:
  webhook:
    environment: ALERT_WEBHOOK_URL # error: undefined-variable
  token:
    environment: ALERT_TOKEN
-- .env.example --
ALERT_WEBHOK_URL=
```

What a test sets is for what the test starts, and what a workflow gives to its steps for the projects
that they start: not for those that people start by themselves.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:${RELEASE} # error: undefined-variable
    ports: ["${PORT}:80"] # error: undefined-variable
-- compose.test.yaml --
services:
  web:
    image: ghcr.io/acme/web:${RELEASE}
    ports: ["${PORT}:80"]
-- tests/setup.sh --
export RELEASE=test
-- .github/workflows/check.yml --
on: push
jobs:
  check:
    runs-on: ubuntu-latest
    env:
      PORT: 8080
    steps:
      - uses: actions/checkout@v5
      - run: docker compose -f compose.test.yaml up -d
```

Silent: what a workflow gives to a script that starts the project, or writes down for another machine.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:${RELEASE}
    ports: ["${PORT}:80"]
-- deploy.sh --
docker compose -f compose.prod.yaml up -d
-- .github/workflows/deploy.yml --
on: push
jobs:
  check:
    runs-on: ubuntu-latest
    env:
      PORT: 8080
    steps:
      - uses: actions/checkout@v5
      - run: |
          docker compose -f compose.test.yaml pull
          ./deploy.sh
-- .github/workflows/copy.yml --
on: push
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: docker compose -f compose.test.yaml up -d
      - run: |
          echo "RELEASE=${{ github.sha }}" > .env
          scp .env deploy@acme.dev:/srv/
-- compose.test.yaml --
services: {web: {image: nginx}}
```

Silent: a default, an env file, an example that documents it, a script that exports it, what
every shell has, and `$$`, which is no variable.

```txtar
-- compose.prod.yaml --
services:
  web:
    image: ghcr.io/acme/web:${RELEASE:-latest}
    user: ${UID}
    command: echo $$HOME ${REGION} ${DOMAIN} ${BUILD_ID}
    environment:
      ZONE: ${ZONE:?set the zone}
      EXTRA: ${EXTRA:+yes}
      SECOND_KEY: ${SIGNING_KEY_2:?}
      PAYMENT_KEY: ${STRIPE_WEBHOK_SECRET:?}
      OTHER_PAYMENT_KEY: ${STRIPE_WEBHOOK_SECRET:?}
-- .env --
REGION=eu
-- .env.example --
DOMAIN=
SIGNING_KEY_1=
STRIPE_WEBHOOK_SECRET=
-- deploy.sh --
export BUILD_ID=$(git rev-parse HEAD)
docker compose -f compose.prod.yaml up -d
```
)";

constexpr Message messages[] = {
    {"undefined", "nothing gives the variable \"{name}\": it becomes an empty string",
     "nada define a variável \"{name}\": ela vira uma string vazia"},
    {"misspelt", "nothing gives the variable \"{name}\", and nothing takes \"{near}\" of {example}",
     "nada define a variável \"{name}\", e nada usa \"{near}\" de {example}"},
    {"help-misspelt", "give both the same name", "use o mesmo nome nos dois lugares"},
    {"help",
     "write ${{name}:?} so that compose stops, give a default, or name it in an env example",
     "escreva ${{name}:?} para que o compose pare, dê um valor padrão, ou liste-a em um env de "
     "exemplo"},
};

// `X: ${X}` and nothing else: the program may do without. As a part of an address, an image or a
// port it is always missed.
bool only_passed_on(const Program& program, const Reference& reference) {
  const auto& uses = program.projects[reference.target].variables;
  return std::ranges::all_of(uses, [&](const auto& use) {
    if (use.hole->name != reference.name) return true;
    return std::ranges::any_of(program.processes_of(reference.target), [&](const Process& process) {
      return std::ranges::any_of(process.environment, [&](const Variable& variable) {
        const Hole* hole = variable.value.single_hole();
        return hole != nullptr && hole->span == use.hole->span;
      });
    });
  });
}

void check(const Program& program, Findings& findings) {
  std::map<std::pair<std::string, FileId>, Finding> found;
  for (const Reference& reference : program.references) {
    if (reference.kind->name != "variable") continue;
    if (reference.state != OutcomeState::undefined) continue;
    const bool misspelt = !reference.detail.empty();
    if (!misspelt && name_kind(reference.name) != NameKind::no) continue;
    const auto [place, fresh] = found.try_emplace({reference.name, reference.origin.written.file});
    Finding& finding = place->second;
    if (fresh)
      finding = {
          .rule = rule_named("undefined-variable"),
          .message = "undefined",
          .arguments = {{"name", reference.name}},
          .span = reference.origin.written,
          .symbol_kind = "variable",
          .symbol = reference.name,
          .confidence =
              Confidence::likely, // the environment of who starts it is not in the repository
          .help = "help"};
    if (fresh && misspelt) {
      finding.message = "misspelt";
      finding.help = "help-misspelt";
      finding.arguments.emplace_back("near", reference.detail);
      finding.arguments.emplace_back("example", program.sources->path(reference.evidence.file));
      finding.related.push_back({reference.evidence, "defined-here"});
    }
    if (fresh && !misspelt && only_passed_on(program, reference)) finding.at_best = Priority::p2;
    finding.targets.push_back(reference.target);
  }
  for (auto& [key, finding] : found) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule undefined_variable;
constinit const Rule undefined_variable = declare({
    .id = "AE0108",
    .name = "undefined-variable",
    .category = Category::config,
    .title_en = "variable that nothing gives",
    .title_pt = "variável que nada define",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p2},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
