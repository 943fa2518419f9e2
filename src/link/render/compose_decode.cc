#include "link/render/compose_decode.h"

#include "link/render/compose_path.h"
#include "link/render/compose_types.h"
#include "link/render/compose_units.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace aethel::compose {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_name(std::string_view field, std::string_view key) {
  return std::ranges::equal(field, key, [](char a, char b) { return lower(a) == b; });
}

const Field* field_of(const Struct& of, std::string_view key) {
  for (const Field& field : of.own)
    if (same_name(field.name, key)) return &field;
  for (const Struct* embedded : {of.first, of.second})
    if (embedded != nullptr)
      if (const Field* field = field_of(*embedded, key)) return field;
  return nullptr;
}

class Decoder {
public:
  explicit Decoder(Context& context) : context_(context) {}

  void object(Node& node, const Struct& of, const Path& path) {
    // What is null is as if it were not there.
    std::erase_if(node.members, [&](const Member& member) {
      return member.value.is_null() && field_of(of, member.key) != nullptr;
    });
    for (Member& member : node.members)
      if (const Field* field = field_of(of, member.key))
        value(member.value, *field, Path(path, member.key));
  }

private:
  void invalid(const Node& node, const Path& path) {
    context_.reject(node.origin.written,
                    fmt::format("{}: unexpected type or value", path.dotted()));
  }

  void value(Node& node, const Field& field, const Path& path) {
    switch (field.type) {
    case Type::text: return text(node, path);
    case Type::boolean: return boolean(node, path);
    case Type::integer: return integer(node, path, Sign::any);
    case Type::unsigned_integer: return integer(node, path, Sign::none);
    case Type::number:
    case Type::cpus: return number(node, path);
    case Type::duration:
      if (!node.is_scalar() || !parse_duration(go_text(node))) invalid(node, path);
      return;
    case Type::bytes:
      if (is_string(node) && !parse_bytes(node.value())) invalid(node, path);
      return;
    case Type::file_mode: return file_mode(node, path);
    case Type::device_count: return device_count(node, path);
    case Type::environment: return environment(node, path);
    case Type::mapping:
    case Type::labels: return mapping(node, path);
    case Type::options:
      if (!node.is_mapping()) return invalid(node, path);
      return mapping(node, path);
    case Type::plain_map: return plain_map(node, path);
    case Type::multi_options: return multi_options(node, path);
    case Type::texts:
      if (!node.is_sequence()) return invalid(node, path);
      for (Node& item : node.items) text(item, path);
      return;
    case Type::text_or_list:
      if (is_string(node)) listed(node);
      if (!node.is_sequence() || !std::ranges::all_of(node.items, is_string)) invalid(node, path);
      return;
    case Type::number_list:
      if (is_string(node)) listed(node);
      if (!node.is_sequence()) return invalid(node, path);
      for (Node& item : node.items) make_string(item);
      return;
    case Type::command: return command(node, path);
    case Type::health_test: return health_test(node, path);
    case Type::hosts: return hosts(node, path);
    case Type::ssh:
      if (!node.is_mapping()) invalid(node, path);
      return;
    case Type::ulimits: return ulimits(node, path);
    case Type::object:
      if (!node.is_mapping()) return invalid(node, path);
      return object(node, *field.of, path);
    case Type::objects:
      if (!node.is_sequence()) return invalid(node, path);
      for (Node& item : node.items) {
        if (item.is_mapping())
          object(item, *field.of, Path(path, list_item));
        else
          invalid(item, path);
      }
      return;
    case Type::object_map:
      if (!node.is_mapping()) return invalid(node, path);
      for (Member& member : node.members) {
        if (member.value.is_mapping())
          object(member.value, *field.of, Path(path, member.key));
        else if (!member.value.is_null())
          invalid(member.value, Path(path, member.key));
      }
      return;
    }
  }

  static void listed(Node& node) {
    Node list = Node::sequence(node.origin);
    list.items.push_back(std::move(node));
    node = std::move(list);
  }

  void text(Node& node, const Path& path) {
    if (is_integer(node))
      make_string(node);
    else if (!is_string(node))
      invalid(node, path);
  }

  void boolean(Node& node, const Path& path) {
    if (is_string(node)) {
      std::string text = node.value();
      std::ranges::transform(text, text.begin(), lower);
      const bool yes = text == "true" || text == "y" || text == "yes" || text == "on";
      const bool no = text == "false" || text == "n" || text == "no" || text == "off";
      if (!yes && !no) return invalid(node, path);
      set_text(node, yes ? "true" : "false");
      node.type = ScalarType::boolean;
    } else if (!as_boolean(node)) {
      invalid(node, path);
    }
  }

  enum class Sign : std::uint8_t { any, none };

  void integer(Node& node, const Path& path, Sign sign) {
    if (is_string(node) && sign == Sign::any) {
      const std::string text = node.value();
      std::int64_t parsed = 0;
      const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
      const auto [end, error] = std::from_chars(begin, text.data() + text.size(), parsed);
      if (error != std::errc() || end != text.data() + text.size()) return invalid(node, path);
      set_text(node, fmt::format("{}", parsed));
      node.type = ScalarType::integer;
      return;
    }
    const auto number = as_number(node);
    if (!number || !std::isfinite(*number) || (sign == Sign::none && *number < 0))
      return invalid(node, path);
    if (node.type == ScalarType::number) {
      if (std::abs(*number) > 9e18) return invalid(node, path);
      set_text(node, fmt::format("{}", static_cast<std::int64_t>(*number)));
      node.type = ScalarType::integer;
    }
  }

  void number(Node& node, const Path& path) {
    if (is_string(node)) {
      const std::string text = node.value();
      double parsed = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
      if (error != std::errc() || end != text.data() + text.size()) return invalid(node, path);
      node.type = ScalarType::number;
    } else if (!as_number(node)) {
      invalid(node, path);
    }
  }

  void file_mode(Node& node, const Path& path) {
    if (is_string(node)) {
      const std::string text = node.value();
      std::int64_t parsed = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed, 8);
      if (error != std::errc() || end != text.data() + text.size()) return invalid(node, path);
      set_text(node, fmt::format("0{:o}", parsed));
      node.type = ScalarType::integer;
    } else if (!is_integer(node)) {
      invalid(node, path);
    }
  }

  void device_count(Node& node, const Path& path) {
    if (is_integer(node)) return;
    std::string text = is_string(node) ? node.value() : "";
    std::ranges::transform(text, text.begin(), lower);
    if (text != "all") integer(node, path, Sign::any);
  }

  // compose-go takes keys that begin with x- out of every mapping, and puts them back as one
  // entry where the mapping holds texts.
  static void take_extensions(Node& node) {
    if (std::ranges::none_of(node.members, [](const Member& m) { return m.key.starts_with("x-"); }))
      return;
    Node extensions = Node::mapping(node.origin);
    std::erase_if(node.members, [&](Member& member) {
      if (!member.key.starts_with("x-")) return false;
      extensions.members.push_back(std::move(member));
      return true;
    });
    node.set("#extensions", {}, Node::scalar(go_text(extensions), node.origin));
  }

  static void stringify(Node& node) {
    if (node.is_scalar()) return make_string(node);
    Node text = Node::scalar(node.is_null() ? "" : go_text(node), node.origin);
    node = std::move(text);
  }

  void environment(Node& node, const Path& path) {
    if (node.is_sequence()) {
      MappingBuilder mapping(Node::mapping(node.origin));
      for (Node& item : node.items) {
        make_string(item);
        if (!is_string(item)) {
          invalid(item, path);
          continue;
        }
        const bool given = item.value().find('=') != std::string::npos;
        Member member = split_key_value(item);
        if (!member.key.empty() &&
            std::string_view(" \t\n\v\f\r").find(member.key.back()) != std::string_view::npos)
          context_.reject(
              item.origin.written,
              fmt::format("environment variable {} is declared with a trailing space", member.key));
        if (!given) member.value = Node{.origin = item.origin};
        mapping.set(std::move(member));
      }
      node = mapping.take();
    } else if (node.is_mapping()) {
      take_extensions(node);
      for (Member& member : node.members)
        if (!member.value.is_null()) stringify(member.value);
    } else {
      invalid(node, path);
    }
  }

  void mapping(Node& node, const Path& path) {
    environment(node, path);
    for (Member& member : node.members)
      if (member.value.is_null()) member.value = Node::scalar("", member.value.origin);
  }

  void plain_map(Node& node, const Path& path) {
    if (!node.is_mapping()) return invalid(node, path);
    for (Member& member : node.members) {
      if (member.value.is_null()) member.value = Node::scalar("", member.value.origin);
      // An extension key makes a mapping of what should be a text.
      if (member.key.starts_with("x-"))
        invalid(member.value, Path(path, member.key));
      else
        text(member.value, Path(path, member.key));
    }
  }

  // What has an empty list has no value at all.
  void multi_options(Node& node, const Path& path) {
    if (!node.is_mapping()) return invalid(node, path);
    take_extensions(node);
    std::erase_if(node.members, [](const Member& member) {
      return member.value.is_sequence() && member.value.items.empty();
    });
    for (Member& member : node.members) {
      if (!member.value.is_sequence()) listed(member.value);
      for (Node& item : member.value.items) stringify(item);
    }
  }

  void command(Node& node, const Path& path) {
    if (node.is_sequence()) {
      if (!std::ranges::all_of(node.items, is_string)) invalid(node, path);
      return;
    }
    if (!is_string(node)) return;
    const std::string line = node.value();
    const auto words = split_command(line);
    Node list = Node::sequence(node.origin);
    if (words) {
      const Parts parts(node);
      for (const CommandWord& word : *words) list.items.push_back(word_of(parts, line, word));
    } else {
      invalid(node, path);
    }
    node = std::move(list);
  }

  static Node word_of(const Parts& line, std::string_view text, const CommandWord& word) {
    const std::string_view raw = text.substr(word.begin, word.end - word.begin);
    // Quotes around the whole word are the common case that differs from its text.
    if (raw != word.text && raw.size() == word.text.size() + 2 &&
        raw.substr(1, word.text.size()) == word.text)
      return line.part(word.begin + 1, word.text.size());
    Node node = line.part(word.begin, word.end - word.begin);
    set_text(node, word.text);
    return node;
  }

  void health_test(Node& node, const Path& path) {
    if (is_string(node)) {
      Node list = Node::sequence(node.origin);
      list.items.push_back(added("CMD-SHELL", node.origin));
      list.items.push_back(std::move(node));
      node = std::move(list);
    } else if (!node.is_sequence() || !std::ranges::all_of(node.items, is_string)) {
      invalid(node, path);
    }
  }

  // One `host=address` an address, sorted.
  void hosts(Node& node, const Path& path) {
    std::vector<Node> result;
    const auto add = [&](const Node& where, std::string_view host, std::string_view address) {
      if (host.empty() || host.find_first_of(":=") != std::string_view::npos)
        return context_.reject(where.origin.written, fmt::format("bad host name '{}'", host));
      if (address.size() > 2 && address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
      Node item = where;
      make_string(item);
      set_text(item, fmt::format("{}={}", host, address));
      result.push_back(std::move(item));
    };
    if (node.is_mapping()) {
      for (const Member& member : node.members) {
        if (member.value.is_sequence())
          for (const Node& item : member.value.items) add(item, member.key, go_text(item));
        else if (is_string(member.value))
          add(member.value, member.key, member.value.value());
        else if (member.value.is_null()) {
          Node empty = Node::scalar("", member.value.origin);
          add(empty, member.key, "");
        } else
          invalid(member.value, path);
      }
    } else if (node.is_sequence()) {
      for (const Node& item : node.items) {
        const std::string text = go_text(item);
        std::size_t separator = text.find('=');
        if (separator == std::string::npos) separator = text.find(':');
        if (separator == std::string::npos) {
          context_.reject(item.origin.written,
                          fmt::format("invalid additional host, missing IP: {}", text));
          continue;
        }
        std::string_view addresses = std::string_view(text).substr(separator + 1);
        for (;;) {
          const std::size_t comma = addresses.find(',');
          add(item, text.substr(0, separator), addresses.substr(0, comma));
          if (comma == std::string_view::npos) break;
          addresses.remove_prefix(comma + 1);
        }
      }
    } else {
      return invalid(node, path);
    }
    std::ranges::sort(result, {}, [](const Node& item) { return item.value(); });
    Node list = Node::sequence(node.origin);
    list.items = std::move(result);
    node = std::move(list);
  }

  void ulimits(Node& node, const Path& path) {
    if (!node.is_mapping()) return invalid(node, path);
    for (Member& member : node.members) {
      if (member.value.is_mapping()) {
        for (const std::string_view key : {"soft", "hard"})
          if (const Node* limit = member.value.find(key); limit != nullptr && !is_integer(*limit))
            invalid(*limit, path);
      } else if (!is_integer(member.value) && !member.value.is_null()) {
        invalid(member.value, path);
      }
    }
  }

  Context& context_;
};

} // namespace

void decode(Context& context, Node& model) {
  Decoder(context).object(model, project_struct, Path());
}

} // namespace aethel::compose
