#include "link/render/compose_unicity.h"

#include "link/render/compose_merge.h"
#include "link/render/compose_short.h"
#include "link/render/compose_value.h"

#include <array>
#include <fmt/format.h>
#include <unordered_map>

namespace aethel::compose {
namespace {

std::optional<std::string> text_of(const Node* node) {
  if (node == nullptr || !is_string(*node)) return std::nullopt;
  return node->value();
}

std::optional<std::string> key_of_volume(const Node& item) {
  if (item.is_mapping()) return text_of(item.find("target"));
  if (!is_string(item)) return "";
  const auto volume = parse_volume(item.value());
  return volume ? volume->target.text : item.value(); // what is no volume is reported later
}

std::optional<std::string> key_of_device(const Node& item) {
  if (item.is_mapping()) return text_of(item.find("target"));
  if (!is_string(item)) return "";
  const std::string value = item.value();
  const std::size_t colon = value.find(':');
  if (colon == std::string::npos) return value;
  return value.substr(colon + 1, value.find(':', colon + 1) - colon - 1);
}

std::optional<std::string> key_of_exposed(const Node& item) {
  if (is_string(item) || is_integer(item)) return go_text(item);
  return std::nullopt;
}

template <bool secret> std::optional<std::string> key_of_mount(const Node& item) {
  const std::string folder = secret ? "/run/secrets/" : "/";
  if (is_string(item)) return folder + item.value();
  if (!item.is_mapping()) return std::nullopt;
  if (const Node* target = item.find("target")) return text_of(target);
  const Node* source = item.find("source");
  return folder + (source == nullptr ? "%!s(<nil>)" : go_text(*source));
}

// Go prints `published` by its type: a number of the long form and the same digits of the
// short form are two keys.
std::optional<std::string> key_of_port(const Node& item) {
  if (is_integer(item)) return go_text(item);
  if (is_string(item)) return item.value();
  if (!item.is_mapping()) return "";
  const Node* target = item.find("target");
  if (target == nullptr) return std::nullopt;
  const Node* published = item.find("published");
  const Node* host = item.find("host_ip");
  const Node* protocol = item.find("protocol");
  return fmt::format("{}:{}:{}/{}", host == nullptr ? "0.0.0.0" : go_text(*host),
                     published == nullptr    ? "\x01"
                     : is_string(*published) ? published->value()
                                             : "\x01" + go_text(*published),
                     go_text(*target), protocol == nullptr ? "tcp" : go_text(*protocol));
}

std::optional<std::string> key_of_env_file(const Node& item) {
  if (is_string(item)) return item.value();
  if (item.is_mapping()) return text_of(item.find("path"));
  return "";
}

struct Rule {
  std::string_view pattern;
  KeyOf key_of;
};

constexpr std::array rules = std::to_array<Rule>({
    {"networks.*.labels", key_of_assignment},
    {"networks.*.ipam.options", key_of_assignment},
    {"S.annotations", key_of_assignment},
    {"S.build.args", key_of_assignment},
    {"S.build.additional_contexts", key_of_assignment},
    {"S.build.platform", key_of_assignment},
    {"S.build.tags", key_of_assignment},
    {"S.build.labels", key_of_assignment},
    {"S.cap_add", key_of_assignment},
    {"S.cap_drop", key_of_assignment},
    {"S.configs", key_of_mount<false>},
    {"S.deploy.labels", key_of_assignment},
    {"S.dns", key_of_assignment},
    {"S.dns_opt", key_of_assignment},
    {"S.dns_search", key_of_assignment},
    {"S.environment", key_of_assignment},
    {"S.env_file", key_of_env_file},
    {"S.expose", key_of_exposed},
    {"S.labels", key_of_assignment},
    {"S.links", key_of_assignment},
    {"S.networks.*.aliases", key_of_assignment},
    {"S.networks.*.link_local_ips", key_of_assignment},
    {"S.ports", key_of_port},
    {"S.profiles", key_of_assignment},
    {"S.secrets", key_of_mount<true>},
    {"S.sysctls", key_of_assignment},
    {"S.tmpfs", key_of_assignment},
    {"S.volumes", key_of_volume},
    {"S.devices", key_of_device},
});

void walk(Context& context, Node& node, const Path& path) {
  if (node.is_mapping()) {
    for (Member& member : node.members) walk(context, member.value, Path(path, member.key));
    return;
  }
  if (!node.is_sequence()) return;
  for (const Rule& rule : rules)
    if (path.matches(rule.pattern)) return keep_last(context, node, path, rule.key_of);
}

} // namespace

std::optional<std::string> key_of_assignment(const Node& item) {
  if (!is_string(item)) return std::nullopt;
  const std::string value = item.value();
  return value.substr(0, value.find('='));
}

void keep_last(Context& context, Node& list, const Path& path, KeyOf key_of) {
  std::vector<Node> kept;
  std::unordered_map<std::string, std::size_t> index;
  for (Node& item : list.items) {
    auto key = key_of(item);
    if (!key) {
      context.reject(item.origin.written,
                     fmt::format("{}: an item has an unexpected form", path.dotted()));
      kept.push_back(std::move(item));
      continue;
    }
    const auto [found, added] = index.try_emplace(std::move(*key), kept.size());
    if (added)
      kept.push_back(std::move(item));
    else
      kept[found->second] = std::move(item);
  }
  list.items = std::move(kept);
}

void enforce_unicity(Context& context, Node& tree) { walk(context, tree, Path()); }

} // namespace aethel::compose
