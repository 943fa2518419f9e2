#include "knowledge/images.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"
#include "link/rules/support/image_builds.h"

#include "base/files.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A program that an image starts and does not have

`CMD ["node", "server.mjs"]` takes the file from the WORKDIR. Where all that lies there was copied from the
repository, and no command of the build may have made it, the container ends at once.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: .
-- Dockerfile --
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
FROM node:24-slim
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
USER node
# error: undefined-image-program
CMD ["node", "src/sever.mjs"]
-- package.json --
{}
-- package-lock.json --
{}
-- src/server.mjs --
```

```txtar
-- compose.prod.yaml --
services:
  job:
    build: job
-- job/Dockerfile --
FROM python:3.14-slim
WORKDIR /srv/job
COPY requirements.txt main.py ./
RUN pip install --no-cache-dir -r requirements.txt
# error: undefined-image-program
ENTRYPOINT ["python", "-u", "app.py"]
CMD ["--once"]
-- job/requirements.txt --
-- job/main.py --
```

Silent: files that are there, that a command may make, that another stage brings, that Git ignores, that a
mount brings, and images that nothing starts so.

```txtar
-- compose.prod.yaml --
services:
  web:
    build: web
  made:
    build: made
  staged:
    build: staged
  mounted:
    build: mounted
    volumes: ["./src:/app/src"]
  other:
    build: mounted
    command: ["node", "other.mjs"]
-- web/Dockerfile --
FROM node:24-slim
WORKDIR /app
COPY . .
CMD ["node", "server.mjs"]
-- web/server.mjs --
-- made/Dockerfile --
FROM node:24-slim
WORKDIR /app
COPY . .
RUN ./build.sh
CMD ["node", "server.mjs"]
-- made/build.sh --
-- staged/Dockerfile --
FROM node:24-slim AS build
WORKDIR /app
COPY . .
RUN npm ci && npm run build
FROM node:24-slim
WORKDIR /app
COPY package.json ./
COPY --from=build /app/dist ./dist
CMD ["node", "dist/server.mjs"]
-- staged/package.json --
{"scripts": {"build": "tsc"}}
-- staged/package-lock.json --
{}
-- mounted/Dockerfile --
FROM node:24-slim
WORKDIR /app
COPY package.json ./
CMD ["node", "src/server.mjs"]
-- mounted/package.json --
{}
-- src/server.mjs --
```
)";

constexpr Message messages[] = {
    {"absent",
     "the image has no \"{path}\": nothing copies it there, and the container ends at once",
     "a imagem não tem \"{path}\": nada o copia para lá, e o contêiner termina logo"},
    {"help", "copy the file, or start one that is there",
     "copie o arquivo, ou inicie um que existe"},
};

bool is_interpreter(std::string_view program) {
  for (const std::string_view each :
       {"node", "python", "python3", "ruby", "php", "perl", "bun", "sh", "bash", "ash", "dash"})
    if (program == each) return true;
  return false;
}

// Options that take no value and let the file follow.
bool is_plain_option(std::string_view word) {
  for (const std::string_view each : {"-u", "-B", "-O", "-OO", "-E", "-e", "-x", "-eu", "-ex",
                                      "-eux", "--enable-source-maps", "--no-warnings"})
    if (word == each) return true;
  return word.starts_with("--") && word.contains('=');
}

bool is_script(std::string_view path) {
  for (const std::string_view end :
       {".js", ".mjs", ".cjs", ".ts", ".py", ".sh", ".rb", ".php", ".pl"})
    if (path.ends_with(end)) return true;
  return false;
}

// The word that names the file which is run; null when it is not certain that there is one.
const BuildWord* started(const std::vector<const BuildWord*>& words) {
  if (words.empty()) return nullptr;
  if (words[0]->written.contains('/') && is_script(words[0]->written)) return words[0];
  const bool python = words[0]->written.starts_with("python");
  if (!is_interpreter(file_name(words[0]->written))) return nullptr;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i]->written;
    // `python -e` and `node -e` take a program.
    if (word == "-e" && !file_name(words[0]->written).ends_with("sh")) return nullptr;
    if (word == "-x" && python) return nullptr;
    if (word.starts_with('-')) {
      if (!is_plain_option(word)) return nullptr;
      continue;
    }
    return is_script(word) && word.find_first_of("$*?~ ") == std::string::npos ? words[i] : nullptr;
  }
  return nullptr;
}

class Checker {
public:
  Checker(const Program& program, Findings& findings) : program_(program), findings_(findings) {}

  void run() {
    for (const ImageBuild& build : program_.builds) look(build);
    for (auto& [place, finding] : by_place_) findings_.add(std::move(finding));
  }

private:
  void look(const ImageBuild& build) {
    const auto image = Image::of(program_, build);
    if (!image || build.document || is_sample(build.dockerfile) || !image->directory()) return;
    const BuildStep* entry = image->last(BuildStep::Kind::entry_point);
    const BuildStep* command = image->command();
    std::vector<const BuildWord*> words;
    for (const BuildStep* step : {entry, command}) {
      if (step == nullptr) continue;
      if (!step->exec_form) return;
      for (const BuildWord& word : step->words) words.push_back(&word);
    }
    const BuildWord* file = started(words);
    if (file == nullptr) return;
    const std::string& directory = *image->directory();
    const std::string path = clean_absolute(
        file->written.starts_with('/') ? file->written : directory + '/' + file->written);
    if (directory == "/" || below(path, directory).value_or("").empty()) return;
    if (!is_ours(*image, directory, path) || may_make(*image, path)) return;
    if (lacks_file(program_, *image, nullptr, path) != Lacks::yes) return;
    // What lies there in the repository, if the folder were the context's.
    const std::string inner(*below(path, directory));
    if (is_made(program_, image->context().in_repository(inner)) || is_ignored(*image, inner))
      return;
    std::vector<TargetIndex> targets;
    if (!is_started_so(build, path, targets)) return;
    Finding finding{.rule = rule_named("undefined-image-program"),
                    .message = "absent",
                    .arguments = {{"path", path}},
                    .span = file->span,
                    .symbol_kind = "path",
                    .symbol = path,
                    .targets = targets,
                    .confidence = Confidence::likely,
                    .help = "help"};
    const auto [place, fresh] =
        by_place_.try_emplace(std::pair(file->span.file, file->span.range.begin), finding);
    if (!fresh) add_targets(place->second, targets);
  }

  // Something of the context was copied into the folder, and all of it is there.
  bool is_ours(const Image& image, const std::string& directory, const std::string& path) const {
    // An image of one's own may have it, under a name like Docker's too.
    const std::string base = image.base().value_or("");
    if (!is_official_image(base.substr(0, base.find_first_of(":@")))) return false;
    bool any = false;
    for (const PlacedCopy& copy : image.copies()) {
      if (!copy.destination_known || !copy.sources_known) return false;
      if (!below(copy.destination, directory) && !below(directory, copy.destination)) continue;
      if (!copy.context ||
          copy.step->add) { // `COPY --from=packages /app/node_modules ./node_modules`
        if (below(path, copy.destination)) return false;
        continue;
      }
      any = true;
      for (const PlacedCopy::Item& item : copy.sources)
        if (item.wildcard
                ? !file_name(item.path).contains('.') // folders, with what is in them
                : image.context().find(item.path).presence != BuildContext::Presence::present)
          return false;
    }
    return any;
  }

  // Installers put their packages into folders of their own; all else may write anything.
  bool may_make(const Image& image, const std::string& path) const {
    // `postinstall` and its like run with every install.
    const std::string package =
        image.source_of(clean_absolute(*image.directory() + "/package.json"));
    const FileId file = package.empty() ? FileId{} : program_.sources->find(package);
    if (const FileFacts* facts = file ? program_.facts_of(file) : nullptr)
      for (const PackageManifest& manifest : facts->manifests)
        for (const std::string_view name : {"preinstall", "install", "postinstall", "prepare"})
          if (manifest.script(name) != nullptr) return true;
    for (const BuildStep* step : image.steps(BuildStep::Kind::run)) {
      if (step->exec_form || has_bind_mount(program_, *step)) return true;
      const std::string text = command_text(*step);
      if (text.contains(file_name(path)) || text.contains("<<") || text.contains('`') ||
          text.contains("$(") || text.contains('>'))
        return true;
      for (const SimpleCommand& each : simple_commands(command_of(*step)))
        if (!is_harmless(each)) return true;
    }
    return false;
  }

  static bool is_harmless(const SimpleCommand& command) {
    const std::string_view name = program_of(command);
    for (const std::string_view each :
         {"apt-get", "apt", "apk", "addgroup", "adduser", "groupadd", "useradd", "chown", "chmod",
          "mkdir", "rm", "set", "true", "echo", "corepack"})
      if (name == each) return true;
    if (command.words.size() < 2 || !command.words[1].known) return false;
    const std::string_view verb = command.words[1].text;
    if (name == "npm") return verb == "ci" || verb == "install" || verb == "cache";
    if (name == "pnpm" || name == "yarn") return verb == "install";
    if (name == "pip" || name == "pip3") return verb == "install";
    if (name == "bundle") return verb == "install";
    return false;
  }

  bool is_ignored(const Image& image, const std::string& inner) const {
    for (const PlacedCopy& copy : image.copies())
      for (const PlacedCopy::Item& item : copy.sources) {
        if (!copy.context) continue;
        for (std::string_view rest = inner;;) {
          const auto found = image.context().find(join_path(item.path, rest)).presence;
          if (found == BuildContext::Presence::ignored || found == BuildContext::Presence::unknown)
            return true;
          const std::size_t slash = rest.find('/');
          if (slash == rest.npos) break;
          rest = rest.substr(slash + 1);
        }
      }
    return false;
  }

  // Whether somebody starts the image as it says itself, with its own files.
  bool is_started_so(const ImageBuild& build, const std::string& path,
                     std::vector<TargetIndex>& targets) const {
    bool used = build.by != ImageBuild::By::compose;
    for (const TargetIndex each : build.targets)
      for (const Process& process : program_.processes_of(each)) {
        if (build_of(program_, process) != &build || process.node->find("command") != nullptr ||
            process.node->find("entrypoint") != nullptr ||
            process.node->find("working_dir") != nullptr)
          continue;
        const bool covered = std::ranges::any_of(process.mounts, [&](const Mount& mount) {
          return below(path, clean_absolute(mount.target)).has_value();
        });
        if (covered || process.node->find("develop") != nullptr) continue;
        used = true;
        targets.push_back(each);
      }
    return used;
  }

  const Program& program_;
  Findings& findings_;
  std::map<std::pair<FileId, std::uint32_t>, Finding> by_place_;
};

void check(const Program& program, Findings& findings) { Checker(program, findings).run(); }

} // namespace

extern constinit const Rule undefined_image_program;
constinit const Rule undefined_image_program = declare({
    .id = "AE0715",
    .name = "undefined-image-program",
    .category = Category::config,
    .title_en = "program that an image starts and does not have",
    .title_pt = "programa que uma imagem inicia e não tem",
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
