// `aethel externs [PATH]`: declarations for what the repository cannot show, each with its
// evidence; `--write` merges them into aethel.yaml.
#include "commands/support/terminal.h"
#include "commands/support/write_file.h"

#include "base/glob.h"
#include "config/add_externs.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <map>
#include <memory>

namespace aethel::commands {
namespace {

struct Options {
  CommonOptions common;
  std::string path;
  unsigned threads = 0;
  bool write = false;
};

// One entry a kind and name: what a reference asks for that nothing in the repository gives.
std::vector<NewExtern> missing(const Program& program) {
  std::map<std::pair<std::string_view, std::string>, NewExtern> entries;
  for (const Reference& reference : program.references) {
    if (reference.state != OutcomeState::undefined || !reference.required) continue;
    // A stage of a Dockerfile lies in the repository or nowhere.
    if (reference.kind->name == "build-stage") continue;
    const auto [place, fresh] = entries.try_emplace({reference.kind->name, reference.name});
    if (!fresh) continue;
    place->second = {.kind = std::string(reference.kind->name),
                     .name = escape_glob(reference.name),
                     .reason = "say who provides it",
                     .evidence = program.place(reference.origin.written)};
  }
  std::vector<NewExtern> result;
  for (auto& [key, entry] : entries) result.push_back(std::move(entry));
  return result;
}

Exit run(const Options& options) {
  auto linked =
      link_path({.path = options.path.empty() ? std::nullopt : std::optional(options.path),
                 .threads = options.threads,
                 .language = language_of(options.common)});
  if (!linked) return linked.error();
  const Program& program = (*linked)->report.program;
  const std::vector<NewExtern> entries = missing(program);
  if (!options.write) {
    const auto text = add_externs("", entries);
    if (!text) return print_failure(text.error()), Exit::internal;
    fmt::print("{}", entries.empty() ? "" : *text);
    if (entries.empty()) std::fputs("nothing is missing\n", stderr);
    return Exit::clean;
  }
  std::string present;
  if (const FileId file = program.sources->find("aethel.yaml")) {
    auto bytes = program.sources->read(file);
    if (!bytes) return print_failure(bytes.error()), Exit::usage;
    present = std::move(*bytes);
  }
  auto text = add_externs(present, entries);
  if (!text) {
    Failure failure = text.error();
    failure.path = "aethel.yaml";
    print_failure(failure);
    return Exit::usage;
  }
  if (*text == present) {
    std::fputs("nothing to add\n", stderr);
    return Exit::clean;
  }
  if (auto done = write_below((*linked)->root.root.directory, "aethel.yaml", *text); !done) {
    print_failure(done.error());
    return Exit::usage;
  }
  fmt::print(stderr, "aethel.yaml: {} entries; give each its reason\n", entries.size());
  return Exit::clean;
}

std::function<Exit()> declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("PATH", options->path,
                 "folder to link (default: the repository around the current folder)");
  app.add_flag("--write", options->write,
               "merge the entries into aethel.yaml; what stands there stays as it is");
  app.add_option("--threads", options->threads, "number of threads (default: one a processor)");
  add_common(app, options->common);
  app.footer("examples:\n  aethel externs\n  aethel externs --write\n\nexit codes: 0 done, 2 "
             "usage, 3 internal error");
  return [options] { return run(*options); };
}

} // namespace

extern constinit const Command externs;
constinit const Command externs{"externs", "print declarations for what the repository cannot show",
                                declare};

} // namespace aethel::commands
