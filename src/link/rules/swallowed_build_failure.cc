#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"
#include "link/rules/support/given_values.h"
#include "link/rules/support/image_builds.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A build that goes on after it failed

`RUN npm run build || true` makes an image of whatever is left when the build fails: it is pushed, deployed
and starts without what should have been built, or with what was built before.

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM node:24-slim AS builder
WORKDIR /app
COPY . .
RUN npx prisma generate || true
# error: swallowed-build-failure
RUN npm run build || true
FROM node:24-slim
COPY --from=builder /app/.next ./.next
# error: swallowed-build-failure
RUN pip install -r requirements.txt || echo "no requirements"
```

Silent: another way to the same end, steps that may fail, failures that end the build after all, and
stages that nothing builds.

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM node:24-slim AS unused
RUN npm run build || true
FROM node:24-slim
RUN npm ci || npm install
RUN npm run build || (cat build.log && exit 1)
RUN npm run build || { echo failed; exit 1; }
RUN npm audit || true
RUN npm run lint || true
RUN addgroup app || true
RUN apt-get purge -y gcc || true
RUN npm prune --production || true
RUN (cd web && npm run build) && rm -r cache || exit 1
```
)";

constexpr Message messages[] = {
    {"swallowed", "when `{command}` fails, the build of the image goes on",
     "quando `{command}` falha, o build da imagem continua"},
    {"also", "and so after this", "e também depois disto"},
    {"help", "let the failure end the build", "deixe a falha encerrar o build"},
};

template <class... Words> bool is_any(std::string_view what, Words... words) {
  return ((what == words) || ...);
}

// A command without whose result the image is not what it should be.
bool makes_something(const SimpleCommand& command) {
  std::vector<std::string_view> words;
  for (const CommandWord& word : command.words) words.push_back(word.text);
  std::size_t at = 0;
  while (at < words.size() && is_any(words[at], "npx", "bunx", "env", "exec", "(", "{")) ++at;
  if (at >= words.size()) return false;
  const std::string_view program = words[at].substr(words[at].rfind('/') + 1);
  const auto argument = [&](std::size_t i) {
    return at + i < words.size() ? words[at + i] : std::string_view();
  };
  if (is_any(program, "npm", "pnpm", "yarn", "bun")) {
    if (is_any(argument(1), "ci", "install", "i"))
      return at + 2 >= words.size() || argument(2).starts_with('-');
    const bool run = is_any(argument(1), "run", "run-script");
    const std::string_view script = run ? argument(2) : argument(1);
    return script == "build" || script.starts_with("build:") || script == "compile" ||
           script == "generate";
  }
  if (program == "prisma") return argument(1) == "generate";
  if (is_any(program, "next", "vite", "nuxt", "astro", "ng", "turbo", "nx"))
    return argument(1) == "build" || (program == "turbo" && argument(2) == "build");
  if (program == "tsc" || program == "webpack") return true;
  if (program == "go") return is_any(argument(1), "build", "install");
  if (program == "cargo") return is_any(argument(1), "build", "install");
  if (is_any(program, "mvn", "mvnw", "gradle", "gradlew"))
    return std::ranges::any_of(words, [](std::string_view word) {
      return is_any(word, "package", "install", "build", "assemble", "bootJar", "shadowJar");
    });
  if (program == "dotnet") return is_any(argument(1), "build", "publish", "restore");
  if (is_any(program, "pip", "pip3"))
    return argument(1) == "install" && std::ranges::find(words, "-r") != words.end();
  if (program == "poetry" || program == "pipenv") return argument(1) == "install";
  if (program == "uv") return argument(1) == "sync";
  if (program == "bundle") return argument(1) == "install";
  if (program == "composer") return argument(1) == "install";
  if (program == "make") return words.size() == at + 1 || is_any(argument(1), "build", "all");
  return false;
}

bool ends_well(const SimpleCommand& command) {
  const std::string_view program = program_of(command);
  if (is_any(program, "true", ":", "echo", "printf")) return true;
  return program == "exit" && command.words.size() > 1 && command.words[1].text == "0";
}

std::string text_of(const SimpleCommand& command) {
  std::string text;
  for (const CommandWord& word : command.words) {
    text += (text.empty() ? "" : " ") + word.text;
    if (text.size() > 60) break;
  }
  return text;
}

// The command whose failure the line forgets: `X || true`, at the end of its list.
const SimpleCommand* swallowed(const std::vector<SimpleCommand>& commands) {
  using Joint = SimpleCommand::Joint;
  for (std::size_t i = 1; i < commands.size(); ++i) {
    if (commands[i].before != Joint::either || !ends_well(commands[i])) continue;
    // What follows may fail in its place: `|| { echo failed; exit 1; }`.
    bool fails = false;
    for (std::size_t k = i + 1; k < commands.size() && k < i + 3; ++k) {
      const std::string_view program = program_of(commands[k]);
      fails = fails || is_any(program, "exit", "false", "return") ||
              (commands[k].words.size() > 0 && commands[k].words[0].text == "exit");
    }
    if (fails || (!commands[i].words.empty() && is_any(commands[i].words[0].text, "{", "(")))
      continue;
    // Of `a && b || true`, each may have failed.
    for (std::size_t k = i; k-- > 0;) {
      if (makes_something(commands[k])) return &commands[k];
      if (commands[k].before != Joint::both) break;
    }
  }
  return nullptr;
}

void check(const Program& program, Findings& findings) {
  // One finding a stage: the last of them, which is the build itself as a rule.
  std::map<std::pair<FileId, std::size_t>, std::vector<Finding>> by_stage;
  for (const ImageBuild& build : program.builds) {
    const auto image = Image::of(program, build);
    if (!image || build.document || is_sample(build.dockerfile)) continue;
    const FileFacts& facts = image->dockerfile();
    for (const std::size_t stage : needed_stages(*image)) {
      auto& found = by_stage[{facts.file, stage}];
      if (!found.empty()) {
        for (Finding& finding : found) add_targets(finding, build.targets);
        continue;
      }
      for (const BuildStep& step : facts.stages[stage].steps) {
        if (step.kind != BuildStep::Kind::run || step.exec_form) continue;
        const auto commands = simple_commands(command_of(step));
        const SimpleCommand* command = swallowed(commands);
        if (command == nullptr) continue;
        found.push_back({.rule = rule_named("swallowed-build-failure"),
                         .message = "swallowed",
                         .arguments = {{"command", text_of(*command)}},
                         .span = command->words.front().span,
                         .symbol_kind = "command",
                         .symbol = text_of(*command),
                         .targets = build.targets,
                         .help = "help"});
      }
    }
  }
  for (auto& [stage, found] : by_stage) {
    if (found.empty()) continue;
    Finding finding = std::move(found.back());
    for (std::size_t i = 0; i + 1 < found.size(); ++i) relate(finding, found[i].span, "also");
    findings.add(std::move(finding));
  }
}

} // namespace

extern constinit const Rule swallowed_build_failure;
constinit const Rule swallowed_build_failure = declare({
    .id = "AE0705",
    .name = "swallowed-build-failure",
    .category = Category::cicd,
    .title_en = "build of an image that goes on after a failure",
    .title_pt = "build de imagem que continua após uma falha",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p2},
    .effort = {0.25, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
