#include "link/render/compose.h"

#include "base/files.h"
#include "link/render/compose_decode.h"
#include "link/render/compose_environment.h"
#include "link/render/compose_interpolate.h"
#include "link/render/compose_load.h"
#include "link/render/compose_normalize.h"
#include "link/render/compose_validate.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel {
namespace {

using compose::Context;
using compose::Variables;

// Lower case, nothing but letters, digits, '_' and '-', and none of the latter two first.
std::string normal_name(std::string_view text) {
  std::string name;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool inside = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (inside || ((c == '_' || c == '-') && !name.empty())) name += c;
  }
  return name;
}

// The last `name:` of the project's own files, before anything is included or merged.
const Node* declared_name(Context& context) {
  const Node* found = nullptr;
  for (const std::string& path : context.request.files) {
    const FileId file = context.sources.find(path);
    const FileFacts* facts = file ? context.documents(file) : nullptr;
    if (facts == nullptr) continue;
    for (const Node& document : facts->documents)
      if (const Node* name = document.find("name");
          name != nullptr && (name->is_scalar() || name->tag == "!reset") && !name->text.empty())
        found = name;
  }
  return found;
}

std::string project_name(Context& context, const Variables& variables) {
  const ComposeRequest& request = context.request;
  std::string given = request.name;
  if (given.empty())
    if (const auto found = variables.find("COMPOSE_PROJECT_NAME"); found != variables.end())
      given = found->second.value;
  if (!given.empty()) {
    if (normal_name(given) != given)
      context.reject({}, fmt::format("invalid project name \"{}\"", given));
    return given;
  }
  if (const Node* declared = declared_name(context)) {
    std::string name = normal_name(fill(context, variables, declared->text).value());
    if (!name.empty()) return name;
    context.reject(declared->origin.written, "project name must not be empty");
  }
  return normal_name(request.directory.empty() ? request.root_name
                                               : std::string(file_name(request.directory)));
}

// Services whose profiles are all off are no part of the project.
Node take_disabled(Node& model, std::string_view section,
                   const std::vector<std::string>& profiles) {
  Node disabled = Node::mapping();
  Node* services = model.find(section);
  if (services == nullptr) return disabled;
  std::erase_if(services->members, [&](Member& member) {
    const Node* wanted = member.value.find("profiles");
    if (wanted == nullptr || wanted->items.empty()) return false;
    const bool enabled = std::ranges::any_of(profiles, [&](const std::string& profile) {
      return profile == "*" || std::ranges::any_of(wanted->items, [&](const Node& item) {
               return item.value() == profile;
             });
    });
    if (!enabled) disabled.members.push_back(std::move(member));
    return !enabled;
  });
  return disabled;
}

void use_roots(Context& context, std::vector<std::string>& present) {
  for (const std::string& path : context.request.files) {
    context.project.uses.push_back({.role = ComposeFileUse::Role::root,
                                    .text = Text(path),
                                    .path = path,
                                    .origin = {},
                                    .service = {}});
    if (context.sources.find(path))
      present.push_back(path);
    else
      context.reject({}, fmt::format("{} does not exist", path),
                     ComposeProblem::Kind::missing_file);
  }
}

} // namespace

// compose-go's order: variables, name, load, normalize, decode, profiles, consistency, env files.
ComposeProject render_compose(const Sources& sources, const FactsOf& facts,
                              const ComposeRequest& request) {
  ComposeProject project;
  Context context(sources, facts, request, project);
  std::vector<std::string> files;
  use_roots(context, files);
  Variables variables = project_variables(context);
  const std::string name = project_name(context, variables);
  variables["COMPOSE_PROJECT_NAME"].value = name;

  compose::Scope scope{.working_directory = request.directory,
                       .directory = request.directory,
                       .variables = &variables};
  Node model = compose::Loader(context).load(scope, files);
  if (model.members.empty()) context.reject({}, "empty compose file");
  if (name.empty()) context.reject({}, "project name must not be empty");
  compose::normalize(context, variables, name, model);
  compose::decode(context, model);
  const Node disabled = take_disabled(model, "services", request.profiles);
  take_disabled(model, "jobs", request.profiles);
  compose::check_consistency(context, model, disabled);
  compose::copy_scale(model);
  compose::resolve_env_files(context, variables, model);

  project.root = std::move(model);
  std::ranges::sort(project.files);
  const auto duplicates = std::ranges::unique(project.files);
  project.files.erase(duplicates.begin(), duplicates.end());
  return project;
}

} // namespace aethel
