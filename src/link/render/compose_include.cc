// `include:` (compose-go's loader/include.go).
#include "base/files.h"
#include "link/render/compose_environment.h"
#include "link/render/compose_load.h"
#include "link/render/compose_path.h"
#include "link/render/compose_paths.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace aethel::compose {
namespace {

// A chain of more includes is no project.
constexpr std::size_t depth_limit = 50;

std::vector<const Node*> string_list(const Node* node) {
  std::vector<const Node*> result;
  if (node == nullptr) return result;
  if (is_string(*node)) result.push_back(node);
  for (const Node& item : node->items)
    if (is_string(item)) result.push_back(&item);
  return result;
}

// The steps of the scope with one more below them: what the inner include did came first.
std::shared_ptr<const OriginStep> arrive(const std::shared_ptr<const OriginStep>& outer,
                                         Span span) {
  if (!outer) return std::make_shared<OriginStep>(Operation::include, span, nullptr);
  return std::make_shared<OriginStep>(outer->operation, outer->span, arrive(outer->before, span));
}

} // namespace

void Loader::apply_includes(const Current& current, Node& document) {
  const Node* found = document.find("include");
  if (found == nullptr) return;
  Node entries = *found;
  document.erase("include");
  if (entries.is_null()) return;
  if (!entries.is_sequence())
    return context_.reject(entries.origin.written, "`include` must be a list");
  for (Node& entry : entries.items) {
    if (is_string(entry)) {
      Node mapping = Node::mapping(entry.origin);
      mapping.set("path", entry.origin.written, entry);
      entry = std::move(mapping);
    }
    if (!entry.is_mapping())
      context_.reject(entry.origin.written,
                      "an entry of `include` is neither a path nor a mapping");
    else
      apply_include(current, entry, document);
  }
}

void Loader::apply_include(const Current& current, Node& entry, Node& document) {
  Scope& outer = current.scope;
  Scope inner;
  const Node* project_directory = entry.find("project_directory");
  std::vector<std::string> files;
  bool complete = true;
  for (const Node* path : string_list(entry.find("path"))) {
    const std::string file = join_path(outer.directory, path->value());
    context_.project.uses.push_back({.role = ComposeFileUse::Role::include,
                                     .text = path->text,
                                     .path = file,
                                     .origin = path->origin,
                                     .service = {},
                                     .required = true,
                                     .known = is_known(path->text)});
    if (!context_.sources.find(file)) {
      complete = false;
      context_.reject(path->origin.written,
                      fmt::format("the included file {} does not exist", file),
                      ComposeProblem::Kind::missing_file);
      continue;
    }
    if (files.empty() && std::ranges::find(outer.chain, file) != outer.chain.end())
      return context_.reject(path->origin.written, fmt::format("include cycle detected: {}", file));
    files.push_back(file);
  }
  if (files.empty()) {
    if (complete) context_.reject(entry.origin.written, "an entry of `include` names no file");
    return;
  }
  if (outer.chain.size() > depth_limit)
    return context_.reject(entry.origin.written, "includes are nested too deeply");

  if (project_directory != nullptr && is_string(*project_directory) &&
      !project_directory->value().empty()) {
    inner.directory = join_path(outer.directory, project_directory->value());
    // compose-go takes the directory above when there is none of that name.
    const bool exists =
        context_.sources.files().status(inner.directory).type == FileType::directory;
    inner.working_directory =
        project_directory->value().starts_with('/')
            ? project_directory->value()
            : seen_from(exists ? inner.directory : std::string(parent_path(inner.directory)),
                        outer.directory);
  } else {
    inner.directory = parent_path(files.front());
    inner.working_directory = seen_from(inner.directory, outer.directory);
  }
  inner.chain = outer.chain;
  inner.arrival = arrive(outer.arrival, entry.origin.written);

  EnvFileRequest request{.files = {}, .role = ComposeFileUse::Role::include_env_file};
  const auto env_files = string_list(entry.find("env_file"));
  for (const Node* file : env_files) {
    if (file->value() == "/dev/null") continue;
    // Relative to where the process runs, which is the project's directory.
    const std::string base = join_path(
        context_.request.directory, outer.working_directory == "." ? "" : outer.working_directory);
    request.files.push_back(
        {.path = join_path(outer.chain.size() > 1 ? base : outer.directory, file->value()),
         .text = file->text,
         .origin = file->origin});
  }
  if (env_files.empty()) {
    std::string file = join_path(inner.directory, ".env");
    if (context_.sources.find(file))
      request.files.push_back(
          {.path = std::move(file), .text = {}, .origin = entry.origin, .required = false});
  }
  const Variables variables = read_variables(context_, *outer.variables, request);
  inner.variables = &variables;

  // The same files with the same variables are the same model: a lattice of includes would
  // otherwise be loaded once for each way through it.
  std::string key = inner.working_directory + '\0' + inner.directory;
  for (const std::string& file : files) key += '\0' + file;
  for (const auto& [name, variable] : variables) key += '\0' + name + '=' + variable.value;
  auto cached = included_.find(key);
  if (cached == included_.end()) cached = included_.emplace(key, load(inner, files)).first;
  if (!context_.take_nodes(count_nodes(cached->second))) return;
  import_sections(current, cached->second, document);
}

void Loader::import_sections(const Current& current, Node imported, Node& document) {
  static constexpr std::array sections = {"services", "jobs",    "volumes", "networks",
                                          "secrets",  "configs", "models"};
  const Path root;
  for (const std::string_view section : sections) {
    Node* from = imported.find(section);
    if (from == nullptr || !from->is_mapping()) continue;
    Node* present = document.find(section);
    if (present == nullptr) {
      document.set(std::string(section), {}, std::move(*from));
      continue;
    }
    if (!present->is_mapping()) {
      context_.reject(present->origin.written, fmt::format("{} must be a mapping", section));
      *present = Node::mapping(present->origin);
    }
    const Path path(root, section);
    for (Member& member : from->members) {
      Node* own = present->find(member.key);
      if (own == nullptr) {
        present->members.push_back(std::move(member));
        continue;
      }
      if (same(member.value, *own)) continue;
      Node wrapped = Node::mapping();
      Node& holder = wrapped.set(std::string(section), {}, Node::mapping());
      holder.members.push_back(std::move(member));
      apply_resets(current.resets, wrapped);
      if (holder.members.empty()) continue;
      Member& resource = holder.members.front();
      merge(context_, Join::include, resource.value, std::move(*own), Path(path, resource.key));
      *own = std::move(resource.value);
    }
  }
}

} // namespace aethel::compose
