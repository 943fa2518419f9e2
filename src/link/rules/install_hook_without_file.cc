#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"
#include "link/rules/support/image_builds.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# An install that runs a file which is not copied yet

`npm install` runs `preinstall`, `install`, `postinstall` and `prepare` of the package. A Dockerfile that
copies package.json alone, to keep the installed packages from one build to the next, has none of the
files that those scripts run: the install fails, and with it the build.

```txtar
-- compose.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM node:24-alpine
WORKDIR /app
COPY package.json package-lock.json* ./
RUN npm install
COPY . .
-- package.json --
{
  "scripts": {
    "postinstall": "prisma generate && node scripts/fix.cjs" # error: install-hook-without-file
  }
}
-- scripts/fix.cjs --
```

Silent: the file is copied before, scripts are not run, files of packages.

```txtar
-- compose.yaml --
services:
  web:
    build: .
  api:
    build: api
-- Dockerfile --
FROM node:24-alpine
WORKDIR /app
COPY package.json ./
COPY scripts ./scripts
RUN npm install
-- package.json --
{"scripts": {"postinstall": "node scripts/fix.cjs"}}
-- scripts/fix.cjs --
-- api/Dockerfile --
FROM node:24-alpine
WORKDIR /app
COPY package.json ./
RUN npm install --ignore-scripts
RUN npm install -g pm2
-- api/package.json --
{"scripts": {"postinstall": "node scripts/fix.cjs", "prepare": "node node_modules/x/y.js || true"}}
```
)";

constexpr Message messages[] = {
    {"hook",
     "`{hook}` of \"{package}\" runs \"{file}\", which is not in the image when it installs",
     "`{hook}` de \"{package}\" executa \"{file}\", que não está na imagem quando ela instala"},
    {"installed-here", "installed here", "instalado aqui"},
    {"help", "copy \"{file}\" before the install, or install with `--ignore-scripts`",
     "copie \"{file}\" antes da instalação, ou instale com `--ignore-scripts`"},
};

template <class... Words> bool is_any(std::string_view what, Words... words) {
  return ((what == words) || ...);
}

bool installs(const SimpleCommand& command) {
  const std::string_view program = program_of(command);
  if (!is_any(program, "npm", "pnpm", "yarn") || command.words.empty()) return false;
  for (const CommandWord& word : command.words)
    if (!word.known || is_any(word.text, "--ignore-scripts", "-g", "--global", "-C", "global") ||
        word.text.starts_with("--prefix") || word.text.starts_with("--dir"))
      return false;
  if (command.words.size() == 1) return program == "yarn";
  const std::string_view verb = command.words[1].text;
  if (program == "yarn" && verb.starts_with('-')) return true;
  if (!is_any(verb, "install", "ci", "i")) return false;
  // `npm install NAME` runs them, too, but may be there to repair.
  return std::ranges::all_of(command.words.begin() + 2, command.words.end(),
                             [](const CommandWord& word) { return word.text.starts_with('-'); });
}

// The file of the package that a hook runs: `node scripts/fix.cjs`, `./setup.sh`.
const CommandWord* file_of(const SimpleCommand& command) {
  if (command.words.empty()) return nullptr;
  const std::string_view program = program_of(command);
  const CommandWord* word = &command.words[0];
  if (is_any(program, "node", "sh", "bash", "python3", "python"))
    word = command.words.size() > 1 ? &command.words[1] : nullptr;
  else if (!word->text.starts_with("./"))
    return nullptr;
  if (word == nullptr || !word->known || word->text.starts_with('-') ||
      word->text.starts_with('/') || word->text.contains("node_modules") ||
      word->text.starts_with("..") || !word->text.contains('.'))
    return nullptr;
  return word;
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
        const auto commands = simple_commands(command_of(step));
        const bool moves = std::ranges::any_of(commands, [](const SimpleCommand& command) {
          return is_any(program_of(command), "cd", "pushd", "git", "curl", "wget", "cp", "mv");
        });
        const auto install = std::ranges::find_if(commands, installs);
        const std::string directory = directory_at(image, &step);
        if (moves || install == commands.end() || directory.empty()) continue;
        const std::string path = source_before(program, image, &step, directory + "/package.json");
        const FileId file = path.empty() ? FileId{} : program.sources->find(path);
        const FileFacts* facts = file ? program.facts_of(file) : nullptr;
        if (facts == nullptr || facts->manifests.empty()) continue;
        for (const std::string_view hook : {"preinstall", "install", "postinstall", "prepare"}) {
          const PackageScript* script = facts->manifests.front().script(hook);
          if (script == nullptr) continue;
          const auto steps = simple_commands(script->command, script->span.file);
          for (std::size_t i = 0; i < steps.size(); ++i) {
            const CommandWord* word = file_of(steps[i]);
            if (i + 1 < steps.size() && steps[i + 1].before == SimpleCommand::Joint::either) break;
            if (is_any(program_of(steps[i]), "cd", "if", "[", "test")) break;
            if (word == nullptr) continue;
            if (lacks_file(program, image, &step, clean_absolute(directory + '/' + word->text)) !=
                Lacks::yes)
              continue;
            Finding finding{
                .rule = rule_named("install-hook-without-file"),
                .message = "hook",
                .arguments = {{"hook", std::string(hook)}, {"package", path}, {"file", word->text}},
                .span = script->span,
                .symbol_kind = "path",
                .symbol = word->text,
                .targets = build.targets,
                .help = "help"};
            finding.related.push_back({install->words.front().span, "installed-here"});
            const auto [place, fresh] = by_place.try_emplace(
                std::pair(finding.span.file, finding.span.range.begin), finding);
            if (!fresh) add_targets(place->second, build.targets);
            break;
          }
        }
      }
    }
  }
  for (auto& [place, finding] : by_place) findings.add(std::move(finding));
}

} // namespace

extern constinit const Rule install_hook_without_file;
constinit const Rule install_hook_without_file = declare({
    .id = "AE0708",
    .name = "install-hook-without-file",
    .category = Category::config,
    .title_en = "install that runs a file which is not copied yet",
    .title_pt = "instalação que executa um arquivo ainda não copiado",
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
