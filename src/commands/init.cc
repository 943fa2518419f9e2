// `aethel init [PATH]`: writes a first product part of aethel.yaml from what the linker knows.
#include "commands/support/terminal.h"
#include "commands/support/write_file.h"

#include "base/files.h"
#include "config/scalar.h"
#include "generate/infer.h"
#include "generate/view.h"
#include "link/configuration.h"
#include "syntax/yaml.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace aethel::commands {
namespace {

constexpr std::uint64_t size_limit = 1 << 20;

struct Options {
  CommonOptions common;
  std::string path;
  std::string answers;
  bool print = false;
};

// Answers are written like aethel.yaml, or with dots: `product.email: ops@acme.example`.
void flatten(const yaml::Node& node, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& answers) {
  if (node.kind == yaml::Kind::mapping) {
    for (const yaml::Pair& pair : node.pairs)
      flatten(*pair.value, path.empty() ? pair.key->value : path + "." + pair.key->value, answers);
    return;
  }
  if (node.kind == yaml::Kind::scalar) {
    const bool text = scalar_kind(node) == ScalarKind::text;
    answers.emplace_back(path, text ? write_scalar(node.value, Context::block) : node.value);
  } else {
    std::string list = "[";
    for (const yaml::Node* item : node.items)
      list += (list.size() > 1 ? ", " : "") + write_scalar(item->value, Context::flow);
    answers.emplace_back(path, list + "]");
  }
}

Result<std::vector<std::pair<std::string, std::string>>> read_answers(const std::string& path) {
  const std::filesystem::path file = std::filesystem::absolute(path);
  auto bytes = disk_files(file.parent_path().string())->read(file.filename().string(), size_limit);
  if (!bytes) return std::unexpected(bytes.error());
  const yaml::Stream stream = yaml::parse(*bytes, {.depth = 32, .nodes = 10'000});
  if (!stream.problems.empty() || stream.documents.empty() ||
      stream.documents[0]->root == nullptr ||
      stream.documents[0]->root->kind != yaml::Kind::mapping)
    return fail({.message = stream.problems.empty()
                                ? "answers must be a mapping, like aethel.yaml"
                                : "not valid YAML: " + stream.problems[0].message,
                 .path = path});
  std::vector<std::pair<std::string, std::string>> answers;
  flatten(*stream.documents[0]->root, "", answers);
  return answers;
}

// What `generate` would ask for, by the keys of answers.
Result<std::vector<generate::Missing>> missing_of(const generate::Inferred& inferred) {
  auto config = read_configuration(generate::write_draft(inferred));
  if (!config) return std::unexpected(config.error());
  std::vector<generate::Missing> missing;
  for (generate::Missing& each : generate::missing_of(config->product)) {
    if (!each.key.ends_with(".hosts")) {
      missing.push_back(std::move(each));
      continue;
    }
    // One question a name, not one for a mapping.
    bool any = false;
    for (const Service& service : config->product.services)
      if (!service.host.value.empty()) {
        any = true;
        missing.push_back(
            {.key = each.key + "." + service.host.value,
             .doc = fmt::format("The host at which users reach {}.", service.name.value),
             .example = "shop.example.org"});
      }
    if (!any)
      missing.push_back({.key = each.key + ".grafana",
                         .doc = "The host of the dashboards.",
                         .example = "grafana.example.org"});
  }
  return missing;
}

bool ask(const std::vector<generate::Missing>& missing, generate::Inferred& inferred) {
  for (const generate::Missing& each : missing) {
    fmt::print(stderr, "{}\n  {}{}: ", each.doc, each.key,
               each.example.empty() ? "" : " (such as " + each.example + ")");
    std::string answer;
    if (!std::getline(std::cin, answer)) return false;
    const std::size_t begin = answer.find_first_not_of(" \t'\"");
    if (begin == std::string::npos) continue; // stays missing
    answer = answer.substr(begin, answer.find_last_not_of(" \t'\"") + 1 - begin);
    inferred.root.set(each.key, write_scalar(answer, Context::block), "answered");
  }
  return true;
}

Exit run(const Options& options) {
  const bool portuguese = language_of(options.common) == Language::pt;
  auto linked =
      link_path({.path = options.path.empty() ? std::nullopt : std::optional(options.path),
                 .language = language_of(options.common)});
  if (!linked) return linked.error();
  const Program& program = (*linked)->report.program;
  const Root& root = (*linked)->root.root;
  if (program.config.product.present && !options.print) {
    print_failure({.message = portuguese ? "aethel.yaml já tem um produto"
                                         : "aethel.yaml has a product already",
                   .path = std::string(configuration_path),
                   .hint = portuguese ? "`--print` mostra o que seria escrito"
                                      : "`--print` shows what would be written"});
    return Exit::usage;
  }
  std::string repository;
  if (!root.common_directory.empty())
    if (auto config = disk_files(root.common_directory)->read("config", size_limit))
      repository = generate::github_repository(*config);
  generate::Inferred inferred =
      generate::infer_product(program, std::filesystem::path(root.directory).filename().string(),
                              repository, "the remote of .git/config");
  if (!options.answers.empty()) {
    auto answers = read_answers(options.answers);
    if (!answers) return print_failure(answers.error()), Exit::usage;
    for (auto& [key, value] : *answers) inferred.root.set(key, std::move(value), "answered");
    generate::drop_unused_secrets(inferred);
  }
  auto missing = missing_of(inferred);
  if (!missing) return print_failure(missing.error()), Exit::usage;
  const bool person = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
  if (!missing->empty() && options.answers.empty() && person && !options.print) {
    if (!ask(*missing, inferred)) return Exit::usage;
    missing = missing_of(inferred);
    if (!missing) return print_failure(missing.error()), Exit::usage;
  }
  const std::string text =
      "# " +
      std::string(portuguese ? "Do que o `aethel init` leu; cada linha com sua evidência."
                             : "From what `aethel init` read; each line with its evidence.") +
      "\n" + generate::write_draft(inferred);
  if (options.print) std::fputs(text.c_str(), stdout);
  if (!missing->empty()) {
    std::size_t width = 0;
    for (const auto& each : *missing) width = std::max(width, each.key.size());
    fmt::print(stderr, "aethel: {}\n",
               portuguese ? "é preciso, e nada no repositório diz:"
                          : "needed, and nothing in the repository says it:");
    for (const auto& each : *missing)
      fmt::print(stderr, "  {:<{}}  {}{}\n", each.key, width, each.doc,
                 each.example.empty() ? "" : "  e.g. " + each.example);
    fmt::print(stderr, "  {}\n",
               portuguese ? "ajuda: escreva `CHAVE: VALOR` em um arquivo e dê --answers ARQUIVO"
                          : "help: write `KEY: VALUE` into a file and give --answers FILE");
    return Exit::findings;
  }
  if (options.print) return Exit::clean;
  std::string whole = "version: 1\n\n" + text;
  if (const FileId file = program.sources->find(configuration_path)) {
    auto present = program.sources->read(file);
    if (!present) return print_failure(present.error()), Exit::usage;
    whole = std::move(*present);
    if (!whole.empty() && !whole.ends_with('\n')) whole += '\n';
    whole += "\n" + text;
  }
  // What was written has to be read again without a word.
  if (auto config = read_configuration(whole); !config)
    return print_failure(config.error()), Exit::usage;
  if (auto done = write_below(root.directory, configuration_path, whole); !done)
    return print_failure(done.error()), Exit::usage;
  fmt::print(stderr, "{}\n",
             portuguese ? "aethel.yaml escrito; leia-o, depois `aethel generate --diff`"
                        : "wrote aethel.yaml; read it, then `aethel generate --diff`");
  return Exit::clean;
}

std::function<Exit()> declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("PATH", options->path,
                 "folder to link (default: the repository around the current folder)");
  app.add_option("--answers", options->answers,
                 "file with what the repository does not say, as KEY: VALUE")
      ->type_name("FILE");
  app.add_flag("--print", options->print, "print it instead of writing aethel.yaml");
  add_common(app, options->common);
  app.footer("examples:\n  aethel init\n  aethel init --print\n  aethel init --answers "
             "answers.yaml\n\nOn a terminal it asks for what is missing.\n\nexit codes: 0 done, 1 "
             "something is needed that nobody answered, 2 usage, 3 internal error");
  return [options] { return run(*options); };
}

} // namespace

extern constinit const Command init;
constinit const Command init{"init", "write a first aethel.yaml from what the repository shows",
                             declare};

} // namespace aethel::commands
