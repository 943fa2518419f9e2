#include "link/render/compose_normalize.h"

#include "base/files.h"
#include "link/render/compose_environment.h"
#include "link/render/compose_merge.h"
#include "link/render/compose_types.h"
#include "link/render/compose_value.h"

#include <array>
#include <fmt/format.h>

namespace aethel::compose {
namespace {

constexpr std::array containers = {"services", "jobs"};

void add_default_network(Node& model) {
  bool used = false;
  Origin cause;
  for (const std::string_view section : containers) {
    Node* services = model.find(section);
    if (services == nullptr) continue;
    for (Member& member : services->members) {
      Node& service = member.value;
      if (!service.is_mapping() || service.find("provider") != nullptr ||
          service.find("network_mode") != nullptr)
        continue;
      const Node* networks = service.find("networks");
      if (networks == nullptr || networks->members.empty()) {
        Node mapping =
            Node::mapping(service.origin.with(Operation::tool_default, service.origin.written));
        mapping.set("default", {}, Node{.origin = mapping.origin});
        service.set("networks", {}, std::move(mapping));
        used = true;
      } else {
        used |= networks->find("default") != nullptr;
      }
    }
  }
  if (!used) return;
  Node* networks = model.find("networks");
  if (networks == nullptr || !networks->is_mapping())
    networks = &model.set("networks", {}, Node::mapping());
  if (networks->find("default") == nullptr) networks->set("default", {}, Node{});
}

enum class Unset : std::uint8_t { dropped, kept };

// Names without a value take the project's.
void resolve_names(const Variables& variables, Node& values, Unset unset) {
  std::erase_if(values.members, [&](Member& member) {
    if (!member.value.is_null()) return false;
    const auto found = variables.find(member.key);
    if (found == variables.end()) return unset == Unset::dropped;
    Origin origin = member.value.origin;
    origin.written = member.key_span;
    member.value = inherited_value(origin, member.key, found->second);
    return false;
  });
  std::erase_if(values.items, [&](Node& item) {
    if (!is_string(item)) return true;
    const std::string name = item.value();
    if (name.find('=') != std::string::npos) return false;
    const auto found = variables.find(name);
    if (found == variables.end()) return unset == Unset::dropped;
    item = inherited_assignment(item, name, found->second);
    return false;
  });
}

void add_dependency(Node& dependencies, const std::string& name, const Node& cause, bool restart) {
  if (dependencies.find(name) != nullptr) return;
  Node value = Node::mapping(cause.origin.with(Operation::tool_default, cause.origin.written));
  value.set("condition", {}, added("service_started", cause.origin));
  value.set("restart", {}, added(restart ? "true" : "false", cause.origin, ScalarType::boolean));
  value.set("required", {}, added("true", cause.origin, ScalarType::boolean));
  dependencies.set(name, cause.origin.written, std::move(value));
}

void imply_dependencies(Context& context, Node& service) {
  Node dependencies = Node::mapping(service.origin);
  if (const Node* present = service.find("depends_on")) dependencies = *present;
  if (const Node* links = service.find("links"))
    for (const Node& item : links->items) {
      const std::string link = item.value();
      const std::size_t colon = link.find(':');
      const bool alias =
          colon != std::string::npos && link.find(':', colon + 1) == std::string::npos;
      add_dependency(dependencies, alias ? link.substr(0, colon) : link, item, true);
    }
  for (const std::string_view key : {"network_mode", "ipc", "pid", "uts", "cgroup"}) {
    const Node* value = service.find(key);
    if (value == nullptr) continue;
    // The schema lets `pid` be null; compose-go then fails without a message.
    if (value->is_null())
      context.reject(value->origin.written, fmt::format("{} must be a string", key));
    else if (const std::string text = value->value(); text.starts_with("service:"))
      add_dependency(dependencies, text.substr(8), *value, true);
  }
  if (const Node* from = service.find("volumes_from"))
    for (const Node& item : from->items) {
      const std::string source = item.value();
      if (!source.starts_with("container:"))
        add_dependency(dependencies, source.substr(0, source.find(':')), item, false);
    }
  if (!dependencies.members.empty()) service.set("depends_on", {}, std::move(dependencies));
}

void normalize_build(const Variables& variables, Node& build) {
  if (!build.is_mapping()) return;
  const auto absent = [&](std::string_view key) {
    const Node* value = build.find(key);
    return value == nullptr || value->is_null();
  };
  if (absent("context")) build.set("context", {}, added(".", build.origin));
  if (absent("dockerfile") && absent("dockerfile_inline"))
    build.set("dockerfile", {}, added("Dockerfile", build.origin));
  if (Node* args = build.find("args")) resolve_names(variables, *args, Unset::dropped);
}

void clean_targets(Node& service) {
  Node* volumes = service.find("volumes");
  if (volumes == nullptr) return;
  for (Node& volume : volumes->items)
    if (Node* target = volume.find("target"); target != nullptr && is_string(*target)) {
      std::string clean = join_path("", target->value());
      set_text(*target, clean.empty() ? "." : std::move(clean));
    }
}

// A hook is a container like its service, but for the mounts.
void complete_hooks(Context& context, Node& service) {
  Node* hooks = service.find("pre_start");
  if (hooks == nullptr || hooks->items.empty()) return;
  Node base = Node::mapping(service.origin);
  for (const Member& member : service.members)
    if (member.key != "volumes" && is_container_attribute(member.key))
      base.members.push_back(member);
  const Path root;
  const Path section(root, "services");
  const Path path(section, "hook");
  for (Node& hook : hooks->items) {
    if (!hook.is_mapping() || !context.take_nodes(count_nodes(base))) continue;
    Node merged = base;
    merge(context, Join::hook, merged, std::move(hook), path);
    hook = std::move(merged);
  }
}

void add_names(const std::string& project, Node& model) {
  for (const std::string_view section : {"networks", "volumes", "configs", "secrets"}) {
    Node* resources = model.find(section);
    if (resources == nullptr) continue;
    for (Member& member : resources->members) {
      Node& resource = member.value;
      if (resource.is_null()) resource = Node::mapping(resource.origin);
      if (!resource.is_mapping()) continue;
      const Node* name = resource.find("name");
      if (name != nullptr && !name->is_null()) continue;
      const Node* external = resource.find("external");
      const bool outside = external != nullptr && as_boolean(*external).value_or(false);
      resource.set("name", {},
                   added(outside ? member.key : project + "_" + member.key, resource.origin));
    }
  }
}

} // namespace

void normalize(Context& context, const Variables& variables, const std::string& name, Node& model) {
  model.set("name", {},
            model.find("name") != nullptr ? Node::scalar(name, model.find("name")->origin)
                                          : added(name, {}));
  add_default_network(model);
  for (const std::string_view section : containers) {
    Node* services = model.find(section);
    if (services == nullptr) continue;
    for (Member& member : services->members) {
      Node& service = member.value;
      if (!service.is_mapping()) continue;
      if (Node* policy = service.find("pull_policy");
          policy != nullptr && policy->value() == "if_not_present")
        set_text(*policy, "missing");
      if (Node* build = service.find("build")) normalize_build(variables, *build);
      if (Node* environment = service.find("environment"))
        resolve_names(variables, *environment, Unset::kept);
      imply_dependencies(context, service);
      clean_targets(service);
      complete_hooks(context, service);
    }
  }
  add_names(name, model);
}

void copy_scale(Node& model) {
  Node* services = model.find("services");
  if (services == nullptr) return;
  for (Member& member : services->members) {
    const Node* scale = member.value.find("scale");
    Node* deploy = member.value.find("deploy");
    if (scale == nullptr || deploy == nullptr || !deploy->is_mapping()) continue;
    Node replicas = *scale;
    replicas.origin = replicas.origin.with(Operation::tool_default, deploy->origin.written);
    deploy->set("replicas", {}, std::move(replicas));
  }
}

} // namespace aethel::compose
