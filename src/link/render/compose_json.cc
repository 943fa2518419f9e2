#include "link/render/compose.h"

#include "front/support/compose_text.h"
#include "front/support/go_yaml.h"
#include "link/render/compose_paths.h"
#include "link/render/compose_types.h"
#include "link/render/compose_units.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <optional>

namespace aethel::compose {
namespace {

struct Json {
  enum class Kind : std::uint8_t { raw, list, object };
  Kind kind = Kind::raw;
  std::string text = "null";
  std::vector<Json> items;
  std::map<std::string, Json> members;
};

// What encoding/json escapes with SetEscapeHTML(false); bytes that are no UTF-8 become U+FFFD.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[at]);
    if (c < 0x80) {
      ++at;
      switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default: out += c < 0x20 ? fmt::format("\\u{:04x}", c) : std::string(1, static_cast<char>(c));
      }
      continue;
    }
    const std::size_t size = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;
    std::uint32_t rune = size == 0 ? 0 : c & (0x7fu >> size);
    bool valid = size != 0 && c < 0xf5 && at + size <= text.size();
    for (std::size_t i = 1; valid && i < size; ++i) {
      const unsigned char next = static_cast<unsigned char>(text[at + i]);
      valid = (next & 0xc0) == 0x80;
      rune = rune << 6 | (next & 0x3f);
    }
    valid = valid && !(size == 3 && (rune < 0x800 || (rune >= 0xd800 && rune < 0xe000))) &&
            !(size == 4 && (rune < 0x10000 || rune > 0x10ffff));
    if (!valid) {
      out += "\xef\xbf\xbd";
      ++at;
      continue;
    }
    if (rune == 0x2028 || rune == 0x2029)
      out += fmt::format("\\u{:04x}", rune);
    else
      out += text.substr(at, size);
    at += size;
  }
  return out + "\"";
}

Json raw(std::string text) {
  return {.kind = Json::Kind::raw, .text = std::move(text), .items = {}, .members = {}};
}
Json text_json(std::string_view text) { return raw(quoted(text)); }
Json object_json() { return {.kind = Json::Kind::object, .text = {}, .items = {}, .members = {}}; }
Json list_json() { return {.kind = Json::Kind::list, .text = {}, .items = {}, .members = {}}; }

void print(const Json& json, std::string& out, std::size_t indent) {
  const auto line = [&](std::size_t depth) { out += '\n' + std::string(2 * depth, ' '); };
  if (json.kind == Json::Kind::raw) {
    out += json.text;
  } else if (json.kind == Json::Kind::list) {
    out += '[';
    for (std::size_t i = 0; i < json.items.size(); ++i) {
      if (i > 0) out += ',';
      line(indent + 1);
      print(json.items[i], out, indent + 1);
    }
    if (!json.items.empty()) line(indent);
    out += ']';
  } else {
    out += '{';
    bool first = true;
    for (const auto& [key, value] : json.members) {
      if (!first) out += ',';
      first = false;
      line(indent + 1);
      out += quoted(key) + ": ";
      print(value, out, indent + 1);
    }
    if (!json.members.empty()) line(indent);
    out += '}';
  }
}

// An extension field: whatever YAML holds.
Json untyped(const Node& node) {
  switch (node.kind) {
  case NodeKind::null: return {};
  case NodeKind::sequence: {
    Json list = list_json();
    for (const Node& item : node.items) list.items.push_back(untyped(item));
    return list;
  }
  case NodeKind::mapping: {
    Json object = object_json();
    for (const Member& member : node.members)
      object.members.emplace(member.key, untyped(member.value));
    return object;
  }
  case NodeKind::scalar: break;
  }
  if (node.tag == timestamp_tag) return text_json(go_yaml::print_timestamp_json(node.value()));
  if (node.type == ScalarType::string) return text_json(node.value());
  if (node.type == ScalarType::number) return raw(go_yaml::print_json(as_number(node).value_or(0)));
  return raw(go_text(node));
}

class Writer {
public:
  Json object(const Node* node, const Struct& of) {
    Json json = object_json();
    for (const Struct* part : {&of, of.first, of.second})
      if (part != nullptr)
        for (const Field& field : part->own) add(json, node, field);
    return json;
  }

private:
  static const Node* find(const Node* node, const Field& field) {
    if (node == nullptr) return nullptr;
    const Node* value = node->find(field.name);
    if (value == nullptr && field.name[0] >= 'A' && field.name[0] <= 'Z') {
      std::string lower(field.name);
      lower[0] = static_cast<char>(lower[0] + 32);
      value = node->find(lower);
    }
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  void add(Json& json, const Node* node, const Field& field) {
    const Node* value = find(node, field);
    if (value == nullptr) {
      if (field.omit == Omit::never) json.members.emplace(field.name, zero(field));
      // An absent OptOut is false, and only false is printed.
      if (field.omit == Omit::when_true) json.members.emplace(field.name, raw("false"));
      return;
    }
    bool empty = false;
    Json printed = print_value(*value, field, empty);
    if (field.omit == Omit::when_empty && empty) return;
    if (field.omit == Omit::when_true && !empty) return;
    json.members.emplace(field.name, std::move(printed));
  }

  Json zero(const Field& field) {
    switch (field.type) {
    case Type::text: return text_json("");
    case Type::boolean: return raw("false");
    case Type::integer:
    case Type::unsigned_integer: return raw("0");
    case Type::bytes: return text_json("0");
    case Type::object: return object(nullptr, *field.of);
    case Type::object_map: return object_json();
    default: return {};
    }
  }

  Json print_value(const Node& node, const Field& field, bool& empty) {
    switch (field.type) {
    case Type::text: empty = node.value().empty(); return text_json(go_text(node));
    case Type::boolean: {
      const bool value = as_boolean(node).value_or(false);
      empty = !value;
      return raw(value ? "true" : "false");
    }
    case Type::integer:
    case Type::unsigned_integer: {
      std::string text = is_integer(node) ? go_text(node) : "0";
      empty = text == "0";
      return raw(std::move(text));
    }
    case Type::number:
    case Type::cpus: {
      const float value = static_cast<float>(as_number(node).value_or(0));
      empty = value == 0;
      return raw(go_yaml::print_json(value));
    }
    case Type::duration: {
      const std::int64_t value = parse_duration(go_text(node)).value_or(0);
      empty = value == 0;
      return text_json(print_duration(value));
    }
    case Type::bytes: {
      std::int64_t value = as_integer(node).value_or(0);
      if (is_string(node)) value = parse_bytes(node.value()).value_or(0);
      empty = value == 0;
      return text_json(fmt::format("{}", value));
    }
    case Type::file_mode: {
      const std::int64_t value = as_integer(node).value_or(0);
      // Go's %o of a negative number keeps its sign; nobody has one.
      return text_json(fmt::format("0{:o}", value));
    }
    case Type::device_count: {
      std::string text = is_integer(node) ? go_text(node) : "-1";
      empty = text == "0";
      return raw(std::move(text));
    }
    case Type::environment:
    case Type::mapping:
    case Type::labels:
    case Type::options:
    case Type::plain_map: {
      Json json = object_json();
      for (const Member& member : node.members)
        json.members.emplace(member.key,
                             member.value.is_null() ? Json() : text_json(go_text(member.value)));
      empty = json.members.empty();
      return json;
    }
    case Type::multi_options: {
      Json json = object_json();
      for (const Member& member : node.members)
        json.members.emplace(member.key, texts(member.value));
      empty = json.members.empty();
      return json;
    }
    case Type::texts:
    case Type::text_or_list:
    case Type::number_list:
    case Type::command:
    case Type::health_test:
    case Type::hosts: empty = node.items.empty(); return texts(node);
    case Type::ssh: {
      std::vector<std::string> keys;
      for (const Member& member : node.members) {
        const std::string path = member.value.is_null() ? "" : go_text(member.value);
        keys.push_back(path.empty() ? member.key : member.key + "=" + path);
      }
      std::ranges::sort(keys);
      Json json = list_json();
      for (const std::string& key : keys) json.items.push_back(text_json(key));
      empty = keys.empty();
      return json;
    }
    case Type::ulimits: {
      Json json = object_json();
      for (const Member& member : node.members)
        json.members.emplace(member.key, ulimit(member.value));
      empty = json.members.empty();
      return json;
    }
    case Type::object: return object(&node, *field.of);
    case Type::objects: {
      Json json = list_json();
      for (const Node& item : node.items) json.items.push_back(object(&item, *field.of));
      empty = json.items.empty();
      return json;
    }
    case Type::object_map: {
      Json json = object_json();
      for (const Member& member : node.members)
        json.members.emplace(member.key, member.value.is_null() && field.of != &service_struct
                                             ? Json()
                                             : object(&member.value, *field.of));
      empty = json.members.empty();
      return json;
    }
    }
    return {};
  }

  static Json texts(const Node& node) {
    Json json = list_json();
    for (const Node& item : node.items) json.items.push_back(text_json(go_text(item)));
    return json;
  }

  static Json ulimit(const Node& node) {
    Json json = object_json();
    if (is_integer(node) && go_text(node) != "0") return raw(go_text(node));
    for (const std::string_view key : {"soft", "hard"})
      if (const Node* value = node.find(key); value != nullptr && go_text(*value) != "0")
        json.members.emplace(key, raw(go_text(*value)));
    return json;
  }
};

// What a container gets: the explicit environment over the env files', the last of which wins.
void add_file_variables(const ComposeProject& project, Node& root) {
  Node* services = root.find("services");
  if (services == nullptr) return;
  std::map<std::string, MappingBuilder> given; // by service
  for (const ComposeProject::FileVariable& variable : project.env_file_variables)
    given.try_emplace(variable.service, Node::mapping())
        .first->second.set({.key = variable.entry.name,
                            .key_span = {},
                            .value = {.kind = NodeKind::scalar, .text = variable.entry.value}});
  for (auto& [name, environment] : given) {
    Node* service = services->find(name);
    if (service == nullptr) continue;
    if (const Node* own = service->find("environment"))
      for (const Member& member : own->members) environment.set(member);
    service->set("environment", {}, environment.take());
  }
}

void hide_content(Node& root) {
  // The value of an environment variable is no part of the printed model.
  if (Node* configs = root.find("configs"))
    for (Member& config : configs->members)
      if (const Node* environment = config.value.find("environment");
          environment != nullptr && !environment->value().empty())
        config.value.erase("content");
  if (Node* secrets = root.find("secrets"))
    for (Member& secret : secrets->members) secret.value.erase("content");
}

} // namespace
} // namespace aethel::compose

namespace aethel {

std::string compose_json(const ComposeProject& project, const ComposeRequest& request) {
  using namespace compose;
  Node root = project.root;
  add_file_variables(project, root);
  hide_content(root);
  for_each_path(root,
                [&](Node& node) { set_text(node, seen_from(node.value(), request.directory)); });
  Json json = Writer().object(&root, project_struct);
  for (const Member& member : root.members)
    if (member.key.starts_with("x-")) json.members.emplace(member.key, untyped(member.value));
  std::string out;
  print(json, out, 0);
  return out + "\n";
}

} // namespace aethel
