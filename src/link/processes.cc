// Renders -> processes: the typed view of each service that rules ask.
#include "link/passes.h"

#include <algorithm>
#include <charconv>

namespace aethel {
namespace {

bool is_remote_context(std::string_view text) {
  return text.find("://") != std::string_view::npos || text.starts_with("git@") ||
         text.starts_with("github.com/");
}

const Text& text_of(const Node* node) {
  static const Text empty;
  return node != nullptr && node->is_scalar() ? node->text : empty;
}

bool flag(const Node* node, bool otherwise) {
  if (node == nullptr || !node->is_scalar()) return otherwise;
  return node->value() == "true";
}

std::uint32_t number(const Node* node) {
  const std::string text = text_of(node).value();
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string> strings(const Node* node) {
  std::vector<std::string> result;
  if (node != nullptr)
    for (const Node& item : node->items) result.push_back(item.value());
  return result;
}

void add_variables(const Node* mapping, std::vector<Variable>& variables) {
  if (mapping == nullptr) return;
  for (const Member& member : mapping->members) {
    Variable variable{.name = member.key, .origin = member.value.origin};
    if (member.value.is_null())
      variable.given = Variable::Given::inherited;
    else
      variable.value = member.value.text;
    variables.push_back(std::move(variable));
  }
}

Mount mount_of(const Node& node) {
  Mount mount{.origin = node.origin};
  const std::string type = text_of(node.find("type")).value();
  mount.type = type == "bind"     ? Mount::Type::bind
               : type == "volume" ? Mount::Type::volume
               : type == "tmpfs"  ? Mount::Type::tmpfs
                                  : Mount::Type::other;
  if (const Node* source = node.find("source")) {
    mount.source = source->text;
    mount.origin = source->origin;
    if (mount.type == Mount::Type::bind) mount.path = join_path("", source->value());
  }
  mount.target = text_of(node.find("target")).value();
  mount.read_only = flag(node.find("read_only"), false);
  // Without `bind.create_host_path` the engine refuses a missing source (long form).
  mount.create_host_path = flag(node.at({"bind", "create_host_path"}), false);
  return mount;
}

Build build_of(const Node& node) {
  Build build{.origin = node.origin};
  build.dockerfile_origin = build.target_origin = node.origin;
  if (const Node* context = node.find("context")) {
    build.context = context->text;
    build.origin = context->origin;
    build.remote = is_remote_context(context->value());
    build.path = build.remote ? context->value() : join_path("", context->value());
  }
  build.inline_dockerfile = node.find("dockerfile_inline") != nullptr;
  if (const Node* dockerfile = node.find("dockerfile")) {
    build.dockerfile = dockerfile->text;
    build.dockerfile_origin = dockerfile->origin;
  }
  const std::string name = build.dockerfile.empty() ? "Dockerfile" : build.dockerfile.value();
  if (!build.remote) build.dockerfile_path = join_path(build.path, name);
  if (const Node* target = node.find("target")) {
    build.target = target->text;
    build.target_origin = target->origin;
  }
  add_variables(node.find("args"), build.arguments);
  return build;
}

Dependency::Condition condition(const Node* node) {
  const std::string text = text_of(node).value();
  if (text == "service_healthy") return Dependency::Condition::healthy;
  if (text == "service_completed_successfully") return Dependency::Condition::completed;
  return Dependency::Condition::started;
}

Process process_of(TargetIndex target, const Member& member, const ComposeProject& project) {
  const Node& node = member.value;
  Process process{.target = target, .name = member.key, .node = &node, .origin = node.origin};
  process.origin.written = member.key_span;
  if (const Node* image = node.find("image")) {
    process.image = image->text;
    process.image_origin = image->origin;
  }
  if (const Node* build = node.find("build"); build != nullptr && build->is_mapping())
    process.build = build_of(*build);
  // Files first: what stands inline wins.
  for (const auto& variable : project.env_file_variables) {
    if (variable.service != member.key) continue;
    process.environment.push_back(
        {.name = variable.entry.name,
         .value = variable.entry.value,
         .given = variable.entry.inherited ? Variable::Given::inherited : Variable::Given::env_file,
         .origin = variable.origin});
  }
  add_variables(node.find("environment"), process.environment);
  std::vector<Variable> last;
  for (Variable& variable : process.environment) {
    const auto same = std::ranges::find(last, variable.name, &Variable::name);
    if (same == last.end())
      last.push_back(std::move(variable));
    else
      *same = std::move(variable);
  }
  process.environment = std::move(last);

  if (const Node* ports = node.find("ports"))
    for (const Node& port : ports->items)
      process.ports.push_back(
          {.published = text_of(port.find("published")),
           .target = number(port.find("target")),
           .host_address = text_of(port.find("host_ip")).value(),
           .protocol = port.find("protocol") != nullptr ? port.find("protocol")->value() : "tcp",
           .origin = port.origin});
  if (const Node* mounts = node.find("volumes"))
    for (const Node& mount : mounts->items)
      if (mount.is_mapping()) process.mounts.push_back(mount_of(mount));
  if (const Node* depends = node.find("depends_on"))
    for (const Member& dependency : depends->members)
      process.depends_on.push_back(
          {.service = dependency.key,
           .condition = condition(dependency.value.find("condition")),
           .required = flag(dependency.value.find("required"), true),
           .origin = {.written = dependency.key_span, .last = dependency.value.origin.last}});
  process.profiles = strings(node.find("profiles"));
  process.aliases = {member.key};
  if (const Node* name = node.find("container_name")) process.aliases.push_back(name->value());
  if (const Node* name = node.find("hostname")) process.aliases.push_back(name->value());
  if (const Node* networks = node.find("networks"))
    for (const Member& network : networks->members) {
      process.networks.push_back(network.key);
      for (std::string& alias : strings(network.value.find("aliases")))
        process.aliases.push_back(std::move(alias));
    }
  if (const Node* check = node.find("healthcheck"); check != nullptr && check->is_mapping()) {
    const Node* test = check->find("test");
    process.healthcheck_disabled =
        flag(check->find("disable"), false) ||
        (test != nullptr && !test->items.empty() && test->items.front().value() == "NONE");
    process.has_healthcheck = test != nullptr && !process.healthcheck_disabled;
  }
  return process;
}

} // namespace

void extract_processes(Program& program) {
  for (TargetIndex target = 0; target < program.targets.size(); ++target) {
    const ComposeProject& project = program.projects[target];
    const Node* services = project.root.find("services");
    if (services == nullptr) continue;
    for (const Member& member : services->members)
      if (member.value.is_mapping())
        program.processes.push_back(process_of(target, member, project));
  }
}

} // namespace aethel
