#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/given_values.h"
#include "link/rules/support/image_builds.h"
#include "link/rules/support/same_name.h"
#include "syntax/dockerfile.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A file that a Dockerfile copies and its build does not have

`COPY` and `ADD` take files from the build context: the folder that whoever builds the image
passes, without what its `.dockerignore` leaves out. A file that is not there ends the build. What a
context is stands in the compose file, the script or the workflow, so the same Dockerfile may be right
for one and wrong for the other.

```txtar
-- compose.yaml --
services:
  web:
    build: ./web
-- web/Dockerfile --
FROM node:24-slim
WORKDIR /app
COPY package.json ./
# error: undefined-copy-source
COPY server.mjs migrate.mjs ./
-- web/package.json --
{}
-- web/server.mjs --
-- web/migrations/migrate.mjs --
```

What a `RUN` binds comes from the context too, unless it says `from=`.

```txtar
-- compose.yaml --
services:
  api:
    build: .
-- Dockerfile --
FROM python:3.14-slim
# error: undefined-copy-source
RUN --mount=type=bind,source=requirement.txt,target=requirements.txt \
    --mount=type=cache,target=/root/.cache,source=nowhere \
    --mount=type=bind,from=ghcr.io/acme/tools:1,source=/nowhere,target=/tools \
    --mount=type=bind,source=${OTHER},target=/other \
    --mount=target=/src \
    --mount=source=setup.py,target=/setup.py \
    pip install -r requirements.txt
-- requirements.txt --
-- setup.py --
```

Left out by the ignore file, which for BuildKit may stand beside the Dockerfile under its name:

```txtar
-- compose.yaml --
services:
  web:
    build:
      context: .
      dockerfile: docker/web.Dockerfile
-- docker/web.Dockerfile --
FROM nginx:1.29
# error: undefined-copy-source
COPY docs /usr/share/nginx/html/docs
COPY site /usr/share/nginx/html
-- docker/web.Dockerfile.dockerignore --
docs
-- .dockerignore --
site
-- docs/index.html --
-- site/index.html --
```

The folder of the Dockerfile is not the context that is passed:

```txtar
-- compose.yaml --
services:
  api:
    build:
      context: . # error: undefined-copy-source
      dockerfile: api/Dockerfile
  job:
    build: ./api
-- api/Dockerfile --
FROM python:3.14-slim
COPY requirements.txt .
-- api/requirements.txt --
```

Silent: wildcards, which may match nothing; here documents and addresses; variables without value;
what Git ignores, as each machine makes it; what a script makes; other stages; stages that nothing
builds; files that an exception in the ignore file takes back.

```txtar
-- compose.yaml --
services:
  web:
    build:
      context: .
      target: web
-- Dockerfile --
ARG THEME
FROM node:24-slim AS build
ARG DIRECTORY=src
COPY package.json package-lock.json* ./
COPY ${DIRECTORY} ./src
COPY ${THEME} ./theme
COPY <<EOF /etc/motd
hello
EOF
ADD https://example.org/file.tar.gz /tmp/
ADD git@github.com:acme/web.git /web
COPY dist /dist
COPY version.txt /
COPY docs/README.md /
FROM node:24-slim AS web
COPY --from=build /app/nowhere /app
COPY --from=ghcr.io/acme/tools:1 /tool /usr/bin/
FROM node:24-slim AS never
COPY nowhere /
-- package.json --
{}
-- src/index.js --
-- .gitignore --
dist
-- .dockerignore --
docs
!docs/README.md
-- docs/README.md --
-- build.sh --
git describe > version.txt
```

A script that puts one file into a folder makes that file there, and no other.

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM node:24-slim
# error: undefined-copy-source
COPY web/package.json web/
COPY web/openapi.json web/
-- scripts/client.sh --
mv openapi.json web/
-- web/server.js --
```

Silent: what a pattern stands for, or the content of a folder.

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM node:24-slim
COPY web/package.json web/
COPY api/package.json api/
-- scripts/client.sh --
cp generated/*.json web/
cp -r generated/. api/
-- web/server.js --
-- api/server.js --
```

A Dockerfile that nothing here builds has no known context. Only where all files but one are in one
folder, that one is said to lack.

```txtar
-- tools/Dockerfile --
FROM python:3.14-slim
COPY requirements.txt .
COPY tool.py .
-- tools/tool.py --
-- web/Dockerfile --
FROM python:3.14-slim
COPY web/requirements.txt web/main.py ./
-- web/requirements.txt --
-- web/main.py --
-- compose.yaml --
services: {}
```

```txtar
-- compose.yaml --
services: {}
-- tools/Dockerfile --
FROM python:3.14-slim
COPY tool.py other.py ./
# error: undefined-copy-source
COPY requirements.txt .
-- tools/tool.py --
-- tools/other.py --
```
)";

constexpr Message messages[] = {
    {"absent",
     "\"{path}\" does not exist: the build of \"{dockerfile}\" with the context \"{context}\" "
     "fails",
     "\"{path}\" não existe: o build de \"{dockerfile}\" com o contexto \"{context}\" falha"},
    {"excluded",
     "\"{path}\" is left out of the context \"{context}\" by \"{ignore}\": the build of "
     "\"{dockerfile}\" fails",
     "\"{path}\" fica fora do contexto \"{context}\" por causa de \"{ignore}\": o build de "
     "\"{dockerfile}\" falha"},
    {"wrong-context", "the context \"{context}\" has no \"{path}\", which \"{dockerfile}\" copies",
     "o contexto \"{context}\" não tem \"{path}\", que \"{dockerfile}\" copia"},
    {"lock",
     "\"{path}\" is ignored by Git: a checkout does not have it, and the build of \"{dockerfile}\" "
     "fails",
     "\"{path}\" é ignorado pelo Git: um checkout não o tem, e o build de \"{dockerfile}\" falha"},
    {"copied-here", "copied here", "copiado aqui"},
    {"built-here", "built here", "construído aqui"},
    {"excluded-here", "left out by this line", "deixado de fora por esta linha"},
    {"help", "create the file, or copy what is there", "crie o arquivo, ou copie o que existe"},
    {"help-case", "the repository has \"{other}\": names on Linux differ in case",
     "o repositório tem \"{other}\": no Linux, maiúsculas e minúsculas diferem"},
    {"help-elsewhere", "the repository has \"{other}\": is that the file?",
     "o repositório tem \"{other}\": é esse o arquivo?"},
    {"help-ignore", "take it back in \"{ignore}\": `!{path}`",
     "reinclua-o em \"{ignore}\": `!{path}`"},
    {"help-context", "pass the folder that holds it as context",
     "passe como contexto a pasta que o contém"},
    {"help-lock", "commit the lock file", "faça commit do lock file"},
};

// Folders that builds make. Whoever forgot to have Git ignore them still makes them.
bool is_output(std::string_view path) {
  constexpr std::string_view names[] = {"dist",    "build",     "target",    "out",
                                        "bin",     "vendor",    ".next",     ".output",
                                        "publish", "release",   "_build",    "node_modules",
                                        "wheels",  "artifacts", "generated", "binaries"};
  for (std::string_view part = path; !part.empty(); part = parent_path(part))
    if (std::ranges::find(names, file_name(part)) != std::end(names)) return true;
  for (const std::string_view end : {".jar", ".war", ".whl", ".tar.gz", ".tgz", ".deb"})
    if (path.ends_with(end)) return true;
  return false;
}

bool is_lock_file(std::string_view path) {
  constexpr std::string_view names[] = {"package-lock.json", "pnpm-lock.yaml", "yarn.lock",
                                        "bun.lock",          "poetry.lock",    "uv.lock",
                                        "Gemfile.lock",      "composer.lock",  "Cargo.lock"};
  return std::ranges::find(names, file_name(path)) != std::end(names);
}

struct Lack {
  const ImageBuild* build;
  const BuildWord* word;
  std::string path; // in the repository
  BuildContext::Found found;
};

class Checker {
public:
  Checker(const Program& program, Findings& findings) : program_(program), findings_(findings) {}

  void run() {
    for (const ImageBuild& build : program_.builds) look(build);
    for (const FileFacts& facts : program_.facts)
      if (!facts.stages.empty()) guess(facts);
    report();
  }

private:
  using Presence = BuildContext::Presence;

  // Nobody here builds it: the folder from which all but one of its files are found is meant.
  void guess(const FileFacts& facts) {
    const std::string& path = program_.sources->path(facts.file);
    if (is_sample(path) || std::ranges::any_of(program_.builds, [&](const ImageBuild& build) {
          return build.dockerfile == path;
        }))
      return;
    struct Guess {
      std::size_t present = 0;
      std::vector<Lack> lacks;
      std::set<const BuildWord*> there;
    };
    std::optional<Guess> best;
    for (std::string_view folder = parent_path(path);; folder = parent_path(folder)) {
      guesses_.push_back({.by = ImageBuild::By::command,
                          .context = std::string(folder),
                          .dockerfile = path,
                          .arguments_known = false,
                          .span = {facts.file, {0, 0}}});
      const std::size_t before = lacks_.size();
      const auto outside = there_;
      there_.clear();
      look(guesses_.back());
      Guess here{.present = there_.size(), .there = there_};
      here.lacks.assign(lacks_.begin() + static_cast<std::ptrdiff_t>(before), lacks_.end());
      lacks_.resize(before);
      there_ = outside;
      if (!best || here.lacks.size() < best->lacks.size()) best = std::move(here);
      if (folder.empty()) break;
    }
    if (!best || best->lacks.size() != 1 || best->present < 2) return;
    lacks_.push_back(best->lacks.front());
  }

  void look(const ImageBuild& build) {
    const auto image = Image::of(program_, build);
    if (!image || build.document || is_sample(build.dockerfile)) return;
    for (const std::size_t stage : needed_stages(*image)) {
      const Image made(program_, build, image->dockerfile(), stage);
      const auto& steps = made.dockerfile().stages[stage].steps;
      for (const PlacedCopy& copy : made.copies()) {
        const bool own = copy.step >= steps.data() && copy.step < steps.data() + steps.size();
        if (!copy.context || !own) continue;
        for (const PlacedCopy::Item& item : copy.sources)
          if (!item.wildcard) look(build, made, item);
      }
      for (const PlacedCopy::Item& item : bound(image->dockerfile().file, stage))
        look(build, made, item);
    }
  }

  // What the stage's RUNs bind from the context.
  // Source: https://docs.docker.com/reference/dockerfile/#run---mounttypebind
  const std::vector<PlacedCopy::Item>& bound(FileId file, std::size_t stage) {
    const auto [place, fresh] = bound_.try_emplace({file, stage});
    const Source* source = program_.sources->loaded(file);
    if (!fresh || source == nullptr) return place->second;
    const dockerfile::File parsed = dockerfile::parse(source->bytes());
    if (stage >= parsed.stages.size()) return place->second;
    const dockerfile::Stage& read = parsed.stages[stage];
    for (std::size_t i = read.first_instruction;
         i < read.end_instruction && i < parsed.instructions.size(); ++i) {
      if (parsed.instructions[i].name != "RUN") continue;
      for (const dockerfile::Flag& flag : parsed.instructions[i].flags) {
        const std::string path = flag.name == "mount" ? bind_source(flag.value) : "";
        if (path.empty()) continue;
        words_.push_back({.pieces = {}, .written = path, .span = {file, flag.range}});
        place->second.push_back(
            {.word = &words_.back(), .path = clean_absolute(path).substr(1), .wildcard = false});
      }
    }
    return place->second;
  }

  // Empty: the whole context, another stage or image, another kind of mount, or not known.
  static std::string bind_source(std::string_view mount) {
    if (mount.find_first_of("$\"'\\") != std::string_view::npos) return {};
    std::string source;
    for (std::size_t at = 0; at < mount.size();) {
      const std::size_t comma = std::min(mount.find(',', at), mount.size());
      const std::string_view part = mount.substr(at, comma - at);
      at = comma + 1;
      const std::size_t equals = part.find('=');
      const std::string_view key = part.substr(0, equals);
      const std::string_view value = equals == part.npos ? "" : part.substr(equals + 1);
      if (key == "from" || (key == "type" && value != "bind")) return {};
      if (key == "source" || key == "src") source = value;
    }
    return source;
  }

  void look(const ImageBuild& build, const Image& image, const PlacedCopy::Item& item) {
    const BuildContext::Found found = image.context().find(item.path);
    const std::string path = image.context().in_repository(item.path);
    const bool lock = found.presence == Presence::ignored && build.checkout && is_lock_file(path);
    if (found.presence == Presence::present) there_.insert(item.word);
    if (found.presence != Presence::absent && found.presence != Presence::excluded && !lock) return;
    lacks_.push_back({.build = &build, .word = item.word, .path = path, .found = found});
  }

  bool is_silent(const Lack& lack) const {
    if (lack.found.presence != Presence::absent) return false;
    return is_output(lack.path) || is_made(program_, lack.path);
  }

  void report() {
    // One finding a word and context; further builders are related to it.
    std::map<std::pair<const BuildWord*, std::string>, Finding> by_word;
    std::vector<std::pair<const BuildWord*, std::string>> order;
    for (const Lack& lack : lacks_) {
      if (is_silent(lack)) continue;
      const std::pair key{lack.word, lack.build->context};
      const auto [place, fresh] = by_word.try_emplace(key, finding_of(lack));
      if (fresh) {
        order.push_back(key);
        continue;
      }
      Finding& finding = place->second;
      add_targets(finding, lack.build->targets);
      if (!lack.build->checkout) finding.confidence = Confidence::certain;
      if (finding.span != lack.build->span) relate(finding, lack.build->span, "built-here");
    }
    // One wrong context is one finding, however many files are not in it.
    std::set<std::pair<FileId, std::uint32_t>> contexts;
    for (const auto& key : order) {
      Finding& finding = by_word.at(key);
      if (finding.message == "wrong-context" &&
          !contexts.emplace(finding.span.file, finding.span.range.begin).second)
        continue;
      findings_.add(std::move(finding));
    }
  }

  Finding finding_of(const Lack& lack) const {
    const ImageBuild& build = *lack.build;
    const BuildContext context(program_, build);
    Finding finding{.rule = rule_named("undefined-copy-source"),
                    .message = "absent",
                    .span = lack.word->span,
                    .symbol_kind = "path",
                    .symbol = lack.path,
                    .targets = build.targets,
                    .help = "help"};
    std::string other;
    if (lack.found.presence == Presence::excluded) {
      finding.message = "excluded";
      finding.help = "help-ignore";
      finding.related.push_back({lack.found.excluded_by, "excluded-here"});
    } else if (lack.found.presence == Presence::ignored) {
      finding.message = "lock";
      finding.help = "help-lock";
      finding.confidence = Confidence::likely;
    } else if (there_.contains(lack.word)) {
      finding.message = "wrong-context";
      finding.span = build.span;
      finding.related.push_back({lack.word->span, "copied-here"});
      finding.help = "help-context";
    } else if (const auto cased = program_.tree.exists_ignoring_case(lack.path)) {
      other = *cased;
      finding.help = "help-case";
    } else if (other = only_file_named(program_, lack.path); !other.empty()) {
      finding.help = "help-elsewhere";
    }
    if (build.span.range.end > 0 && finding.span != build.span)
      finding.related.push_back({build.span, "built-here"});
    if (build.span.range.end == 0) finding.confidence = Confidence::likely; // a guess
    // A step before may make the file.
    if (build.checkout && lack.found.presence == Presence::absent)
      finding.confidence = Confidence::likely;
    finding.arguments = {{"path", lack.word->written},
                         {"dockerfile", build.dockerfile},
                         {"context", build.context.empty() ? "." : build.context},
                         {"ignore", context.ignore_file()},
                         {"other", other}};
    return finding;
  }

  const Program& program_;
  Findings& findings_;
  std::deque<ImageBuild> guesses_; // pointed at by lacks
  std::vector<Lack> lacks_;
  std::set<const BuildWord*> there_;
  std::deque<BuildWord> words_; // pointed at by bound_
  std::map<std::pair<FileId, std::size_t>, std::vector<PlacedCopy::Item>> bound_;
};

void check(const Program& program, Findings& findings) { Checker(program, findings).run(); }

} // namespace

extern constinit const Rule undefined_copy_source;
constinit const Rule undefined_copy_source = declare({
    .id = "AE0701",
    .name = "undefined-copy-source",
    .category = Category::config,
    .title_en = "copied file that the build does not have",
    .title_pt = "arquivo copiado que o build não tem",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
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
