#include "link/render/compose_canonical.h"

#include "base/files.h"
#include "link/render/compose_path.h"
#include "link/render/compose_short.h"
#include "link/render/compose_value.h"

#include <array>
#include <fmt/format.h>

namespace aethel::compose {
namespace {

class Transformer {
public:
  explicit Transformer(Context& context) : context_(context) {}

  void walk(Node& node, const Path& path) {
    for (const Rule& rule : rules)
      if (path.matches(rule.pattern)) return (this->*rule.transform)(node, path);
    children(node, path);
  }

private:
  using Handler = void (Transformer::*)(Node&, const Path&);
  struct Rule {
    std::string_view pattern;
    Handler transform;
  };
  static const std::array<Rule, 29> rules;

  void children(Node& node, const Path& path) {
    for (Member& member : node.members) walk(member.value, Path(path, member.key));
    for (Node& item : node.items) walk(item, Path(path, list_item));
  }

  void invalid(const Node& node, const Path& path) {
    context_.reject(node.origin.written, fmt::format("{}: invalid type", path.dotted()));
  }

  // {key: text}, written where the text is.
  static Node wrapped(std::string_view key, Node text) {
    Node mapping = Node::mapping(text.origin);
    const Span span = text.origin.written;
    mapping.set(std::string(key), span, std::move(text));
    return mapping;
  }

  static Node listed(Node item) {
    Node list = Node::sequence(item.origin);
    list.items.push_back(std::move(item));
    return list;
  }

  void service(Node& node, const Path& path) {
    if (node.is_mapping()) children(node, path);
  }

  void build(Node& node, const Path& path) {
    if (node.is_mapping())
      children(node, path);
    else if (is_string(node))
      node = wrapped("context", std::move(node));
    else
      invalid(node, path);
  }

  void extends(Node& node, const Path& path) {
    if (is_string(node))
      node = wrapped("service", std::move(node));
    else if (!node.is_mapping())
      invalid(node, path);
  }

  void schedule(Node& node, const Path& path) {
    if (is_string(node))
      node = wrapped("cron", std::move(node));
    else if (!node.is_mapping())
      invalid(node, path);
  }

  void file_mount(Node& node, const Path& path) {
    if (is_string(node))
      node = wrapped("source", std::move(node));
    else if (!node.is_mapping())
      invalid(node, path);
  }

  void env_file(Node& node, const Path& path) {
    if (is_string(node)) node = listed(std::move(node));
    if (!node.is_sequence()) return invalid(node, path);
    for (Node& item : node.items) {
      if (is_string(item)) item = wrapped("path", std::move(item));
      if (!item.is_mapping())
        invalid(item, path);
      else if (item.find("required") == nullptr)
        item.set("required", {}, added("true", item.origin, ScalarType::boolean));
    }
  }

  void string_or_list(Node& node, const Path&) {
    if (is_string(node)) node = listed(std::move(node));
  }

  void string_or_any(Node& node, const Path&) {
    if (node.is_scalar()) make_string(node);
  }

  void gpus(Node& node, const Path& path) {
    if (is_string(node))
      node = listed(wrapped("count", std::move(node)));
    else if (node.is_sequence())
      children(node, path);
    else
      invalid(node, path);
  }

  void names(Node& node, const Path& path) {
    if (!node.is_sequence()) return;
    MappingBuilder mapping(Node::mapping(node.origin));
    for (const Node& item : node.items) {
      if (!is_string(item)) return invalid(item, path);
      mapping.set(
          {.key = item.value(), .key_span = item.origin.written, .value = {.origin = item.origin}});
    }
    node = mapping.take();
  }

  void dependencies(Node& node, const Path& path) {
    names(node, path);
    if (!node.is_mapping()) return invalid(node, path);
    for (Member& member : node.members) {
      Node& value = member.value;
      if (value.is_null()) value = Node::mapping(value.origin);
      if (!value.is_mapping()) {
        invalid(value, path);
        continue;
      }
      if (value.find("condition") == nullptr)
        value.set("condition", {}, added("service_started", value.origin));
      if (value.find("required") == nullptr)
        value.set("required", {}, added("true", value.origin, ScalarType::boolean));
    }
  }

  void assignments(Node& node, const Path& path) {
    if (node.is_mapping()) return;
    if (!node.is_sequence()) return invalid(node, path);
    MappingBuilder mapping(Node::mapping(node.origin));
    for (const Node& item : node.items) {
      if (!is_string(item) || item.value().find('=') == std::string::npos) {
        invalid(item, path);
        continue;
      }
      Member member = split_key_value(item);
      mapping.set(std::move(member));
    }
    node = mapping.take();
  }

  void ssh(Node& node, const Path& path) {
    if (node.is_mapping()) return;
    if (!node.is_sequence()) return invalid(node, path);
    MappingBuilder mapping(Node::mapping(node.origin));
    for (const Node& item : node.items) {
      const bool assignment = is_string(item) && item.value().find('=') != std::string::npos;
      if (!is_string(item) || (!assignment && item.value() != "default")) {
        invalid(item, path);
        continue;
      }
      Member member = split_key_value(item);
      mapping.set(std::move(member));
    }
    node = mapping.take();
  }

  void ulimit(Node& node, const Path& path) {
    if (!node.is_mapping() && !is_integer(node)) invalid(node, path);
  }

  void device(Node& node, const Path& path) {
    if (node.is_mapping()) return;
    if (!is_string(node)) return invalid(node, path);
    const std::string value = node.value();
    const std::size_t first = value.find(':');
    const std::size_t second = first == std::string::npos ? first : value.find(':', first + 1);
    if (second != std::string::npos && value.find(':', second + 1) != std::string::npos)
      return context_.reject(
          node.origin.written,
          fmt::format("confusing device mapping, please use long syntax: {}", value));
    Node source = part_of(node, 0, std::min(first, value.size()));
    Node target =
        first == std::string::npos ? source : part_of(node, first + 1, second - first - 1);
    if (target.value().empty()) target = source;
    Node mapping = Node::mapping(node.origin);
    mapping.set("source", {}, std::move(source));
    mapping.set("target", {}, std::move(target));
    mapping.set("permissions", {},
                second == std::string::npos ? added("rwm", node.origin)
                                            : part_of(node, second + 1));
    node = std::move(mapping);
  }

  // A part of a short form whose canonical text may differ from the written one.
  static Node piece(const Node& whole, const ShortPart& part, std::string value,
                    ScalarType type = ScalarType::string) {
    Node node = part_of(whole, part.offset, part.length);
    set_text(node, std::move(value));
    node.type = type;
    return node;
  }

  void ports(Node& node, const Path& path) {
    if (!node.is_sequence()) return invalid(node, path);
    std::vector<Node> result;
    for (Node& item : node.items) {
      if (item.is_mapping()) {
        result.push_back(std::move(item));
        continue;
      }
      if (is_integer(item)) make_string(item);
      if (!is_string(item)) {
        invalid(item, path);
        continue;
      }
      const auto parsed = parse_ports(item.value());
      if (!parsed) {
        if (!awaits_variable(item)) context_.reject(item.origin.written, parsed.error());
        continue;
      }
      if (!context_.take_nodes(5 * parsed->ports.size())) return;
      for (const ShortPort& port : parsed->ports) {
        Node mapping = Node::mapping(item.origin);
        mapping.set("mode", {}, added("ingress", item.origin));
        if (!port.host_ip.text.empty())
          mapping.set("host_ip", {}, piece(item, port.host_ip, port.host_ip.text));
        if (port.target != 0)
          mapping.set(
              "target", {},
              piece(item, parsed->target, fmt::format("{}", port.target), ScalarType::integer));
        if (!port.published.empty())
          mapping.set("published", {}, piece(item, parsed->published, port.published));
        mapping.set("protocol", {}, added(port.protocol, item.origin));
        result.push_back(std::move(mapping));
      }
    }
    node.items = std::move(result);
  }

  // `${UNSET}:/data` is no volume to compose. What is mounted there is still known, and rules
  // ask for it: a bind without a source.
  void broken_volume(Node& node, const std::string& message) {
    if (!awaits_variable(node)) context_.reject(node.origin.written, message);
    const std::string spec = node.value();
    Node mapping = Node::mapping(node.origin);
    mapping.tag = unresolved_tag;
    mapping.set("type", {}, added("bind", node.origin));
    const std::size_t target = spec.starts_with(':') ? 1 : 0;
    const std::size_t end = std::min(spec.find(':', target), spec.size());
    mapping.set("target", {}, part_of(node, target, end - target));
    node = std::move(mapping);
  }

  void volume(Node& node, const Path& path) {
    if (node.is_mapping()) return;
    if (!is_string(node)) return invalid(node, path);
    const auto parsed = parse_volume(node.value());
    if (!parsed) return broken_volume(node, parsed.error());
    const bool bind = parsed->type == ShortVolume::Type::bind;
    Node mapping = Node::mapping(node.origin);
    mapping.set("type", {}, added(bind ? "bind" : "volume", node.origin));
    if (!parsed->source.text.empty())
      mapping.set("source", {}, piece(node, parsed->source, parsed->source.text));
    if (!parsed->target.text.empty()) {
      std::string target = join_path("", parsed->target.text);
      mapping.set("target", {}, piece(node, parsed->target, target.empty() ? "." : target));
    }
    if (parsed->read_only)
      mapping.set("read_only", {}, added("true", node.origin, ScalarType::boolean));
    if (bind || !parsed->propagation.empty() || !parsed->selinux.empty()) {
      Node options = Node::mapping(node.origin);
      if (!parsed->selinux.empty()) options.set("selinux", {}, added(parsed->selinux, node.origin));
      if (!parsed->propagation.empty())
        options.set("propagation", {}, added(parsed->propagation, node.origin));
      if (bind)
        options.set("create_host_path", {}, added("true", node.origin, ScalarType::boolean));
      mapping.set("bind", {}, std::move(options));
    }
    if (parsed->nocopy || (!bind && !parsed->bare)) {
      Node options = Node::mapping(node.origin);
      if (parsed->nocopy)
        options.set("nocopy", {}, added("true", node.origin, ScalarType::boolean));
      mapping.set("volume", {}, std::move(options));
    }
    node = std::move(mapping);
  }

  void external(Node& node, const Path& path) {
    if (node.is_null()) return;
    if (!node.is_mapping()) return invalid(node, path);
    children(node, path);
    Node* external = node.find("external");
    if (external == nullptr || !external->is_mapping()) return;
    std::optional<Node> given;
    if (const Node* name = external->find("name")) given = *name;
    *external = Node::scalar("true", external->origin, ScalarType::boolean);
    if (!given) return;
    const Node* name = node.find("name");
    if (name == nullptr)
      node.set("name", given->origin.written, *given);
    else if (!same(*name, *given))
      context_.reject(
          given->origin.written,
          fmt::format("{}: name and external.name conflict; only use name", path.dotted()));
  }

  Context& context_;
};

const std::array<Transformer::Rule, 29> Transformer::rules = {{
    {"C.env_file", &Transformer::env_file},
    {"C.label_file", &Transformer::string_or_list},
    {"C.gpus", &Transformer::gpus},
    {"C.networks", &Transformer::names},
    {"C.models", &Transformer::names},
    {"C.volumes.*", &Transformer::volume},
    {"C.dns", &Transformer::string_or_list},
    {"C.devices.*", &Transformer::device},
    {"C.secrets.*", &Transformer::file_mount},
    {"C.configs.*", &Transformer::file_mount},
    {"C.ulimits.*", &Transformer::ulimit},
    {"W", &Transformer::service},
    {"W.build.secrets.*", &Transformer::file_mount},
    {"W.build.provenance", &Transformer::string_or_any},
    {"W.build.sbom", &Transformer::string_or_any},
    {"W.build.additional_contexts", &Transformer::assignments},
    {"W.depends_on", &Transformer::dependencies},
    {"W.extends", &Transformer::extends},
    {"W.ports", &Transformer::ports},
    {"W.build", &Transformer::build},
    {"W.build.ssh", &Transformer::ssh},
    {"W.build.ulimits.*", &Transformer::ulimit},
    {"jobs.*.triggers.schedule.*", &Transformer::schedule},
    {"S.develop.watch.*.ignore", &Transformer::string_or_list},
    {"S.develop.watch.*.include", &Transformer::string_or_list},
    {"volumes.*", &Transformer::external},
    {"networks.*", &Transformer::external},
    {"secrets.*", &Transformer::external},
    {"configs.*", &Transformer::external},
}};

} // namespace

void make_canonical(Context& context, Node& model) { Transformer(context).walk(model, Path()); }

} // namespace aethel::compose
