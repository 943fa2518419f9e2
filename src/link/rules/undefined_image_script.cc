#include "base/nearest.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"
#include "link/rules/support/image_builds.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A package script that an image runs and its package lacks

`RUN npm run build` and `CMD ["npm", "run", "serve"]` name a script of the package.json that was copied
into the image. When it has none of that name the build fails, or the container does not start.

```txtar
-- compose.yaml --
services:
  web:
    build: web
  worker:
    build: web
    command: npm run work # error: undefined-image-script
-- web/Dockerfile --
FROM node:24-slim
WORKDIR /app
COPY . .
# error: undefined-image-script
RUN npm ci && npm run compile
# error: undefined-image-script
CMD ["npm", "run", "sart"]
-- web/package.json --
{"scripts": {"build": "tsc", "start": "node dist/server.js"}}
-- web/package-lock.json --
{}
```

Silent: scripts that are there, `--if-present`, other folders and workspaces, packages that no copy
brings, and another start that the service is given.

```txtar
-- compose.yaml --
services:
  web:
    build: web
    command: npm run start
  other:
    image: node:24
    command: npm run anything
-- web/Dockerfile --
FROM node:24-slim
WORKDIR /app
COPY package.json ./
RUN npm run build --if-present
RUN npm run build --workspace=lib
RUN cd /srv/other && npm run build
RUN npm --prefix lib run build
CMD ["npm", "run", "serve"]
-- web/package.json --
{"scripts": {"start": "node server.js"}}
```
)";

constexpr Message messages[] = {
    {"script", "\"{package}\" has no script \"{name}\"",
     "\"{package}\" não tem o script \"{name}\""},
    {"package-here", "the package", "o pacote"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "add the script, or run one that is there",
     "adicione o script, ou execute um que existe"},
};

template <class... Words> bool is_any(std::string_view what, Words... words) {
  return ((what == words) || ...);
}

// The name of the script that `npm run NAME` runs in its own folder; null when it is none.
const CommandWord* script_of(const SimpleCommand& command) {
  const std::string_view program = program_of(command);
  if (!is_any(program, "npm", "pnpm") || command.words.size() < 3) return nullptr;
  if (!is_any(command.words[1].text, "run", "run-script")) return nullptr;
  for (const CommandWord& word : command.words) {
    if (word.text == "--") break;
    if (!word.known || word.text == "--if-present" || word.text.starts_with("--workspace") ||
        word.text.starts_with("-w") || word.text.starts_with("--prefix") ||
        word.text.starts_with("--filter") || word.text.starts_with("-F") || word.text == "-r" ||
        word.text == "-C" || word.text == "--recursive" || word.text.starts_with("--dir"))
      return nullptr;
  }
  for (std::size_t i = 2; i < command.words.size(); ++i)
    if (!command.words[i].text.starts_with('-')) return &command.words[i];
  return nullptr;
}

class Checker {
public:
  Checker(const Program& program, Findings& findings) : program_(program), findings_(findings) {}

  void run() {
    for (const ImageBuild& build : program_.builds) look(build);
    for (const Process& process : program_.processes) look(process);
    for (auto& [place, finding] : by_place_) findings_.add(std::move(finding));
  }

private:
  const FileFacts* package_at(const std::string& path) const {
    const FileId file = path.empty() ? FileId{} : program_.sources->find(path);
    const FileFacts* facts = file ? program_.facts_of(file) : nullptr;
    return facts != nullptr && !facts->manifests.empty() ? facts : nullptr;
  }

  void look(const ImageBuild& build) {
    const auto target = Image::of(program_, build);
    if (!target || build.document || is_sample(build.dockerfile)) return;
    for (const std::size_t stage : needed_stages(*target)) {
      const Image image(program_, build, target->dockerfile(), stage);
      for (const BuildStep& step : image.dockerfile().stages[stage].steps) {
        if (step.kind != BuildStep::Kind::run || has_bind_mount(program_, step)) continue;
        const std::string directory = directory_at(image, &step);
        if (directory.empty()) continue;
        const FileFacts* facts =
            package_at(source_before(program_, image, &step, directory + "/package.json"));
        if (facts != nullptr) look(simple_commands(command_of(step)), *facts, build.targets);
      }
    }
    // What starts it, unless each service says otherwise.
    const BuildStep* start = target->command();
    if (start == nullptr || target->last(BuildStep::Kind::entry_point) != nullptr) return;
    std::vector<TargetIndex> targets;
    bool used = build.by != ImageBuild::By::compose;
    for (const TargetIndex each : build.targets)
      for (const Process& process : program_.processes_of(each)) {
        if (build_of(program_, process) != &build || process.node->find("command") != nullptr ||
            process.node->find("entrypoint") != nullptr)
          continue;
        // A mount over the package brings another one, perhaps.
        if (file_at(program_, process, &*target, directory_of(*target) + "/package.json") !=
            target->source_of(directory_of(*target) + "/package.json"))
          continue;
        used = true;
        targets.push_back(each);
      }
    if (!used || directory_of(*target).empty()) return;
    if (const FileFacts* facts =
            package_at(target->source_of(directory_of(*target) + "/package.json")))
      look(simple_commands(command_of(*start)), *facts, targets);
  }

  static std::string directory_of(const Image& image) {
    return image.directory().value_or(std::string());
  }

  void look(const Process& process) {
    const auto command = command_of(process, "command");
    if (!command || !command->known || process.node->find("entrypoint") != nullptr) return;
    std::optional<Image> image;
    if (process.build) {
      const ImageBuild* build = build_of(program_, process);
      if (build == nullptr) return;
      image = Image::of(program_, *build);
      if (!image || image->last(BuildStep::Kind::entry_point) != nullptr) return;
    }
    std::string directory = image ? directory_of(*image) : std::string();
    if (const Node* given = process.node->find("working_dir")) directory = given->value();
    if (!directory.starts_with('/')) return;
    const FileFacts* facts = package_at(
        file_at(program_, process, image ? &*image : nullptr, directory + "/package.json"));
    if (facts != nullptr) look(simple_commands(*command), *facts, {process.target});
  }

  void look(const std::vector<SimpleCommand>& commands, const FileFacts& package,
            const std::vector<TargetIndex>& targets) {
    const PackageManifest& manifest = package.manifests.front();
    for (std::size_t i = 0; i < commands.size(); ++i) {
      // Another folder from here on; another way behind `||`.
      if (is_any(program_of(commands[i]), "cd", "pushd", "if", "for", "while", "case")) return;
      const CommandWord* name = script_of(commands[i]);
      if (name == nullptr || manifest.script(name->text) != nullptr || name->text.contains('*'))
        continue;
      if (i + 1 < commands.size() && commands[i + 1].before == SimpleCommand::Joint::either)
        continue;
      add(*name, package, targets);
    }
  }

  void add(const CommandWord& name, const FileFacts& package,
           const std::vector<TargetIndex>& targets) {
    std::vector<std::string> names;
    for (const PackageScript& script : package.manifests.front().scripts)
      names.push_back(script.name);
    const std::string near = nearest(name.text, names).value_or(std::string());
    Finding finding{.rule = rule_named("undefined-image-script"),
                    .message = "script",
                    .arguments = {{"package", program_.sources->path(package.file)},
                                  {"name", name.text},
                                  {"near", near}},
                    .span = name.span,
                    .symbol_kind = "script",
                    .symbol = name.text,
                    .targets = targets,
                    .help = near.empty() ? "help" : "help-near"};
    finding.related.push_back({{package.file, {0, 0}}, "package-here"});
    const auto [place, fresh] =
        by_place_.try_emplace(std::pair(name.span.file, name.span.range.begin), finding);
    if (fresh) return;
    add_targets(place->second, targets);
  }

  const Program& program_;
  Findings& findings_;
  std::map<std::pair<FileId, std::uint32_t>, Finding> by_place_;
};

void check(const Program& program, Findings& findings) { Checker(program, findings).run(); }

} // namespace

extern constinit const Rule undefined_image_script;
constinit const Rule undefined_image_script = declare({
    .id = "AE0707",
    .name = "undefined-image-script",
    .category = Category::config,
    .title_en = "package script that the package of an image lacks",
    .title_pt = "script que o pacote de uma imagem não tem",
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
