// `aethel render`: the merged model of a compose project, as the linker sees it.
#include "commands/support/terminal.h"

#include "link/discover.h"
#include "link/render/compose_files.h"
#include "link/render/compose_mask.h"

#include <CLI/CLI.hpp>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>

namespace aethel::commands {
namespace {

struct Options {
  CommonOptions common;
  std::string path;
  std::vector<std::string> files;
  std::string project_directory;
  std::string project_name;
  std::vector<std::string> profiles;
  std::vector<std::string> env_files;
  std::vector<std::string> environment;
  bool origins = false;
  bool partial = false;
  bool show_values = false;
};

// The current folder as seen from the root; empty when the root was given.
std::string current_folder(const OpenedRoot& root, const Options& options) {
  char real[PATH_MAX];
  if (!options.path.empty() || ::realpath(".", real) == nullptr) return {};
  const std::string folder = relative_path(real, root.root.directory);
  return folder == "." ? "" : folder;
}

bool make_request(const Sources& sources, const Options& options, const OpenedRoot& root,
                  ComposeRequest& request) {
  const std::string folder = current_folder(root, options);
  request.root_name = file_name(root.root.directory);
  request.name = options.project_name;
  if (!options.profiles.empty()) request.profiles = options.profiles;
  for (const std::string& file : options.env_files)
    request.env_files.push_back(join_path(folder, file));
  for (const std::string& assignment : options.environment) {
    const std::size_t equals = assignment.find('=');
    if (equals == 0 || equals == std::string::npos) {
      print_failure({.message = "--env wants NAME=VALUE, not \"" + assignment + "\""});
      return false;
    }
    request.environment.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  const bool has_directory = !options.project_directory.empty();
  const std::string directory =
      has_directory ? join_path(folder, options.project_directory) : folder;
  for (const std::string& file : options.files) request.files.push_back(join_path(folder, file));
  if (request.files.empty()) {
    auto named = compose_file_variable(sources, directory, request.environment, request.env_files);
    request.files = named ? std::move(*named) : default_compose_files(sources, directory);
  }
  if (request.files.empty()) {
    print_failure(
        {.message = "no compose file in this folder or above", .hint = "name one with -f"});
    return false;
  }
  request.directory = has_directory ? directory : std::string(parent_path(request.files.front()));
  return true;
}

std::string_view name_of(Operation operation) {
  switch (operation) {
  case Operation::override_file: return "replaces";
  case Operation::extends: return "extended at";
  case Operation::include: return "included at";
  case Operation::env_file: return "env file at";
  case Operation::interpolation: return "variable from";
  case Operation::tool_default: return "default for";
  }
  return "";
}

class OriginPrinter {
public:
  explicit OriginPrinter(const Sources& sources) : sources_(sources) {}

  void print(const Node& node, const std::string& path) {
    for (const Member& member : node.members)
      print(member.value, path.empty() ? member.key : path + "." + member.key);
    for (std::size_t i = 0; i < node.items.size(); ++i)
      print(node.items[i], fmt::format("{}[{}]", path, i));
    if (node.is_scalar())
      line(path, node.value(), node.origin);
    else if (node.members.empty() && node.items.empty())
      line(path, node.is_null() ? "null" : node.is_mapping() ? "{}" : "[]", node.origin);
  }

  void line(const std::string& path, std::string value, const Origin& origin) {
    for (std::size_t at = value.find('\n'); at != std::string::npos; at = value.find('\n', at))
      value.replace(at, 1, "\\n");
    std::string text = fmt::format("{} = {}\n    {}", path, value, place(origin.written));
    for (auto step = origin.last; step; step = step->before)
      text += fmt::format(", {} {}", name_of(step->operation), place(step->span));
    text += '\n';
    std::fputs(text.c_str(), stdout);
  }

private:
  std::string place(const Span& span) const {
    if (!span.file) return "compose itself";
    const Source* source = sources_.loaded(span.file);
    if (source == nullptr) return sources_.path(span.file);
    const Place place = source->place(span.range.begin);
    return fmt::format("{}:{}:{}", sources_.path(span.file), place.line, place.column);
  }

  const Sources& sources_;
};

// True when compose would refuse the project.
bool tell_problems(const ComposeProject& project, const Sources& sources) {
  bool refused = false;
  for (const ComposeProblem& problem : project.problems) {
    Failure failure{.message = problem.message};
    if (problem.span.file) {
      failure.path = sources.path(problem.span.file);
      if (const Source* source = sources.loaded(problem.span.file)) {
        const Place place = source->place(problem.span.range.begin);
        failure.line = place.line;
        failure.column = place.column;
      }
    }
    print_failure(failure);
    refused |= problem.kind != ComposeProblem::Kind::unreadable;
  }
  return refused;
}

Exit run(const Options& options) {
  auto root = open_root(options.path.empty() ? std::nullopt : std::optional(options.path));
  if (!root) {
    print_failure(root.error());
    return Exit::usage;
  }
  const auto tree = discover(*root->files, {.git = root->git});
  if (!tree) {
    print_failure(tree.error());
    return Exit::usage;
  }
  std::vector<std::string> paths;
  for (const TreeEntry& entry : tree->entries()) paths.emplace_back(entry.path);
  const Sources sources(*root->files, std::move(paths));

  ComposeRequest request;
  if (!make_request(sources, options, *root, request)) return Exit::usage;
  ComposeProject project = render_compose(sources, {}, request);
  const bool refused = tell_problems(project, sources);
  if (!options.show_values) mask_secrets(project);
  if (options.origins) {
    OriginPrinter printer(sources);
    printer.print(project.root, {});
    for (const ComposeProject::FileVariable& variable : project.env_file_variables)
      printer.line("services." + variable.service + ".environment." + variable.entry.name,
                   variable.entry.value.value(), variable.origin);
  } else if (!refused || options.partial) {
    std::fputs(compose_json(project, request).c_str(), stdout);
  }
  return refused ? Exit::findings : Exit::clean;
}

std::function<Exit()> declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("PATH", options->path,
                 "root of the repository (default: the one around the current folder)");
  app.add_option("-f,--file", options->files,
                 "compose file, in order (default: those that compose finds)")
      ->type_name("FILE");
  app.add_option("--project-directory", options->project_directory,
                 "what relative paths are relative to (default: the folder of the first file)")
      ->type_name("FOLDER");
  app.add_option("-p,--project-name", options->project_name, "name of the project");
  app.add_option("--profile", options->profiles, "profile to enable (default: all)");
  app.add_option("--env-file", options->env_files, "file with variables, instead of .env")
      ->type_name("FILE");
  app.add_option("--env", options->environment,
                 "NAME=VALUE of the environment; the process's own is not read");
  app.add_flag("--origins", options->origins,
               "instead of JSON: where each value is written, and what brought it here");
  app.add_flag("--partial", options->partial,
               "print what could be rendered of a project that compose would refuse");
  app.add_flag("--show-values", options->show_values, "do not mask secrets");
  add_common(app, options->common);
  app.footer(
      "examples:\n"
      "  aethel render\n"
      "  aethel render -f docker-compose.yml -f docker-compose.prod.yml\n"
      "  aethel render --origins | grep -A1 DATABASE_URL\n"
      "\n"
      "exit codes: 0 rendered, 1 compose would refuse the project, 2 usage, 3 internal error");
  return [options] { return run(*options); };
}

} // namespace

extern constinit const Command render;
constinit const Command render{"render", "print a compose project as it is after merging", declare};

} // namespace aethel::commands
