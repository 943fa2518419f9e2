#include "knowledge/npm_programs.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"
#include "link/rules/support/image_builds.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc =
    R"(# A container that starts a program which its package does not install

A script of package.json finds the programs of installed packages. When the script that a container starts
names one that no dependency brings, the container ends at once: "not found".

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM node:24-alpine
WORKDIR /app
COPY . .
RUN npm install
CMD ["npm", "run", "start:full"]
-- package.json --
{
  "scripts": {
    "start:full": "concurrently \"npm run start\" \"npm run runtime\"", # error: undefined-command
    "start": "next start",
    "runtime": "node runtime.js"
  },
  "dependencies": {"next": "16"}
}
```

Silent: a dependency, of the package or of the workspace above it; a lock file that has it; installed by
the Dockerfile.

```txtar
-- compose.yaml --
services:
  web:
    build: web
  api:
    build: api
  job:
    build:
      context: .
      dockerfile: job/Dockerfile
-- web/Dockerfile --
FROM node:24-alpine
WORKDIR /app
COPY . .
CMD ["npm", "start"]
-- web/package.json --
{"scripts": {"start": "cross-env A=b next start"}, "devDependencies": {"cross-env": "7"}}
-- api/Dockerfile --
FROM node:24-alpine
RUN npm install -g pm2
WORKDIR /app
COPY package.json ./
CMD ["npm", "start"]
-- api/package.json --
{"scripts": {"start": "pm2 start server.js"}}
-- job/Dockerfile --
FROM node:24-alpine
WORKDIR /app
COPY . .
WORKDIR /app/job
CMD ["npm", "start"]
-- job/package.json --
{"scripts": {"start": "tsx job.ts"}}
-- package.json --
{"workspaces": ["job"], "devDependencies": {"tsx": "4"}}
```
)";

constexpr Message messages[] = {
    {"program",
     "no dependency of \"{package}\" brings `{program}`, which the container of service "
     "\"{service}\" starts",
     "nenhuma dependência de \"{package}\" traz `{program}`, que o contêiner do serviço "
     "\"{service}\" inicia"},
    {"started-here", "started here", "iniciado aqui"},
    {"help", "add \"{dependency}\" to the dependencies",
     "adicione \"{dependency}\" às dependências"},
};

template <class... Words> bool is_any(std::string_view what, Words... words) {
  return ((what == words) || ...);
}

class Checker {
public:
  Checker(const Program& program, Findings& findings) : program_(program), findings_(findings) {}

  void run() {
    for (const Process& process : program_.processes) look(process);
    for (auto& [place, finding] : by_place_) findings_.add(std::move(finding));
  }

private:
  void look(const Process& process) {
    const ImageBuild* build = build_of(program_, process);
    if (build == nullptr || is_sample(build->dockerfile)) return;
    const auto image = Image::of(program_, *build);
    if (!image || image->last(BuildStep::Kind::entry_point) != nullptr ||
        process.node->find("entrypoint") != nullptr || !image->directory())
      return;
    std::optional<Command> command = command_of(process, "command");
    if (!command && image->command() != nullptr) command = command_of(*image->command());
    if (!command || !command->known) return;
    std::string directory = *image->directory();
    if (const Node* given = process.node->find("working_dir")) directory = given->value();
    const std::string path =
        file_at(program_, process, &*image, clean_absolute(directory + "/package.json"));
    const FileId file = path.empty() ? FileId{} : program_.sources->find(path);
    const FileFacts* facts = file ? program_.facts_of(file) : nullptr;
    if (facts == nullptr || facts->manifests.empty()) return;
    for (const SimpleCommand& each : simple_commands(*command))
      script(process, *image, *facts, each, command->span, 0);
  }

  // `npm run NAME`, `npm start`: what the script starts.
  void script(const Process& process, const Image& image, const FileFacts& package,
              const SimpleCommand& command, Span start, int depth) {
    if (!is_any(program_of(command), "npm", "pnpm", "yarn") || command.words.size() < 2 ||
        depth > 4)
      return;
    const bool run = is_any(command.words[1].text, "run", "run-script");
    if (run && command.words.size() < 3) return;
    const CommandWord& name = command.words[run ? 2 : 1];
    const PackageScript* found = name.known ? package.manifests.front().script(name.text) : nullptr;
    if (found == nullptr) return;
    for (const SimpleCommand& each : simple_commands(found->command, found->span.file)) {
      if (is_any(program_of(each), "cd", "if", "npm", "pnpm", "yarn")) {
        script(process, image, package, each, start, depth + 1);
        if (program_of(each) == "cd") return;
        continue;
      }
      if (!each.words.empty() && !each.words[0].text.contains('/'))
        program(process, image, package, each.words[0], start);
    }
  }

  void program(const Process& process, const Image& image, const FileFacts& package,
               const CommandWord& word, Span start) {
    const auto packages = packages_of_program(word.text);
    if (packages.empty() || !word.span.file) return;
    for (const std::string_view name : packages)
      if (is_installed(image, package, name)) return;
    for (const BuildStep* step : image.steps(BuildStep::Kind::run))
      if (has_name(command_text(*step), word.text) || has_name(command_text(*step), packages[0]))
        return;
    Finding finding{.rule = rule_named("undefined-command"),
                    .message = "program",
                    .arguments = {{"package", program_.sources->path(package.file)},
                                  {"program", word.text},
                                  {"service", process.name},
                                  {"dependency", std::string(packages[0])}},
                    .span = word.span,
                    .related = {{start, "started-here"}},
                    .symbol_kind = "command",
                    .symbol = word.text,
                    .targets = {process.target},
                    .confidence = Confidence::likely, // another package may bring it along
                    .help = "help"};
    const auto [place, fresh] =
        by_place_.try_emplace(std::pair(word.span.file, word.span.range.begin), finding);
    if (!fresh) place->second.targets.push_back(process.target);
  }

  // By the package, by one above it, or by a lock file.
  bool is_installed(const Image&, const FileFacts& package, std::string_view name) const {
    std::string_view folder = parent_path(program_.sources->path(package.file));
    while (true) {
      const FileId file = program_.sources->find(join_path(folder, "package.json"));
      const FileFacts* facts = file ? program_.facts_of(file) : nullptr;
      if (facts != nullptr && !facts->manifests.empty() &&
          std::ranges::find(facts->manifests.front().dependencies, name) !=
              facts->manifests.front().dependencies.end())
        return true;
      for (const std::string_view lock :
           {"package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"}) {
        const FileId other = program_.sources->find(join_path(folder, lock));
        if (!other) continue;
        const auto bytes = program_.sources->read(other);
        if (!bytes || has_name(*bytes, name)) return true;
      }
      if (folder.empty()) return false;
      folder = parent_path(folder);
    }
  }

  const Program& program_;
  Findings& findings_;
  std::map<std::pair<FileId, std::uint32_t>, Finding> by_place_;
};

void check(const Program& program, Findings& findings) { Checker(program, findings).run(); }

} // namespace

extern constinit const Rule undefined_command;
constinit const Rule undefined_command = declare({
    .id = "AE0711",
    .name = "undefined-command",
    .category = Category::config,
    .title_en = "program that the package of a container does not install",
    .title_pt = "programa que o pacote de um contêiner não instala",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p0,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.1, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
