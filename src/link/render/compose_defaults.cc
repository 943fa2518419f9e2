// Attributes that compose fills in once a model is whole (compose-go's transform/defaults.go).
#include "link/render/compose_canonical.h"
#include "link/render/compose_path.h"
#include "link/render/compose_value.h"

#include <array>

namespace aethel::compose {
namespace {

void default_build(Node& node) {
  if (node.is_mapping() && node.find("context") == nullptr)
    node.set("context", {}, added(".", node.origin));
}

void default_secret(Node& node) {
  const Node* source = node.find("source");
  if (node.is_mapping() && source != nullptr && node.find("target") == nullptr)
    node.set("target", {}, added("/run/secrets/" + go_text(*source), node.origin));
}

void default_port(Node& node) {
  if (!node.is_mapping()) return;
  if (node.find("protocol") == nullptr) node.set("protocol", {}, added("tcp", node.origin));
  if (node.find("mode") == nullptr) node.set("mode", {}, added("ingress", node.origin));
}

void default_device(Node& node) {
  if (node.is_mapping() && node.find("count") == nullptr && node.find("device_ids") == nullptr)
    node.set("count", {}, added("all", node.origin));
}

void default_bind(Node& node) {
  if (node.is_mapping() && node.find("create_host_path") == nullptr)
    node.set("create_host_path", {}, added("true", node.origin, ScalarType::boolean));
}

struct Default {
  std::string_view pattern;
  void (*set)(Node&);
};

constexpr std::array defaults = std::to_array<Default>({
    {"W.build", default_build},
    {"W.secrets.*", default_secret},
    {"W.ports.*", default_port},
    {"W.gpus.*", default_device},
    {"W.volumes.*.bind", default_bind},
    {"S.deploy.resources.reservations.devices.*", default_device},
});

void walk_defaults(Node& node, const Path& path) {
  for (const Default& rule : defaults)
    if (path.matches(rule.pattern)) return rule.set(node);
  for (Member& member : node.members) walk_defaults(member.value, Path(path, member.key));
  for (Node& item : node.items) walk_defaults(item, Path(path, list_item));
}

} // namespace

void set_defaults(Node& model) { walk_defaults(model, Path()); }

} // namespace aethel::compose
