#include "link/render/compose_load.h"

#include "link/render/compose_canonical.h"
#include "link/render/compose_environment.h"
#include "link/render/compose_interpolate.h"
#include "link/render/compose_path.h"
#include "link/render/compose_paths.h"
#include "link/render/compose_schema.h"
#include "link/render/compose_validate.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel::compose {
namespace {

void take_resets(Node& node, std::vector<std::string>& path, Resets& resets) {
  std::erase_if(node.members, [&](Member& member) {
    path.push_back(member.key);
    const bool reset = member.value.tag == "!reset";
    const bool override = member.value.tag == "!override";
    if (reset || override) resets.push_back(path);
    if (override)
      member.value.tag.clear(); // what is below it stands as it is
    else if (!reset)
      take_resets(member.value, path, resets);
    path.pop_back();
    return reset;
  });
  // List items have no path that anything matches (loader/reset.go), but may be tagged.
  for (Node& item : node.items) {
    Resets ignored;
    take_resets(item, path, ignored);
  }
}

// `x-develop` is an alias of `develop`, `x-initialSync` of `initial_sync`; what stands under
// the name itself wins (loader/aliases.go).
void promote(Context& context, Node& parent, std::string_view from, std::string_view to,
             const Path& path) {
  const Member* alias = parent.find_member(from);
  if (alias == nullptr) return;
  Node value = alias->value;
  const Span span = alias->key_span;
  parent.erase(from);
  const Node* own = parent.find(to);
  if (own != nullptr && !own->is_null()) merge(context, Join::extends, value, *own, path);
  parent.set(std::string(to), span, std::move(value));
}

void promote_aliases(Context& context, Node& document) {
  Node* services = document.find("services");
  if (services == nullptr) return;
  const Path root;
  const Path section(root, "services");
  for (Member& member : services->members) {
    if (!member.value.is_mapping()) continue;
    const Path service(section, member.key);
    promote(context, member.value, "x-develop", "develop", Path(service, "develop"));
    Node* develop = member.value.find("develop");
    Node* watch = develop == nullptr ? nullptr : develop->find("watch");
    if (watch == nullptr) continue;
    for (Node& item : watch->items)
      if (item.is_mapping()) promote(context, item, "x-initialSync", "initial_sync", service);
  }
}

void omit_empty(Node& model) {
  for (const std::string_view section : {"services", "jobs"})
    if (Node* containers = model.find(section))
      for (Member& member : containers->members)
        if (Node* dns = member.value.find("dns"))
          std::erase_if(dns->items, [](const Node& item) {
            return item.is_null() || (is_string(item) && item.value().empty());
          });
}

// A list-form `NAME` takes the value that the scope's variables have; the mapping form waits
// until the project is whole (loader/environment.go).
void resolve_environment(Node& model, const Variables& variables) {
  for (const std::string_view section : {"services", "jobs"}) {
    Node* containers = model.find(section);
    if (containers == nullptr) continue;
    for (Member& member : containers->members) {
      Node* environment = member.value.find("environment");
      if (environment == nullptr || !environment->is_sequence()) continue;
      for (Node& item : environment->items) {
        if (!is_string(item)) continue;
        const std::string name = item.value();
        if (const auto found = variables.find(name); found != variables.end())
          item = inherited_assignment(item, name, found->second);
      }
    }
  }
}

void set_arrival(Node& node, const std::shared_ptr<const OriginStep>& arrival) {
  node.origin.last = arrival;
  for (Member& member : node.members) set_arrival(member.value, arrival);
  for (Node& item : node.items) set_arrival(item, arrival);
}

} // namespace

Resets take_resets(Node& document) {
  Resets resets;
  std::vector<std::string> path;
  take_resets(document, path, resets);
  // Paths through an alias reach what it stands for.
  for (std::size_t i = 0, count = resets.size(); i < count; ++i)
    if (resets[i].size() > 2 && resets[i][0] == "services" && resets[i][2] == "x-develop") {
      resets.push_back(resets[i]);
      resets.back()[2] = "develop";
    }
  return resets;
}

void apply_resets(const Resets& resets, Node& model) {
  for (const auto& path : resets) {
    Node* at = &model;
    for (std::size_t i = 0; i + 1 < path.size() && at != nullptr; ++i) at = at->find(path[i]);
    if (at != nullptr) at->erase(path.back());
  }
}

Node Loader::load(Scope& scope, const std::vector<std::string>& files) {
  Node model = Node::mapping();
  for (const std::string& file : files) load_file(scope, file, Mode::project, model);
  set_defaults(model);
  validate(context_, model);
  resolve_paths(context_, model, scope.working_directory);
  resolve_environment(model, *scope.variables);
  return model;
}

Resets Loader::load_file(Scope& scope, const std::string& file, Mode mode, Node& model) {
  Resets resets;
  const FileId id = context_.sources.find(file);
  const FileFacts* facts = id ? context_.documents(id) : nullptr;
  if (facts == nullptr) return resets;
  for (const Node& document : facts->documents) {
    if (!context_.take_nodes(count_nodes(document))) break;
    add_document(scope, file, mode, document, resets, model);
  }
  return resets;
}

void Loader::add_document(Scope& scope, const std::string& file, Mode mode, Node document,
                          Resets& resets, Node& model) {
  if (!document.is_mapping())
    return context_.reject(document.origin.written, "top-level object must be a mapping");
  if (scope.arrival) set_arrival(document, scope.arrival);
  resets = take_resets(document);
  interpolate(context_, *scope.variables, document);
  promote_aliases(context_, document);
  const Current current{scope, file, resets};
  if (mode == Mode::project) {
    scope.chain.push_back(file);
    apply_includes(current, document);
    scope.chain.pop_back();
  }
  apply_resets(resets, model);
  if (mode == Mode::project) apply_extends(current, document);
  if (model.members.empty())
    model = std::move(document);
  else
    merge(context_, Join::file, model, std::move(document), Path());
  enforce_unicity(context_, model);
  if (mode == Mode::project) {
    check_schema(context_, model);
    model.erase("version");
  }
  make_canonical(context_, model);
  omit_empty(model);
  enforce_unicity(context_, model);
}

} // namespace aethel::compose
