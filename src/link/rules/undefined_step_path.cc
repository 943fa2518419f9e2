#include "base/files.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/same_name.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A step of a workflow needs a path that does not exist

A step changes into a folder, runs a script, builds an image or applies manifests, and the path is
not there at that moment: not in the repository, and no earlier step of the job can have made it.
The step fails each time it runs.

```txtar
-- .github/workflows/deploy.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker build -f Dockerfile.prod -t shop . # error: undefined-step-path
      - run: kubectl apply -k infra/overlays/production # error: undefined-step-path
      - run: npm ci # error: undefined-step-path
        working-directory: web
      - run: cd frontend && npm test # error: undefined-step-path
-- Dockerfile --
FROM scratch
-- web/package.json --
{"name": "web"}
```

The caches of `setup-node` and `setup-python` need the file that they hash:

```txtar
-- .github/workflows/test.yml --
on: push
jobs:
  node:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-node@v7
        with:
          node-version: 24
          cache: npm # error: undefined-step-path
      - uses: actions/setup-node@v7
        with:
          cache: npm
          cache-dependency-path: api/package-lock.json # error: undefined-step-path
      - uses: actions/setup-python@v6
        with:
          cache: poetry # error: undefined-step-path
-- web/package-lock.json --
{}
```

A job that never checks out the repository has none of its files:

```txtar
-- .github/workflows/deploy.yml --
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: ./deploy.sh # error: undefined-step-path
-- deploy.sh --
echo deploy
```

What a caller gives is followed into the shell of the workflow that it calls.

```txtar
-- .github/workflows/deploy.yml --
on: push
jobs:
  web:
    uses: ./.github/workflows/image.yml
    with: {folder: web}
  worker:
    uses: ./.github/workflows/image.yml
    with: {folder: worker}
  none:
    uses: ./.github/workflows/image.yml
    with: {folder: none, build: false}
-- .github/workflows/image.yml --
on:
  workflow_call:
    inputs:
      folder: {type: string, required: true}
      build: {type: boolean, default: true}
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - if: inputs.build
        run: docker build -f ${{ inputs.folder }}/Dockerfile . # error: undefined-step-path
-- web/Dockerfile --
FROM scratch
```

Silent: what an earlier step makes, may make, or asks for first; what Git ignores.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          mkdir -p out && cd out
          echo 1 > version.txt
          cat version.txt
      - run: cat out/version.txt
      - run: if [ -f web/package-lock.json ]; then cd web && npm ci; fi
      - run: npx expo prebuild --platform ios
      - run: pod install
        working-directory: app/ios
      - run: cat .env
      - run: sed -i '' -e 's/a/b/' web/package.json
      - run: |
          rm -rf web/dist
          npm --prefix web run build
          ls web/dist
  modules:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
        with:
          submodules: true
      - run: docker build -f engine/docker/Dockerfile engine
      - run: cd engine/tools && ls run.sh
  clones:
    runs-on: ubuntu-latest
    steps:
      - run: git clone https://github.com/acme/charts
      - run: helm lint charts/shop
      - run: ls charts/shop/values.yaml
  windows:
    runs-on: windows-latest
    steps:
      - uses: actions/checkout@v6
      - run: |
          $file = Join-Path docker "Dockerfile.$env:FLAVOUR"
          docker build -f $file .
      - shell: pwsh
        run: |
          Get-Content Dockerfile | Set-Content -Path Dockerfile.windows
          docker build -f Dockerfile.windows .
  other:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          repository: acme/charts
      - run: helm lint charts/shop
  caches:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-node@v7
        with:
          cache: npm
          cache-dependency-path: web/package-lock.json
      - uses: actions/setup-node@v7
        with:
          cache: npm
          cache-dependency-path: "**/package-lock.json"
      - uses: actions/setup-python@v6
        with:
          cache: pip
      - uses: actions/setup-go@v6
        with:
          cache: true
-- .gitignore --
.env
-- .gitmodules --
[submodule "engine"]
	path = engine
	url = https://github.com/acme/engine.git
-- Dockerfile --
FROM scratch
-- tools/pyproject.toml --
[project]
name = "tools"
-- web/package.json --
{"name": "web", "scripts": {"build": "vite build"}}
-- web/package-lock.json --
{}
```
)";

constexpr Message messages[] = {
    {"read", "\"{path}\", which `{command}` needs, does not exist",
     "\"{path}\", de que `{command}` precisa, não existe"},
    {"input", "\"{path}\", which is read here, does not exist",
     "\"{path}\", que é lido aqui, não existe"},
    {"write", "the folder \"{path}\", into which is written here, does not exist",
     "a pasta \"{path}\", em que se escreve aqui, não existe"},
    {"directory", "the folder \"{path}\", into which `{command}` changes, does not exist",
     "a pasta \"{path}\", para a qual `{command}` muda, não existe"},
    {"working-directory", "the working directory \"{path}\" does not exist",
     "o diretório de trabalho \"{path}\" não existe"},
    {"script", "the script \"{path}\" does not exist", "o script \"{path}\" não existe"},
    {"dockerfile", "the Dockerfile \"{path}\" of `{command}` does not exist",
     "o Dockerfile \"{path}\" de `{command}` não existe"},
    {"context", "the build context \"{path}\" of `{command}` does not exist",
     "o contexto de build \"{path}\" de `{command}` não existe"},
    {"manifest", "the manifest \"{path}\" of `{command}` does not exist",
     "o manifesto \"{path}\" de `{command}` não existe"},
    {"kustomize", "the folder \"{path}\" of `{command}` does not exist",
     "a pasta \"{path}\" de `{command}` não existe"},
    {"lock-file", "`{command}` needs the lock file \"{path}\", which the repository does not have",
     "`{command}` precisa do arquivo de lock \"{path}\", que o repositório não tem"},
    {"cache-file",
     "`{command}` ends with an error: the repository has no \"{path}\", which its cache hashes",
     "`{command}` termina com erro: o repositório não tem \"{path}\", cujo hash seu cache calcula"},
    {"project", "`{command}` finds no \"{path}\", nor one above it",
     "`{command}` não encontra \"{path}\", nem um acima"},
    {"no-checkout", "\"{path}\" is not there: job \"{job}\" never checks out the repository before",
     "\"{path}\" não está lá: o job \"{job}\" não faz checkout do repositório antes"},
    {"help-case", "the repository has \"{other}\": names on Linux differ in case",
     "o repositório tem \"{other}\": no Linux, maiúsculas e minúsculas diferem"},
    {"help-elsewhere", "the repository has \"{other}\": is that the one?",
     "o repositório tem \"{other}\": é esse?"},
    {"help-lock", "commit the lock file, or install without demanding it",
     "versione o arquivo de lock, ou instale sem exigi-lo"},
    {"help-cache",
     "commit the file, name another one with `cache-dependency-path`, or drop `cache`",
     "versione o arquivo, indique outro com `cache-dependency-path`, ou retire `cache`"},
    {"help-checkout", "begin the job with `uses: actions/checkout`",
     "comece o job com `uses: actions/checkout`"},
    {"help-create",
     "commit \"{path}\", or declare it under externs in aethel.yaml when the runner has it",
     "versione \"{path}\", ou declare-o em externs no aethel.yaml se o runner o tem"},
    {"run-by", "run by this step", "executado por este passo"},
    {"also-here", "also here", "também aqui"},
};

void check(const Program& program, Findings& findings) {
  // One finding a missing path and file; what else needs it is related.
  std::map<std::tuple<std::string, std::uint32_t, bool>, Finding> grouped;
  for (const StepUse& use : program.step_uses) {
    if (use.kind != "path" || use.state != OutcomeState::undefined) continue;
    const bool unchecked = use.before_checkout && use.role != "lock-file" &&
                           use.role != "project" &&
                           program.tree.exists(use.name) != Existence::absent;
    const auto key = std::tuple(unchecked ? use.job : use.name, use.span.file.value, unchecked);
    if (const auto found = grouped.find(key); found != grouped.end()) {
      Finding& first = found->second;
      if (std::ranges::find(first.targets, use.target) == first.targets.end())
        first.targets.push_back(use.target);
      if (first.span != use.span &&
          std::ranges::none_of(first.related, [&](const Related& r) { return r.span == use.span; }))
        first.related.push_back({use.span, "also-here"});
      continue;
    }
    Finding finding{.rule = rule_named("undefined-step-path"),
                    .message = unchecked ? "no-checkout" : use.role,
                    .arguments = {{"path", use.name.empty() ? "." : use.name},
                                  {"command", use.command},
                                  {"job", use.job}},
                    .span = use.span,
                    .symbol_kind = "path",
                    .symbol = use.name,
                    .targets = {use.target},
                    .help = "help-create"};
    if (use.span.file != use.step.file) finding.related.push_back({use.step, "run-by"});
    std::string other;
    if (unchecked) {
      finding.help = "help-checkout";
    } else if (use.role == "lock-file") {
      finding.help = "help-lock";
    } else if (use.role == "cache-file") {
      finding.help = "help-cache";
    } else if (const auto same = program.tree.exists_ignoring_case(use.name)) {
      other = *same;
      finding.help = "help-case";
    } else if (other = only_file_named(program, use.name); !other.empty()) {
      finding.help = "help-elsewhere";
    }
    finding.arguments.emplace_back("other", other);
    grouped.emplace(key, std::move(finding));
  }
  for (auto& [key, finding] : grouped) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule undefined_step_path;
constinit const Rule undefined_step_path = declare({
    .id = "AE0650",
    .name = "undefined-step-path",
    .category = Category::cicd,
    .title_en = "path that a step of a workflow lacks",
    .title_pt = "caminho que falta a um passo de workflow",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.5, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
