#include "base/nearest.h"
#include "link/finding.h"
#include "link/image.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/image_builds.h"
#include "syntax/dockerfile.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A Dockerfile that the builder refuses

The builder reads the whole file before it builds anything, and stops at an instruction that it does not
know. That is a slip in its name, or a line that a backslash too few has cut in two.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM nginx:1.28
EXPOES 8080 # error: rejected-dockerfile
CMD ["nginx", "-g", "daemon off;"]
```

```txtar
-- compose.prod.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM debian:13
RUN apt-get update &&
# error: rejected-dockerfile
    apt-get install -y curl
```

`FROM` sees only what `ARG` declares above the first `FROM`, whatever `--build-arg` gives: without it the
image has no name, or half of one.

```txtar
-- compose.prod.yaml --
services:
  web:
    build:
      context: .
      args: {BASE_IMAGE: nginx}
  api:
    build: api
-- Dockerfile --
ARG BASE_IMGE=nginx:1.28
FROM ${BASE_IMAGE} # error: rejected-dockerfile
COPY site /usr/share/nginx/html
-- site/index.html --
-- api/Dockerfile --
FROM node:24-slim AS build
ARG NODE_VERSION=24
FROM node:${NODE_VERSION} # error: rejected-dockerfile
```

Silent: arguments that are declared, with or without a default, those of the platform, defaults, a part
that may be empty, templates of other programs, and a frontend of somebody else, which may know more.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: .
  api:
    build: api
  job:
    build: job
-- Dockerfile --
ARG BASE_IMAGE
ARG VERSION=1.28
FROM ${BASE_IMAGE} AS base
FROM nginx:${VERSION}
FROM ${REGISTRY}nginx:1.28
FROM --platform=$BUILDPLATFORM ${OTHER:-nginx:1.28}
FROM base-${TARGETARCH}
maintainer nobody
-- api/Dockerfile --
{% if base %}
FROM node:24
INSTALL {{ packages }}
{% endif %}
-- job/Dockerfile --
# syntax=devthefuture/dockerfile-x
FROM node:24
INCLUDE ./common.dockerfile
```
)";

constexpr Message messages[] = {
    {"unknown", "the builder knows no instruction \"{name}\": it refuses \"{dockerfile}\"",
     "o builder não conhece a instrução \"{name}\": ele recusa \"{dockerfile}\""},
    {"blank", "no ARG above the first FROM declares \"{name}\": the image \"{image}\" has no name",
     "nenhum ARG acima do primeiro FROM declara \"{name}\": a imagem \"{image}\" fica sem nome"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help-line", "if the line before goes on here, end it with \"\\\"",
     "se a linha anterior continua aqui, termine-a com \"\\\""},
    {"help-declare", "write `ARG {name}=...` above the first FROM",
     "escreva `ARG {name}=...` acima do primeiro FROM"},
};

// Another program makes the Dockerfile of it, or another frontend reads it.
bool is_read_by_others(std::string_view path, std::string_view bytes,
                       const dockerfile::File& parsed) {
  for (const std::string_view mark : {"{{", "{%", "<%", "@@", "%%"})
    if (bytes.contains(mark)) return true;
  for (const std::string_view end : {".j2", ".jinja", ".tmpl", ".tpl", ".template", ".in", ".m4",
                                     ".erb", ".md", ".txt", ".patch", ".orig"})
    if (path.ends_with(end)) return true;
  return std::ranges::any_of(parsed.directives, [](const dockerfile::Directive& each) {
    return each.name == "syntax" && !each.value.starts_with("docker/dockerfile") &&
           !each.value.starts_with("docker.io/docker/dockerfile");
  });
}

class Checker {
public:
  Checker(const Program& program, Findings& findings) : program_(program), findings_(findings) {}

  void run() {
    for (const FileFacts& facts : program_.facts)
      if (!facts.stages.empty()) look(facts);
  }

private:
  void look(const FileFacts& facts) {
    const std::string& path = program_.sources->path(facts.file);
    const Source* source = program_.sources->loaded(facts.file);
    if (source == nullptr || is_sample(path)) return;
    const dockerfile::File parsed = dockerfile::parse(source->bytes());
    if (is_read_by_others(path, source->bytes(), parsed)) return;
    // The builder goes no further than the first.
    for (const dockerfile::Problem& problem : parsed.problems) {
      if (problem.kind != dockerfile::Problem::Kind::unknown_instruction) continue;
      const std::string name(
          source->bytes().substr(problem.range.begin, problem.range.end - problem.range.begin));
      std::string upper = name;
      std::ranges::transform(upper, upper.begin(),
                             [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      const std::string near = nearest(upper, dockerfile::instruction_names).value_or("");
      add(facts, {.message = "unknown",
                  .arguments = {{"name", name}, {"near", near}},
                  .span = {facts.file, problem.range},
                  .symbol_kind = "instruction",
                  .symbol = name,
                  .help = near.empty() ? "help-line" : "help-near"});
      return;
    }
    for (const dockerfile::Stage& stage : parsed.stages) from(facts, stage);
  }

  static bool is_declared(const FileFacts& facts, const std::string& name) {
    return std::ranges::find(dockerfile::platform_arguments, name) !=
               dockerfile::platform_arguments.end() ||
           std::ranges::any_of(facts.build_arguments,
                               [&](const BuildSetting& each) { return each.name == name; });
  }

  // Source: dispatch of FROM in frontend/dockerfile/dockerfile2llb/convert.go of
  // https://github.com/moby/buildkit: "base name (%s) should not be blank", and the reference is
  // parsed for every stage, needed or not.
  void from(const FileFacts& facts, const dockerfile::Stage& stage) {
    std::string image, missing;
    for (const compose_template::Piece& piece : stage.image) {
      if (piece.kind == compose_template::Kind::literal) {
        image += piece.text;
      } else if (piece.form != compose_template::Form::plain) {
        return;
      } else if (is_declared(facts, piece.text)) {
        image += 'x';
      } else if (missing.empty()) {
        missing = piece.text;
      }
    }
    if (missing.empty()) return;
    constexpr std::string_view ends = "/:@";
    if (!image.empty() && !ends.contains(image.front()) && !ends.contains(image.back())) return;
    std::vector<std::string> names;
    for (const BuildSetting& each : facts.build_arguments) names.push_back(each.name);
    const std::string near = nearest(missing, names).value_or("");
    const Source* source = program_.sources->loaded(facts.file);
    const std::string_view written = source->bytes().substr(
        stage.image_range.begin, stage.image_range.end - stage.image_range.begin);
    add(facts, {.message = "blank",
                .arguments = {{"name", missing}, {"image", std::string(written)}, {"near", near}},
                .span = {facts.file, stage.image_range},
                .symbol_kind = "argument",
                .symbol = missing,
                .help = near.empty() ? "help-declare" : "help-near"});
  }

  void add(const FileFacts& facts, Finding finding) {
    finding.rule = rule_named("rejected-dockerfile");
    const std::string& path = program_.sources->path(facts.file);
    finding.arguments.emplace_back("dockerfile", path);
    for (const ImageBuild& build : program_.builds)
      if (build.dockerfile == path) add_targets(finding, build.targets);
    findings_.add(std::move(finding));
  }

  const Program& program_;
  Findings& findings_;
};

void check(const Program& program, Findings& findings) { Checker(program, findings).run(); }

} // namespace

extern constinit const Rule rejected_dockerfile;
constinit const Rule rejected_dockerfile = declare({
    .id = "AE0714",
    .name = "rejected-dockerfile",
    .category = Category::config,
    .title_en = "Dockerfile that the builder refuses",
    .title_pt = "Dockerfile que o builder recusa",
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
