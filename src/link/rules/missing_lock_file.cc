#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"
#include "link/rules/support/image_builds.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# An install from a lock file that the image does not have

`npm ci` and `pnpm install --frozen-lockfile` end with an error where there is no lock file. What is in the
image at that step is what was copied before it: a lock file that the repository lacks, that the ignore
file leaves out, or that nobody copies is not there.

```txtar
-- compose.yaml --
services:
  web:
    build: .
  api:
    build: api
-- Dockerfile --
FROM node:24-slim
WORKDIR /app
COPY package*.json ./
# error: missing-lock-file
RUN npm ci --omit=dev
-- package.json --
{}
-- api/Dockerfile --
FROM node:24-slim
WORKDIR /app
COPY . .
# error: missing-lock-file
RUN corepack enable && pnpm install --frozen-lockfile
-- api/package.json --
{}
-- api/pnpm-lock.yaml --
-- api/.dockerignore --
*.yaml
```

Silent: the file is there; a condition decides; a mount brings it; another stage or folder; a lock file
that Git ignores, which each machine has (a workflow's checkout has not).

```txtar
-- compose.yaml --
services:
  web:
    build: .
  api:
    build: api
-- Dockerfile --
FROM node:24-slim AS deps
WORKDIR /app
COPY package.json package-lock.json* ./
RUN if [ -f package-lock.json ]; then npm ci; else npm install; fi
RUN --mount=type=bind,source=package-lock.json,target=package-lock.json npm ci
RUN cd web && npm ci
RUN npm ci || npm install
FROM deps
COPY . .
RUN npm install
-- package.json --
{}
-- api/Dockerfile --
FROM node:24-slim
WORKDIR /app
COPY . .
RUN npm ci
-- api/package.json --
{}
-- api/.gitignore --
package-lock.json
```
)";

constexpr Message messages[] = {
    {"lock", "`{command}` needs \"{file}\", which is not in the image at this step",
     "`{command}` precisa de \"{file}\", que não está na imagem neste passo"},
    {"built-here", "built here", "construído aqui"},
    {"help", "commit \"{file}\" and copy it before this step",
     "faça commit de \"{file}\" e copie-o antes deste passo"},
    {"help-copy", "copy \"{file}\" before this step", "copie \"{file}\" antes deste passo"},
};

template <class... Words> bool is_any(std::string_view what, Words... words) {
  return ((what == words) || ...);
}

// The lock file that a command cannot do without; empty when it can.
std::string_view lock_of(const SimpleCommand& command) {
  const std::string_view program = program_of(command);
  bool frozen = false, elsewhere = false;
  for (const CommandWord& word : command.words) {
    frozen = frozen || word.text == "--frozen-lockfile";
    elsewhere = elsewhere || word.text.starts_with("--prefix") || word.text.starts_with("--dir") ||
                word.text == "-C" || word.text == "-g" || word.text == "--global" || !word.known;
  }
  if (elsewhere || command.words.size() < 2) return {};
  const std::string_view verb = command.words[1].text;
  if (program == "npm" && is_any(verb, "ci", "clean-install")) return "package-lock.json";
  if (program == "pnpm" && is_any(verb, "install", "i") && frozen) return "pnpm-lock.yaml";
  return {};
}

void check(const Program& program, Findings& findings) {
  std::map<std::pair<FileId, std::uint32_t>, Finding> by_place;
  for (const ImageBuild& build : program.builds) {
    const auto target = Image::of(program, build);
    if (!target || build.document || is_sample(build.dockerfile)) continue;
    for (const std::size_t stage : needed_stages(*target)) {
      const Image image(program, build, target->dockerfile(), stage);
      for (const BuildStep& step : image.dockerfile().stages[stage].steps) {
        if (step.kind != BuildStep::Kind::run || has_bind_mount(program, step)) continue;
        const std::string directory = directory_at(image, &step);
        if (directory.empty()) continue;
        for (const SimpleCommand& command : simple_commands(command_of(step))) {
          if (command.words.empty()) continue;
          // What a condition or another folder decides is not known here.
          if (is_any(program_of(command), "if", "case", "cd", "pushd", "for", "while", "[", "test",
                     "git", "curl", "wget", "npx", "tar", "unzip"))
            break;
          const std::string_view lock = lock_of(command);
          if (lock.empty()) continue;
          const std::string path = clean_absolute(directory + '/' + std::string(lock));
          const bool shrunk =
              lock == "package-lock.json" &&
              lacks_file(program, image, &step, directory + "/npm-shrinkwrap.json") != Lacks::yes;
          if (shrunk || lacks_file(program, image, &step, path) != Lacks::yes) break;
          // Nor a package: then something else brings both.
          if (source_before(program, image, &step, directory + "/package.json").empty()) break;
          if (command_text(step).contains("||")) break;
          const bool there = image.context().find(lock).presence != BuildContext::Presence::absent;
          Finding finding{
              .rule = rule_named("missing-lock-file"),
              .message = "lock",
              .arguments = {{"command", command.words[0].text + " " + command.words[1].text},
                            {"file", std::string(lock)}},
              .span = command.words[0].span,
              .symbol_kind = "path",
              .symbol = image.context().in_repository(lock),
              .targets = build.targets,
              .help = there ? "help-copy" : "help"};
          if (!finding.span.file) finding.span = step.span;
          finding.related.push_back({build.span, "built-here"});
          if (build.checkout) finding.confidence = Confidence::likely;
          const auto [place, fresh] =
              by_place.try_emplace(std::pair(finding.span.file, finding.span.range.begin), finding);
          if (!fresh) {
            add_targets(place->second, build.targets);
            if (!build.checkout) place->second.confidence = Confidence::certain;
          }
          break;
        }
      }
    }
  }
  for (auto& [place, finding] : by_place) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule missing_lock_file;
constinit const Rule missing_lock_file = declare({
    .id = "AE0706",
    .name = "missing-lock-file",
    .category = Category::config,
    .title_en = "install from a lock file that the image does not have",
    .title_pt = "instalação a partir de um lock file que a imagem não tem",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
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
