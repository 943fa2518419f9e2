#include "knowledge/image_tools.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rule.h"
#include "link/rules/support/commands.h"
#include "link/rules/support/image_builds.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A tool that the image does not have

A health check runs inside the container. When the program that it starts is not in the image the
check fails for ever: the container is "unhealthy" however well it works, and whoever waits for
`service_healthy` never starts. The same holds for a command that the compose file gives, a dump in a
container for backups above all.

```txtar
-- compose.yaml --
services:
  web:
    image: nginx:1.29
    healthcheck:
      test: ["CMD", "wget", "-q", "--spider", "http://127.0.0.1/"] # error: missing-tool
  loki:
    image: grafana/loki:3.7.2
    healthcheck:
      test: wget -q --spider http://127.0.0.1:3100/ready || exit 1 # error: missing-tool
  db:
    image: mariadb:11.4
    healthcheck:
      test: ["CMD-SHELL", "mysqladmin ping -p$$MARIADB_ROOT_PASSWORD"] # error: missing-tool
  dump:
    image: postgres:18-alpine
    command: sh -c "pg_dump app | aws s3 cp - s3://backups/app.sql" # error: missing-tool
```

In an image that is built here, what its Dockerfile installs counts:

```txtar
-- compose.yaml --
services:
  api:
    build: .
-- Dockerfile --
FROM python:3.14 AS wheels
RUN curl --version
FROM python:3.14-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libpq5
HEALTHCHECK --interval=10s \
# error: missing-tool
  CMD curl -f http://localhost:8000/health || exit 1
CMD ["uvicorn", "main:app"]
```

Silent: images that have the tool, or of which nobody can say; another way behind `||`; packages that
may bring anything; what is copied or mounted.

```txtar
-- compose.yaml --
services:
  catalogue:
    image: node:14
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8080/health"]
  web:
    image: nginx:1.29-alpine
    healthcheck:
      test: curl -f http://127.0.0.1/ || exit 1
  proxy:
    image: nginx:1.29
    healthcheck:
      test: wget -q --spider http://127.0.0.1/ || curl -f http://127.0.0.1/
  other:
    image: ghcr.io/acme/other:1
    healthcheck:
      test: curl -f http://127.0.0.1/
  pinned:
    image: nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000
    healthcheck:
      test: wget http://127.0.0.1/
  mounted:
    image: python:3.14-slim
    volumes: ["./tools/curl:/usr/local/bin/curl:ro"]
    healthcheck:
      test: curl -f http://127.0.0.1/
  late:
    image: debian:13-slim
    command: sh -c "apt-get update && apt-get install -y curl && curl -f https://example.org"
  built:
    build: .
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8000/health"]
  chrome:
    build: chrome
    healthcheck:
      test: ["CMD", "wget", "http://localhost:8000/health"]
-- tools/curl --
-- Dockerfile --
FROM debian:13-slim AS base
RUN apt-get update \
 && apt-get install -y curl
FROM base
-- chrome/Dockerfile --
FROM debian:13-slim
RUN apt-get update && apt-get install -y google-chrome-stable
```
)";

constexpr Message messages[] = {
    {"check",
     "the image {image} of service \"{service}\" has no `{tool}`: its health check always fails",
     "a imagem {image} do serviço \"{service}\" não tem `{tool}`: seu healthcheck sempre falha"},
    {"built-check",
     "the image of \"{dockerfile}\", which stands on {image}, has no `{tool}`: its "
     "health check always fails",
     "a imagem de \"{dockerfile}\", baseada em {image}, não tem `{tool}`: seu healthcheck sempre "
     "falha"},
    {"command",
     "the image {image} of service \"{service}\" has no `{tool}`, which its command runs",
     "a imagem {image} do serviço \"{service}\" não tem `{tool}`, que seu comando executa"},
    {"image-here", "the image", "a imagem"},
    {"help", "run a program that the image has, or install `{tool}` in an image of your own",
     "execute um programa que a imagem tem, ou instale `{tool}` em uma imagem própria"},
};

// Words of the shell itself.
bool is_shell_word(std::string_view word) {
  constexpr std::string_view words[] = {
      "if",   "then",  "else", "elif", "fi",    "for",    "while", "until",  "do",     "done",
      "case", "esac",  "{",    "}",    "!",     "[",      "[[",    "test",   "exit",   "echo",
      "true", "false", "cd",   "exec", "set",   "export", "eval",  "kill",   "return", "printf",
      ":",    "trap",  "read", "wait", "local", "unset",  ".",     "source", "sleep",  "cat"};
  return word.empty() || std::ranges::find(words, word) != std::end(words);
}

// Programs that start the one that follows.
bool is_wrapper(std::string_view word) {
  return word == "exec" || word == "timeout" || word == "su-exec" || word == "gosu" ||
         word == "env" || word == "nice" || word == "sudo";
}

// Whether a Dockerfile's steps may bring the tool, after what its base image lacks.
bool may_bring(const Image& image, std::string_view tool) {
  for (const PlacedCopy& copy : image.copies()) {
    if (!copy.sources_known || !copy.destination_known) return true;
    if (file_name(copy.destination) == tool) return true;
    for (const PlacedCopy::Item& item : copy.sources) {
      const std::string_view name = file_name(item.path);
      if (name == tool || item.wildcard) return true;
      // Whole folders of programs.
      if (name.empty() || name == "bin" || name == "sbin" || name == "usr" || name == "local" ||
          name == "rootfs")
        if (!copy.context || copy.destination == "/" || name == "rootfs") return true;
    }
    if (copy.context && (copy.destination == "/" || copy.destination.ends_with("/bin")))
      return true;
    if (copy.step->add && std::ranges::any_of(copy.sources, [](const PlacedCopy::Item& item) {
          return item.path.contains(".tar") || item.path.ends_with(".tgz");
        }))
      return true;
  }
  for (const BuildStep* step : image.steps(BuildStep::Kind::run)) {
    const std::string text = command_text(*step);
    if (has_name(text, tool)) return true;
    for (const SimpleCommand& command : simple_commands(command_of(*step))) {
      const std::string_view program = program_of(command);
      if (program.empty() && !command.words.empty()) return true;
      if (program.ends_with(".sh") || program == "make" || program == "dpkg" || program == "rpm" ||
          program == "sh" || program == "bash" || program == "brew" || program == "nix-env" ||
          program == "install" || program == "xargs" || program == "busybox")
        return true;
      std::size_t at = 1;
      bool installs = false;
      for (; at < command.words.size() && !installs; ++at) {
        const std::string_view word = command.words[at].text;
        if (word.starts_with('-')) continue;
        installs = word == "install" || word == "add" || word == "build-dep" || word == "upgrade" ||
                   word == "dist-upgrade" || word == "groupinstall" || word == "reinstall";
        if (!installs) break;
      }
      const bool manager = program == "apt-get" || program == "apt" || program == "aptitude" ||
                           program == "apk" || program == "yum" || program == "dnf" ||
                           program == "microdnf" || program == "tdnf" || program == "zypper";
      if (program == "apt-install" || program == "install_packages") return true;
      if (!manager || !installs) continue;
      for (; at < command.words.size(); ++at) {
        std::string_view word = command.words[at].text;
        if (!command.words[at].known) return true;
        if (word == "-t" || word == "--virtual" || word == "-o" || word == "-c" || word == "-X" ||
            word == "--repository") {
          ++at;
          continue;
        }
        if (word.starts_with('-') || word.starts_with('.')) continue;
        word = word.substr(0, word.find_first_of("=~<>@"));
        if (word.contains('/')) return true;
        const auto tools = tools_of_package(word);
        if (!tools || std::ranges::find(*tools, tool) != tools->end()) return true;
      }
    }
  }
  return false;
}

// The first program of the command that the image certainly lacks.
struct Lack {
  std::string tool;
  Span span;
};

template <class Presence>
std::optional<Lack> lacking(const Command& command, const Presence& presence) {
  if (command.shell && presence("sh") == ToolPresence::lacking)
    return Lack{.tool = "sh", .span = command.span};
  const auto commands = simple_commands(command);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    // Behind `||` stands what happens when something else failed.
    if (commands[i].before == SimpleCommand::Joint::either) continue;
    const CommandWord* word = nullptr;
    for (const CommandWord& each : commands[i].words) {
      if (!each.known) break;
      if (is_wrapper(each.text) || each.text.starts_with('-') ||
          (!commands[i].words.empty() && is_wrapper(commands[i].words[0].text) &&
           !each.text.empty() &&
           (std::isdigit(static_cast<unsigned char>(each.text[0])) != 0 ||
            each.text.contains('='))))
        continue;
      word = &each;
      break;
    }
    if (word == nullptr || is_shell_word(word->text)) {
      if (word != nullptr && (word->text == "if" || word->text == "case" || word->text == "while" ||
                              word->text == "for"))
        return std::nullopt;
      continue;
    }
    // A path is a place; that one is in the image or not by other means.
    if (word->text.contains('/')) continue;
    if (presence(word->text) != ToolPresence::lacking) continue;
    // Another way, if that is one.
    for (std::size_t other = i + 1; other < commands.size(); ++other) {
      if (commands[other].before != SimpleCommand::Joint::either) continue;
      const std::string_view program = program_of(commands[other]);
      if (!is_shell_word(program) || program.empty()) return std::nullopt;
    }
    return Lack{.tool = word->text, .span = word->span};
  }
  return std::nullopt;
}

class Checker {
public:
  Checker(const Program& program, Findings& findings) : program_(program), findings_(findings) {}

  void run() {
    for (const Process& process : program_.processes) look(process);
    for (const ImageBuild& build : program_.builds) look(build);
    for (const auto& place : order_) findings_.add(std::move(by_place_.at(place)));
  }

private:
  static bool is_mounted(const Process& process, std::string_view tool) {
    return std::ranges::any_of(process.mounts, [&](const Mount& mount) {
      return file_name(mount.target) == tool || mount.target.ends_with("/bin") ||
             mount.target == "/usr" || mount.target == "/usr/local" ||
             mount.target.ends_with("/bin/");
    });
  }

  // Whether the image of a process lacks it; the image below, for the message.
  ToolPresence presence(const Process& process, const std::optional<Image>& built,
                        const std::string& image, std::string_view tool) const {
    if (image.empty() || is_mounted(process, tool)) return ToolPresence::unknown;
    const ToolPresence found = find_tool(image, tool);
    if (found != ToolPresence::lacking || !built) return found;
    return may_bring(*built, tool) ? ToolPresence::unknown : found;
  }

  void look(const Process& process) {
    std::optional<Image> built;
    std::string image;
    Confidence confidence = Confidence::likely;
    if (process.build) {
      const ImageBuild* build = build_of(program_, process);
      if (build == nullptr) return;
      built = Image::of(program_, *build);
      if (!built || !built->base()) return;
      image = *built->base();
    } else if (process.image) {
      for (const Hole* hole : process.image->holes())
        if (hole->from == Hole::From::nothing && !hole->has_default()) return;
      image = process.image->value();
      if (!process.image->has_holes()) confidence = Confidence::certain;
    }
    const auto there = [&](std::string_view tool) { return presence(process, built, image, tool); };
    if (const auto check = health_check_of(process); check && check->known)
      if (const auto lack = lacking(*check, there))
        add(process, built, image, *lack, built ? "built-check" : "check", confidence);
    for (const std::string_view key : {"entrypoint", "command"}) {
      const auto command = command_of(process, key);
      if (!command || !command->known) continue;
      // A container that installs what it lacks, or is given a script.
      bool installs = false;
      for (const SimpleCommand& each : simple_commands(*command))
        for (const CommandWord& word : each.words)
          installs = installs || word.text == "install" || word.text == "add" ||
                     word.text.ends_with(".sh");
      // Only what stands in a line for the shell: the first word may be an argument of the image's
      // entry point.
      const auto simple = simple_commands(*command);
      if (installs || simple.empty() || simple[0].words.empty() || command->words.size() < 3 ||
          !simple[0].words[0].known || simple[0].words[0].text == command->words[0].text)
        continue;
      if (const auto lack = lacking(*command, there); lack && lack->tool != "sh")
        add(process, built, image, *lack, "command", confidence);
    }
  }

  void look(const ImageBuild& build) {
    const auto image = Image::of(program_, build);
    if (!image || !image->base() || build.document || is_sample(build.dockerfile)) return;
    const BuildStep* check = image->last(BuildStep::Kind::health_check);
    if (check == nullptr || check->none) return;
    // A service that brings its own check, or none.
    if (build.by == ImageBuild::By::compose &&
        std::ranges::all_of(build.targets, [&](TargetIndex target) {
          return std::ranges::all_of(program_.processes_of(target), [&](const Process& process) {
            return build_of(program_, process) != &build || process.has_healthcheck ||
                   process.healthcheck_disabled;
          });
        }))
      return;
    const auto there = [&](std::string_view tool) {
      const ToolPresence found = find_tool(*image->base(), tool);
      if (found != ToolPresence::lacking) return found;
      return may_bring(*image, tool) ? ToolPresence::unknown : found;
    };
    const auto lack = lacking(command_of(*check), there);
    if (!lack) return;
    Finding finding{.rule = rule_named("missing-tool"),
                    .message = "built-check",
                    .arguments = {{"image", *image->base()},
                                  {"tool", lack->tool},
                                  {"service", build.service},
                                  {"dockerfile", build.dockerfile}},
                    .span = lack->span,
                    .symbol_kind = "command",
                    .symbol = lack->tool,
                    .targets = build.targets,
                    .confidence = Confidence::likely,
                    .help = "help"};
    const BuildStage& bottom = image->dockerfile().stages[image->chain().front()];
    finding.related.push_back({bottom.span, "image-here"});
    keep(std::move(finding));
  }

  void add(const Process& process, const std::optional<Image>& built, const std::string& image,
           const Lack& lack, std::string_view message, Confidence confidence) {
    Finding finding{
        .rule = rule_named("missing-tool"),
        .message = message,
        .arguments = {{"image", image},
                      {"tool", lack.tool},
                      {"service", process.name},
                      {"dockerfile", built ? built->build().dockerfile : std::string()}},
        .span = lack.span,
        .symbol_kind = "command",
        .symbol = lack.tool,
        .targets = {process.target},
        .confidence = confidence,
        .help = "help"};
    if (built) {
      const BuildStage& bottom = built->dockerfile().stages[built->chain().front()];
      finding.related.push_back({bottom.span, "image-here"});
    } else {
      finding.related.push_back({process.image_origin.written, "image-here"});
    }
    keep(std::move(finding));
  }

  // One finding a place, whatever the number of targets that it is in.
  void keep(Finding finding) {
    const std::pair place{finding.span.file, finding.span.range.begin};
    const auto found = by_place_.find(place);
    if (found == by_place_.end()) {
      order_.push_back(place);
      by_place_.emplace(place, std::move(finding));
      return;
    }
    add_targets(found->second, finding.targets);
  }

  const Program& program_;
  Findings& findings_;
  std::map<std::pair<FileId, std::uint32_t>, Finding> by_place_;
  std::vector<std::pair<FileId, std::uint32_t>> order_;
};

void check(const Program& program, Findings& findings) { Checker(program, findings).run(); }

} // namespace

extern constinit const Rule missing_tool;
constinit const Rule missing_tool = declare({
    .id = "AE0702",
    .name = "missing-tool",
    .category = Category::health,
    .title_en = "tool that the image does not have",
    .title_pt = "ferramenta que a imagem não tem",
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
