#include "knowledge/images.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"
#include "link/rules/support/image_builds.h"

#include <algorithm>
#include <set>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A build argument that the stage does not know

An `ARG` before the first `FROM` is there for `FROM` alone. A stage that wants it says `ARG NAME` again;
else the name is empty there, and so is what is made of it: a path, a version, an address.

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- Dockerfile --
ARG VERSION=1.2.3
ARG DIRECTORY=/srv
FROM alpine:3.22
# error: argument-out-of-scope
RUN wget https://example.org/app-${VERSION}.tar.gz
# error: argument-out-of-scope
WORKDIR $DIRECTORY
```

Silent: asked for again, here or in the stage below; a value of the same name that the image or the
shell has; a default; an image that we do not know.

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- Dockerfile --
ARG VERSION=1.2.3
ARG NODE_VERSION=24
ARG NAME=x
FROM alpine:3.22 AS base
ARG VERSION
FROM base AS second
RUN echo $VERSION
FROM node:${NODE_VERSION}-slim AS third
RUN echo $NODE_VERSION
RUN NAME=y; echo $NAME
RUN echo ${NAME:-none} '$NAME'
FROM ghcr.io/acme/base:1
RUN echo $NAME
COPY --from=second / /second
COPY --from=third / /third
```
)";

constexpr Message messages[] = {
    {"scope",
     "`{name}` is empty in this stage: an ARG before the first FROM is there for FROM alone",
     "`{name}` está vazio neste estágio: um ARG antes do primeiro FROM só vale para o FROM"},
    {"help", "say `ARG {name}` again behind the FROM", "repita `ARG {name}` depois do FROM"},
};

// Images whose variables are known: all that they set begin so.
bool may_set(std::string_view image, std::string_view name) {
  const auto reference = parse_image(image);
  if (!reference || reference->registry != "docker.io") return true;
  const std::string familiar = reference->familiar();
  if (name == "PATH" || name == "LANG" || name == "HOME" || name == "HOSTNAME") return true;
  if (familiar == "alpine" || familiar == "debian" || familiar == "ubuntu" ||
      familiar == "busybox" || familiar == "scratch")
    return false;
  if (familiar == "node") return name == "NODE_VERSION" || name == "YARN_VERSION";
  if (familiar == "python") return name.starts_with("PYTHON_") || name == "GPG_KEY";
  if (familiar == "golang") return name.starts_with("GO");
  if (familiar == "nginx") return name.ends_with("_VERSION") || name.ends_with("_RELEASE");
  return true;
}

bool uses_plainly(const std::vector<compose_template::Piece>& pieces, std::string_view name) {
  return std::ranges::any_of(pieces, [&](const compose_template::Piece& piece) {
    return piece.kind == compose_template::Kind::hole && piece.text == name &&
           piece.form == compose_template::Form::plain &&
           piece.operand_range.begin == piece.operand_range.end;
  });
}

bool uses_plainly(const std::vector<shell::Part>& parts, std::string_view name) {
  return std::ranges::any_of(parts, [&](const shell::Part& part) {
    return part.kind == shell::Part::Kind::variable && part.text == name &&
           part.form == shell::Part::Form::plain;
  });
}

// Where the step needs a value of the name.
std::optional<Span> use_of(const BuildStep& step, std::string_view name) {
  using Kind = BuildStep::Kind;
  switch (step.kind) {
  case Kind::environment:
    for (const BuildSetting& setting : step.settings)
      if (setting.value && uses_plainly(setting.value->pieces, name)) return setting.value->span;
    return std::nullopt;
  case Kind::argument:
    for (const BuildSetting& setting : step.settings)
      if (setting.value && uses_plainly(setting.value->pieces, name)) return setting.value->span;
    return std::nullopt;
  case Kind::directory:
  case Kind::user:
  case Kind::expose:
  case Kind::copy:
    for (const BuildWord& word : step.words)
      if (uses_plainly(word.pieces, name)) return word.span;
    return std::nullopt;
  case Kind::run: {
    if (step.exec_form) return std::nullopt;
    const std::string& text = step.text.text;
    const std::string assigned = std::string(name) + "=";
    // The shell may have one of its own.
    if (has_name(text, name)) {
      for (std::size_t at = text.find(assigned); at != std::string::npos;
           at = text.find(assigned, at + 1))
        if (at == 0 || std::string_view(" \t\n;&|({'\"").contains(text[at - 1]))
          return std::nullopt;
      for (const std::string_view word : {"read ", "for ", "source ", ". /", "eval ", "getopts "})
        if (text.contains(word)) return std::nullopt;
    }
    for (const SimpleCommand& command : simple_commands(command_of(step)))
      for (const CommandWord& word : command.words)
        if (uses_plainly(word.parts, name)) return word.span;
    return std::nullopt;
  }
  default: return std::nullopt;
  }
}

void check(const Program& program, Findings& findings) {
  std::set<const FileFacts*> seen;
  for (const ImageBuild& build : program.builds) {
    const auto target = Image::of(program, build);
    if (!target || build.document || is_sample(build.dockerfile) ||
        !seen.insert(&target->dockerfile()).second)
      continue;
    const FileFacts& facts = target->dockerfile();
    for (const std::size_t stage : needed_stages(*target)) {
      const Image image(program, build, facts, stage);
      for (const BuildSetting& global : facts.build_arguments) {
        if (!image.base() || may_set(*image.base(), global.name)) continue;
        bool declared = false;
        std::optional<Span> use;
        for (const std::size_t each : image.chain())
          for (const BuildStep& step : facts.stages[each].steps) {
            if (!declared && !use && each == stage) use = use_of(step, global.name);
            for (const BuildSetting& setting : step.settings)
              declared = declared || setting.name == global.name;
          }
        if (!use || !use->file) continue;
        findings.add({.rule = rule_named("argument-out-of-scope"),
                      .message = "scope",
                      .arguments = {{"name", global.name}},
                      .span = *use,
                      .related = {{global.span, "defined-here"}},
                      .symbol_kind = "build-argument",
                      .symbol = global.name,
                      .targets = build.targets,
                      .help = "help"});
      }
    }
  }
}

} // namespace

extern constinit const Rule argument_out_of_scope;
constinit const Rule argument_out_of_scope = declare({
    .id = "AE0709",
    .name = "argument-out-of-scope",
    .category = Category::config,
    .title_en = "build argument that the stage does not know",
    .title_pt = "argumento de build que o estágio não conhece",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.1, 0.25},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
