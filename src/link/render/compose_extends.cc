// `extends:` of services and jobs (compose-go's loader/extends.go).
#include "base/files.h"
#include "link/render/compose_load.h"
#include "link/render/compose_path.h"
#include "link/render/compose_paths.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel::compose {
namespace {

constexpr std::size_t depth_limit = 100;

} // namespace

void Loader::apply_extends(const Current& current, Node& document) {
  for (const std::string_view section : {"services", "jobs"}) {
    Node* services = document.find(section);
    if (services == nullptr) continue;
    if (!services->is_mapping()) {
      context_.reject(services->origin.written, fmt::format("{} must be a mapping", section));
      document.erase(section);
      continue;
    }
    for (std::size_t i = 0; i < services->members.size(); ++i) {
      const std::string name = services->members[i].key;
      extend(current, *services, name, {}, current.resets);
    }
  }
}

// Brings services[name] to its extended form, in place: who is extended more than once is
// extended once.
void Loader::extend(const Current& current, Node& services, const std::string& name, Trail trail,
                    const Resets& resets) {
  Node* service = services.find(name);
  if (service == nullptr || service->is_null()) return;
  if (!service->is_mapping())
    return context_.reject(service->origin.written,
                           fmt::format("services.{} must be a mapping", name));
  const Node* found = service->find("extends");
  if (found == nullptr) return;
  const Node extends = *found;
  const auto give_up = [&](std::string message,
                           ComposeProblem::Kind kind = ComposeProblem::Kind::rejected) {
    context_.reject(extends.origin.written, std::move(message), kind);
    services.find(name)->erase("extends");
  };

  const Node* target = extends.is_mapping() ? extends.find("service") : &extends;
  if (target == nullptr || !is_string(*target))
    return give_up(fmt::format("extends.{}.service is required", name));
  const std::string reference = target->value();
  const Node* file = extends.is_mapping() ? extends.find("file") : nullptr;
  if (file != nullptr && file->is_null()) file = nullptr;
  if (file != nullptr && !is_string(*file)) return give_up("the file of `extends` is not a path");

  Node* bases = &services;
  const Resets* base_resets = &resets;
  if (file != nullptr) {
    Scope::Base* base = base_of(current, *file, name);
    if (base == nullptr)
      return give_up(fmt::format("cannot extend service \"{}\" from {}", name, file->value()),
                     ComposeProblem::Kind::missing_file);
    bases = &base->services;
    base_resets = &base->resets;
  }
  if (bases->find(reference) == nullptr)
    return give_up(fmt::format("cannot extend service \"{}\": service \"{}\" not found{}", name,
                               reference, file != nullptr ? " in " + file->value() : ""));
  std::pair<std::string, std::string> mark(file != nullptr ? file->value() : current.file, name);
  if (std::ranges::find(trail, mark) != trail.end() || trail.size() > depth_limit)
    return give_up(fmt::format("circular reference: service \"{}\" extends itself", name));
  trail.push_back(std::move(mark));
  extend(current, *bases, reference, trail, *base_resets);

  const Node* base = bases->find(reference);
  service = services.find(name);
  // A circle that was reported deeper down has taken `extends` away.
  if (base == nullptr || service == nullptr || service->find("extends") == nullptr) return;
  if (base->is_null()) return; // compose keeps the service as it is, `extends` too
  if (!base->is_mapping() || !context_.take_nodes(count_nodes(*base)))
    return give_up("the extended service is not a mapping");
  Node inherited = *base;
  add_step(inherited, Operation::extends, extends.origin.written);
  for (const auto& path : resets)
    if (path.size() > 2 && path[0] == "services" && path[1] == name)
      apply_resets({{path.begin() + 2, path.end()}}, inherited);
  const Path root;
  const Path section(root, "services");
  merge(context_, Join::extends, inherited, std::move(*service), Path(section, "x"));
  inherited.erase("extends");
  *services.find(name) = std::move(inherited);
}

// The services of another file, canonical, with paths relative to the scope.
Scope::Base* Loader::base_of(const Current& current, const Node& file, const std::string& service) {
  Scope& scope = current.scope;
  const std::string path = join_path(scope.directory, file.value());
  context_.project.uses.push_back({.role = ComposeFileUse::Role::extends,
                                   .text = file.text,
                                   .path = path,
                                   .origin = file.origin,
                                   .service = service,
                                   .required = true,
                                   .known = is_known(file.text)});
  const auto [found, added] = scope.bases.try_emplace(path);
  if (!added) return found->second.get();
  if (!context_.sources.find(path)) return nullptr;
  Node model = Node::mapping();
  auto base = std::make_unique<Scope::Base>();
  base->resets = load_file(scope, path, Mode::base, model);
  resolve_paths(context_, model, seen_from(parent_path(path), scope.directory));
  Node* services = model.find("services");
  if (services == nullptr || !services->is_mapping()) return nullptr;
  base->services = std::move(*services);
  return (scope.bases[path] = std::move(base)).get();
}

} // namespace aethel::compose
