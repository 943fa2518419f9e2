#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/image_builds.h"
#include "link/steps/interpret.h"

#include "base/files.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A stage does not make what another one takes

`COPY --from=builder /app/public ./public` needs the path in the earlier stage. When the repository has no such folder and no
command of that stage makes one, the build ends there with "not found". Mostly the line came from a template, or the bundler writes elsewhere.

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- package.json --
{"scripts": {"build": "next build"}, "dependencies": {"next": "16.0.0"}}
-- package-lock.json --
{}
-- app/page.tsx --
export default () => null;
-- Dockerfile --
FROM node:24-slim AS builder
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
RUN npm run build
FROM node:24-slim
WORKDIR /app
COPY --from=builder /app/.next ./.next
COPY --from=builder /app/node_modules ./node_modules
# error: undefined-stage-path
COPY --from=builder /app/public ./public
CMD ["npx", "next", "start"]
```

Silent: what a command makes or may make, what the context brings, and stages that take more than is known.

```txtar
-- compose.yaml --
services:
  web:
    build: .
  api:
    build: api
-- package.json --
{"scripts": {"build": "next build && node scripts/icons.js"}}
-- package-lock.json --
{}
-- scripts/icons.js --
-- assets/logo.svg --
<svg/>
  site:
    build: site
-- site/package.json --
{"scripts": {"build": "next build"}}
-- site/.dockerignore --
.next
-- site/.next/standalone/server.js --
-- site/Dockerfile --
FROM node:24-slim AS builder
WORKDIR /app
COPY . .
RUN npm run build
FROM node:24-slim
COPY --from=builder /app/.next/standalone ./
-- Dockerfile --
FROM node:24-slim AS builder
WORKDIR /app
COPY . .
RUN mkdir -p made && npm ci && npm run build
FROM node:24-slim
COPY --from=builder /app/public /app/public
COPY --from=builder /app/made /app/made
COPY --from=builder /app/assets /app/assets
COPY --from=builder /etc/passwd /etc/passwd
-- api/main.go --
package main
-- api/go.mod --
module example.org/api
-- api/Dockerfile --
FROM golang:1.26 AS builder
WORKDIR /src
COPY . .
RUN go build -o /out/api .
FROM scratch
COPY --from=builder /out/api /api
```
)";

constexpr Message messages[] = {
    {"absent",
     "stage \"{stage}\" has no \"{path}\": nothing copies it there, and no command makes it",
     "o estágio \"{stage}\" não tem \"{path}\": nada o copia para lá e nenhum comando o cria"},
    {"help", "commit \"{file}\", or take the line out",
     "adicione \"{file}\" ao repositório, ou remova a linha"},
};

// A folder of the repository that a stage took whole, and where it lies there.
struct Taken {
  std::string folder; // in the repository
  std::string place;  // absolute, in the image
};

std::optional<Taken> taken(const Program& program, const Image& image, std::string_view path) {
  std::optional<Taken> found;
  for (const PlacedCopy& copy : image.copies()) {
    if (!copy.context || !copy.destination_known) continue;
    if (below(path, copy.destination).value_or("").empty()) continue;
    for (const PlacedCopy::Item& item : copy.sources) {
      if (item.wildcard) continue;
      std::string folder = image.context().in_repository(item.path);
      if (!folder.empty() && program.tree.exists(folder) != Existence::directory) continue;
      found = Taken{.folder = std::move(folder), .place = copy.destination};
    }
  }
  return found;
}

// Whether a command of the stage makes the path, or may. The stage's folder is walked as if it
// were the repository's.
bool may_make(const Program& program, const Image& image, const Taken& taken,
              std::string_view rest) {
  const std::string path = join_path(taken.folder, rest);
  const std::string_view first = rest.substr(0, rest.find('/'));
  steps::State state;
  state.world = steps::World(program.tree, steps::World::Content::repository);
  state.world.remove(path);
  steps::Interpreter interpreter(program.tree, *program.sources);
  steps::Uses uses;
  for (const BuildStep* step : image.steps(BuildStep::Kind::run)) {
    if (step->exec_form || has_bind_mount(program, *step)) return true;
    if (step->text.text.contains(first)) return true; // said in a way that may not be followed
    if (step->text.offsets.size() != step->text.text.size() + 1) return true;
    const std::string directory = directory_at(image, step);
    if (directory == taken.place)
      state.directory = taken.folder;
    else if (const auto inner = below(directory, taken.place))
      state.directory = join_path(taken.folder, *inner);
    else
      return true;
    interpreter.run({.text = &step->text, .file = image.dockerfile().file}, state, uses);
  }
  return state.world.exists(path) != steps::Answer::no;
}

void check(const Program& program, Findings& findings) {
  std::map<std::pair<FileId, std::uint32_t>, Finding> by_place;
  for (const ImageBuild& build : program.builds) {
    const auto target = Image::of(program, build);
    if (!target || build.document || is_sample(build.dockerfile)) continue;
    for (const std::size_t stage : needed_stages(*target)) {
      const Image image(program, build, target->dockerfile(), stage);
      for (const PlacedCopy& copy : image.copies()) {
        if (!copy.stage || copy.step->inline_files) continue;
        const Image from(program, build, target->dockerfile(), *copy.stage);
        for (const PlacedCopy::Item& item : copy.sources) {
          if (item.wildcard || item.word == nullptr) continue;
          const std::string path = "/" + item.path;
          const auto whole = taken(program, from, path);
          if (!whole || lacks_file(program, from, nullptr, path) != Lacks::yes) continue;
          const std::string_view rest = *below(path, whole->place);
          if (may_make(program, from, *whole, rest)) continue;
          const BuildStage& source = from.dockerfile().stages[*copy.stage];
          Finding finding{.rule = rule_named("undefined-stage-path"),
                          .message = "absent",
                          .arguments = {{"stage", source.name.empty() ? std::to_string(*copy.stage)
                                                                      : source.name},
                                        {"path", path},
                                        {"file", join_path(whole->folder, rest)}},
                          .span = item.word->span,
                          .symbol_kind = "path",
                          .symbol = path,
                          .targets = build.targets,
                          .confidence = Confidence::likely,
                          .help = "help"};
          const auto [place, fresh] =
              by_place.try_emplace(std::pair(finding.span.file, finding.span.range.begin), finding);
          if (!fresh) add_targets(place->second, build.targets);
        }
      }
    }
  }
  for (auto& [place, finding] : by_place) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule undefined_stage_path;
constinit const Rule undefined_stage_path = declare({
    .id = "AE0712",
    .name = "undefined-stage-path",
    .category = Category::config,
    .title_en = "path that an earlier stage of an image lacks",
    .title_pt = "caminho que falta em um estágio anterior da imagem",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.25, 1},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
