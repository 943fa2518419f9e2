// Who has an image built of which Dockerfile, with which context: services, and build commands in
// scripts, recipes and workflows.
#include "link/called_builds.h"
#include "link/passes.h"

#include "model/kind.h"

#include <algorithm>

namespace aethel {
namespace {

bool is_folder(const Program& program, const std::string& path) {
  return path.empty() || program.tree.exists(path) == Existence::directory;
}

void add_service(Program& program, const Process& process) {
  const Build& build = *process.build;
  if (build.remote || build.inline_dockerfile || is_outside(build.path)) return;
  const auto unfilled = [](const Text& text) {
    return std::ranges::any_of(text.holes(), [](const Hole* hole) {
      return hole->from == Hole::From::nothing && !hole->has_default();
    });
  };
  if (unfilled(build.context) || unfilled(build.dockerfile)) return;
  ImageBuild made{.by = ImageBuild::By::compose,
                  .context = build.path == "." ? std::string() : build.path,
                  .dockerfile = build.dockerfile_path,
                  .targets = {process.target},
                  .service = process.name,
                  .span = build.origin.written};
  if (build.target) {
    if (unfilled(*build.target)) return;
    made.target = build.target->value();
    made.target_span = build.target_origin.written;
  }
  made.file_span = build.dockerfile_origin.written;
  for (const Variable& argument : build.arguments) {
    const bool known = argument.given != Variable::Given::inherited && !argument.value.has_holes();
    made.arguments.emplace_back(argument.name,
                                known ? std::optional(argument.value.value()) : std::nullopt);
  }
  if (const Node* contexts = process.node->at({"build", "additional_contexts"})) {
    for (const Member& member : contexts->members) made.contexts.push_back(member.key);
    for (const Node& item : contexts->items) {
      const std::string text = item.value();
      made.contexts.push_back(text.substr(0, text.find('=')));
    }
  }
  for (ImageBuild& other : program.builds)
    if (other.by == made.by && other.span == made.span && other.context == made.context &&
        other.dockerfile == made.dockerfile && other.target == made.target) {
      other.targets.push_back(process.target);
      return;
    }
  program.builds.push_back(std::move(made));
}

// The folders that a command may run in: the one that it says, or those in which its context and
// its Dockerfile are there.
std::vector<std::string> bases(const Program& program, const FileFacts& facts,
                               const BuildCommand& command) {
  if (command.from_root) return {""};
  if (command.directory_known && !command.document) return {command.directory};
  std::vector<std::string> folders;
  const std::string_view home = parent_path(program.sources->path(facts.file));
  for (std::string_view folder = home;; folder = parent_path(folder)) {
    folders.emplace_back(command.directory.empty() ? std::string(folder)
                                                   : join_path(folder, command.directory));
    if (folder.empty()) break;
  }
  // A place where it works is meant; which one does not matter when there is none.
  std::erase_if(folders, [&](const std::string& folder) {
    const std::string context = join_path(folder, command.context);
    const std::string file =
        command.file.empty() ? join_path(context, "Dockerfile") : join_path(folder, command.file);
    return is_outside(context) || !is_folder(program, context) ||
           program.tree.exists(file) != Existence::file;
  });
  if (folders.size() > 1) folders.resize(1);
  return folders;
}

bool is_workflow(std::string_view path) { return path.starts_with(".github/workflows/"); }

// A workflow that checks out other repositories, or into folders: its paths are not ours.
bool moves_checkout(const Program& program, FileId file) {
  const Source* source = program.sources->loaded(file);
  if (source == nullptr) return true;
  const std::string_view text = source->bytes();
  for (std::size_t at = text.find("actions/checkout"); at != std::string_view::npos;
       at = text.find("actions/checkout", at + 1)) {
    // Its inputs stand in the lines up to the next step.
    const std::size_t end = std::min(text.find("\n      - ", at), text.size());
    const std::string_view step = text.substr(at, std::min<std::size_t>(end - at, 600));
    if (step.contains("\n          path:") || step.contains("repository:")) return true;
  }
  return text.contains("git clone");
}

// `through`: workflows and actions that lead to it.
void add_command(Program& program, const FileFacts& facts, const BuildCommand& command,
                 std::span<const FileId> through = {}) {
  if (!command.context_known || !command.file_known || !command.target_known || command.elsewhere ||
      command.context == "-" || command.file == "-" || command.context.contains("://") ||
      command.context.starts_with("git@") || command.context.starts_with('/') ||
      command.file.starts_with('/') || command.context.contains('$') || command.file.contains('$'))
    return;
  const std::string& path = program.sources->path(facts.file);
  if (is_workflow(path) && moves_checkout(program, facts.file)) return;
  if (std::ranges::any_of(through, [&](FileId file) { return moves_checkout(program, file); }))
    return;
  for (const std::string& folder : bases(program, facts, command)) {
    ImageBuild made{.by = ImageBuild::By::command,
                    .context = join_path(folder, command.context),
                    .target = command.target,
                    .arguments = command.arguments,
                    .arguments_known = command.options_known,
                    .contexts = command.contexts,
                    .contexts_known = command.options_known,
                    .span = command.span,
                    .file_span = command.file.empty() ? command.context_span : command.file_span,
                    .target_span = command.target_span,
                    .arguments_span = through.empty() ? Span{} : command.arguments_span,
                    .tags = command.tags,
                    .document = command.document,
                    .checkout = is_workflow(path)};
    if (made.context == ".") made.context.clear();
    if (is_outside(made.context)) continue;
    made.dockerfile = command.file.empty() ? join_path(made.context, "Dockerfile")
                                           : join_path(folder, command.file);
    if (is_outside(made.dockerfile)) continue;
    program.builds.push_back(std::move(made));
  }
}

} // namespace

void extract_builds(Program& program) {
  for (const Process& process : program.processes)
    if (process.build) add_service(program, process);
  for (const FileFacts& facts : program.facts)
    for (const BuildCommand& command : facts.build_commands) {
      // What it is called, for whoever deploys it; a document pushes nothing.
      if (!command.document)
        for (const std::string& tag : command.tags)
          program.symbols.push_back(
              {.kind = &kind_named("image"), .name = tag, .origin = {.written = command.span}});
      add_command(program, facts, command);
    }
  for (const CalledBuild& each : called_builds(program))
    if (const FileFacts* facts = program.facts_of(each.through.front()))
      add_command(program, *facts, each.command, each.through);
}

} // namespace aethel
