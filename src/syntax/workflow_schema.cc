#include "syntax/workflow_schema.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

namespace aethel::data {
extern const std::string_view workflow_schema;
extern const std::string_view action_schema;
} // namespace aethel::data

namespace aethel::workflow_schema {
namespace {

constexpr std::size_t visit_limit = 100'000;
constexpr std::size_t byte_limit = std::size_t{32} << 20;
constexpr int depth_limit = 100;

struct Definition;

struct Property {
  const Definition* type = nullptr;
  bool required = false;
};

struct Definition {
  enum class Type : std::uint8_t { any, null, boolean, number, string, sequence, mapping, one_of };
  Type type = Type::any;
  std::string name;
  std::vector<std::string_view> context;
  std::string constant; // of a string
  bool non_empty = false;
  const Definition* item = nullptr;
  std::vector<std::pair<std::string, Property>> properties;
  const Definition* loose_key = nullptr;
  const Definition* loose_value = nullptr;
  std::vector<const Definition*> choices;

  const Property* property(std::string_view key) const {
    const auto found = std::ranges::find(properties, key, &std::pair<std::string, Property>::first);
    return found == properties.end() ? nullptr : &found->second;
  }
};

// The schema is part of the program: what it lacks is a bug, and the map's `at` ends the run.
class Definitions {
public:
  Definitions(std::string_view text, std::string_view root) : stream_(yaml::parse(text)) {
    const yaml::Node& top = *stream_.documents.at(0)->root;
    for (const yaml::Pair& pair : top.pairs)
      if (pair.value->kind == yaml::Kind::mapping) make(pair.key->value);
    using Type = Definition::Type;
    for (const auto& [name, type] :
         {std::pair{"any", Type::any}, std::pair{"null", Type::null},
          std::pair{"boolean", Type::boolean}, std::pair{"number", Type::number},
          std::pair{"string", Type::string}, std::pair{"sequence", Type::sequence},
          std::pair{"mapping", Type::mapping}})
      make(name).type = type;
    Definition& any = *named_.at("any");
    named_.at("sequence")->item = &any;
    named_.at("mapping")->loose_key = named_.at("string").get();
    named_.at("mapping")->loose_value = &any;
    for (const yaml::Pair& pair : top.pairs)
      if (pair.value->kind == yaml::Kind::mapping) fill(*named_.at(pair.key->value), *pair.value);
    root_ = named_.at(std::string(root)).get();
  }

  const Definition& root() const { return *root_; }

private:
  Definition& make(const std::string& name) {
    auto& slot = named_[name];
    if (!slot) slot = std::make_unique<Definition>();
    slot->name = name;
    return *slot;
  }

  const Definition* named(const yaml::Node& node) const { return named_.at(node.value).get(); }

  void fill(Definition& definition, const yaml::Node& node) {
    using Type = Definition::Type;
    for (const yaml::Pair& pair : node.pairs) {
      const std::string_view key = pair.key->value;
      const yaml::Node& value = *pair.value;
      if (key == "context") {
        for (const yaml::Node* item : value.items) definition.context.push_back(item->value);
      } else if (key == "null") {
        definition.type = Type::null;
      } else if (key == "boolean") {
        definition.type = Type::boolean;
      } else if (key == "number") {
        definition.type = Type::number;
      } else if (key == "string") {
        definition.type = Type::string;
        if (const yaml::Node* constant = yaml::find(value, "constant"))
          definition.constant = constant->value;
        definition.non_empty = yaml::find(value, "require-non-empty") != nullptr;
      } else if (key == "sequence") {
        definition.type = Type::sequence;
        const yaml::Node* item = yaml::find(value, "item-type");
        definition.item = item != nullptr ? named(*item) : named_.at("any").get();
      } else if (key == "one-of") {
        definition.type = Type::one_of;
        for (const yaml::Node* item : value.items) definition.choices.push_back(named(*item));
      } else if (key == "allowed-values") {
        definition.type = Type::one_of;
        for (const yaml::Node* item : value.items) {
          Definition& constant = make(definition.name + "=" + item->value);
          constant.type = Type::string;
          constant.constant = item->value;
          definition.choices.push_back(&constant);
        }
      } else if (key == "mapping") {
        definition.type = Type::mapping;
        if (const yaml::Node* loose = yaml::find(value, "loose-key-type"))
          definition.loose_key = named(*loose);
        if (const yaml::Node* loose = yaml::find(value, "loose-value-type"))
          definition.loose_value = named(*loose);
        if (const yaml::Node* properties = yaml::find(value, "properties"))
          for (const yaml::Pair& each : properties->pairs) {
            Property property;
            if (each.value->kind == yaml::Kind::mapping) {
              property.type = named(*yaml::find(*each.value, "type"));
              const yaml::Node* required = yaml::find(*each.value, "required");
              property.required = required != nullptr && required->value == "true";
            } else {
              property.type = named(*each.value);
            }
            definition.properties.emplace_back(each.key->value, property);
          }
      }
    }
  }

  yaml::Stream stream_; // owns what `context` points into
  std::map<std::string, std::unique_ptr<Definition>> named_;
  const Definition* root_ = nullptr;
};

const Definition& root_of(Schema schema) {
  static const Definitions workflow(data::workflow_schema, "workflow-root-strict");
  static const Definitions action(data::action_schema, "action-root");
  return schema == Schema::workflow ? workflow.root() : action.root();
}

void flatten(const Definition& definition, std::vector<const Definition*>& out) {
  if (definition.type != Definition::Type::one_of) {
    out.push_back(&definition);
    return;
  }
  for (const Definition* choice : definition.choices) flatten(*choice, out);
}

using Allowed = std::vector<std::string_view>;

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return result;
}

class Checker {
public:
  Checker(std::string_view bytes, Schema schema, Result& result)
      : bytes_(bytes), schema_(schema), result_(result) {}

  void run(const yaml::Node& root) { value(root, root_of(schema_), {}, "", 0); }

private:
  struct Step {
    std::int32_t job = -1, step = -1;
  };

  // The contexts of a definition are those of all around it and its own.
  static Allowed allowed_in(const Definition& definition, const Allowed& outer) {
    if (definition.context.empty()) return outer;
    Allowed result = outer;
    for (const std::string_view each : definition.context)
      if (std::ranges::find(result, each) == result.end()) result.push_back(each);
    return result;
  }

  void fault(Fault::Kind kind, const Range& range, const std::string& where,
             std::string name = {}) {
    if (result_.faults.size() < 200)
      result_.faults.push_back({kind, std::move(name), where, range});
  }

  // Aliases may repeat a long text.
  bool take(std::size_t bytes) {
    bytes_taken_ += bytes;
    if (bytes_taken_ > byte_limit) result_.too_large = true;
    return !result_.too_large;
  }

  bool count(int depth) {
    if (depth <= depth_limit && ++visits_ <= visit_limit) return true;
    result_.too_large = true;
    return false;
  }

  void value(const yaml::Node& node, const Definition& definition, const Allowed& outer,
             const std::string& where, int depth) {
    if (result_.too_large || !count(depth)) return;
    const Allowed allowed = allowed_in(definition, outer);
    if (!node.tag.empty() && node.tag != "!" && !node.tag.starts_with("tag:yaml.org,2002:"))
      fault(Fault::Kind::tag, node.range, where, node.tag);
    switch (node.kind) {
    case yaml::Kind::scalar: return scalar(node, definition, allowed, where);
    case yaml::Kind::sequence: return sequence(node, definition, allowed, where, depth);
    case yaml::Kind::mapping: return mapping(node, definition, allowed, where, depth);
    }
  }

  void sequence(const yaml::Node& node, const Definition& definition, const Allowed& allowed,
                const std::string& where, int depth) {
    std::vector<const Definition*> all;
    flatten(definition, all);
    const auto found = std::ranges::find_if(all, [](const Definition* each) {
      return each->type == Definition::Type::sequence || each->type == Definition::Type::any;
    });
    if (found == all.end()) return fault(Fault::Kind::sequence, node.range, where);
    const Definition& item = (*found)->type == Definition::Type::any ? **found : *(*found)->item;
    const Allowed inner = allowed_in(**found, allowed);
    const bool steps = where == "runs.steps" ||
                       (where.starts_with("jobs.") && where.ends_with(".steps") && depth == 3);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      key_ = {};
      if (steps) at_.step = static_cast<std::int32_t>(i);
      value(*node.items[i], item, inner, fmt::format("{}[{}]", where, i), depth + 1);
      if (steps) at_.step = -1;
    }
  }

  static std::string below(const std::string& where, const std::string& key) {
    return where.empty() ? key : where + "." + key;
  }

  void mapping(const yaml::Node& node, const Definition& definition, const Allowed& allowed,
               const std::string& where, int depth) {
    // What a mapping lacks is said at its name, when it has one.
    const Range named = key_.end > 0 ? key_ : node.range;
    std::vector<const Definition*> all;
    flatten(definition, all);
    std::vector<const Definition*> maps;
    const Definition* any = nullptr;
    for (const Definition* each : all) {
      if (each->type == Definition::Type::mapping) maps.push_back(each);
      if (each->type == Definition::Type::any) any = each;
    }
    if (any != nullptr) maps.clear();
    prefer(node, maps);
    if (maps.empty() && any == nullptr) return fault(Fault::Kind::mapping, node.range, where);
    const Definition* loose_key = maps.empty() ? nullptr : maps.front()->loose_key;
    const Definition* loose_value = any != nullptr ? any
                                    : maps.empty() ? nullptr
                                                   : maps.front()->loose_value;
    Allowed inner = allowed;
    if (maps.size() == 1) inner = allowed_in(*maps.front(), allowed);
    std::set<std::string> seen;
    bool computed_key = false;
    for (std::size_t i = 0; i < node.pairs.size(); ++i) {
      const yaml::Node& key = *node.pairs[i].key;
      const yaml::Node& entry = *node.pairs[i].value;
      if (result_.too_large || !count(depth)) return;
      if (key.kind != yaml::Kind::scalar) {
        fault(key.kind == yaml::Kind::mapping ? Fault::Kind::mapping : Fault::Kind::sequence,
              key.range, where);
        continue;
      }
      if (key.style == yaml::Style::plain && key.value == "<<") {
        fault(Fault::Kind::merge_key, key.range, where);
        continue;
      }
      const std::string place = below(where, key.value);
      if (key.value.find("${{") != std::string::npos) {
        computed_key = true;
        if (any == nullptr && inner.empty()) {
          fault(Fault::Kind::expression_not_allowed, key.range, where);
          continue;
        }
        expressions(key, inner, place, false);
        if (loose_value != nullptr) value(entry, *loose_value, inner, place, depth + 1);
        continue;
      }
      if (!key.value.empty() && !seen.insert(upper(key.value)).second) {
        fault(Fault::Kind::duplicate_key, key.range, where, key.value);
        continue;
      }
      const bool job = schema_ == Schema::workflow && where == "jobs" && depth == 1;
      if (job) at_.job = static_cast<std::int32_t>(i);
      key_ = key.range;
      if (const Property* property = match(maps, key.value)) {
        value(entry, *property->type, inner, place, depth + 1);
      } else if (any != nullptr || loose_key != nullptr) {
        if (loose_key != nullptr && loose_key->non_empty && key.value.empty())
          fault(Fault::Kind::unexpected_value, key.range, where);
        value(entry, *loose_value, inner, place, depth + 1);
      } else {
        fault(Fault::Kind::unexpected_key, key.range, where, key.value);
      }
      if (job) at_.job = -1;
    }
    if (maps.size() > 1) {
      std::map<std::string, int> hits;
      for (const Definition* each : maps)
        for (const auto& [name, property] : each->properties) ++hits[name];
      std::string names;
      for (const auto& [name, number] : hits)
        // Of what is newer than the documentation nothing is said.
        if (number == 1 && name != "wait" && name != "wait-all" && name != "cancel" &&
            name != "parallel" && name != "plugin")
          names += (names.empty() ? "" : ", ") + name;
      fault(Fault::Kind::no_kind, named, where, names);
    } else if (maps.size() == 1 && !computed_key) {
      for (const auto& [name, property] : maps.front()->properties)
        if (property.required && !seen.contains(upper(name)))
          fault(Fault::Kind::missing_key, named, where, name);
    }
  }

  // A job with `uses` calls a workflow, whatever else it holds: the other key is the wrong one.
  // GitHub names them all.
  static void prefer(const yaml::Node& node, std::vector<const Definition*>& maps) {
    if (maps.size() < 2) return;
    const Definition* best = nullptr;
    std::size_t first = node.pairs.size();
    for (const Definition* each : maps) {
      bool has_required = false, complete = true;
      std::size_t at = node.pairs.size();
      for (const auto& [name, property] : each->properties) {
        if (!property.required) continue;
        has_required = true;
        const auto found = std::ranges::find_if(node.pairs, [&](const yaml::Pair& pair) {
          return pair.key->kind == yaml::Kind::scalar && pair.key->value == name;
        });
        complete = complete && found != node.pairs.end();
        at = std::min(at, static_cast<std::size_t>(found - node.pairs.begin()));
      }
      if (!has_required || !complete || at >= first) continue;
      best = each;
      first = at;
    }
    if (best != nullptr) maps = {best};
  }

  // Keeps those kinds of mapping that have the key.
  static const Property* match(std::vector<const Definition*>& maps, std::string_view key) {
    const Property* found = nullptr;
    for (const Definition* each : maps)
      if (const Property* property = each->property(key); property != nullptr && found == nullptr)
        found = property;
    if (found != nullptr)
      std::erase_if(maps, [&](const Definition* each) { return each->property(key) == nullptr; });
    return found;
  }

  void scalar(const yaml::Node& node, const Definition& definition, const Allowed& allowed,
              const std::string& where) {
    const ScalarType type = type_of(node);
    std::vector<const Definition*> all;
    flatten(definition, all);
    Allowed inner = allowed;
    if (all.size() > 1) {
      // `with` values and the like: each choice may bring contexts of its own.
      for (const Definition* each : all)
        if (each->type != Definition::Type::mapping && each->type != Definition::Type::sequence)
          inner = allowed_in(*each, inner);
    }
    const bool is_if = definition.name.ends_with("-if");
    if (type == ScalarType::string && node.value.find("${{") != std::string::npos) {
      const Pieces parts = split(node.value);
      if (!parts.closed) return fault(Fault::Kind::not_closed, node.range, where);
      if (is_quoted_text(node.value, parts)) return;
      if (inner.empty() && definition.type != Definition::Type::any)
        return fault(Fault::Kind::expression_not_allowed, node.range, where);
      if (definition.type == Definition::Type::any && inner.empty()) return;
      return expressions(node, inner, where, is_if);
    }
    if (is_if && type != ScalarType::null) return whole(node, inner, where);
    using Type = Definition::Type;
    const auto fits = [&](ScalarType actual, std::string_view text) {
      return std::ranges::any_of(all, [&](const Definition* each) {
        switch (each->type) {
        case Type::any: return true;
        case Type::null: return actual == ScalarType::null;
        case Type::boolean: return actual == ScalarType::boolean;
        case Type::number: return actual == ScalarType::number;
        case Type::string:
          return actual == ScalarType::string &&
                 (each->constant.empty() ? !each->non_empty || !text.empty()
                                         : each->constant == text);
        default: return false;
        }
      });
    };
    if (fits(type, node.value)) return;
    if (type != ScalarType::string &&
        fits(ScalarType::string, type == ScalarType::null ? std::string_view() : node.value))
      return;
    fault(Fault::Kind::unexpected_value, node.range, where,
          type == ScalarType::null ? std::string() : node.value);
  }

  // `${{ 'text' }}` is text; nothing needs to be computed.
  static bool is_quoted_text(std::string_view value, const Pieces& parts) {
    if (parts.pieces.size() != 1) return false;
    std::string_view inner =
        value.substr(parts.pieces[0].begin, parts.pieces[0].end - parts.pieces[0].begin);
    while (inner.starts_with(' ')) inner.remove_prefix(1);
    while (inner.ends_with(' ')) inner.remove_suffix(1);
    return inner.size() >= 2 && inner.front() == '\'' && inner.back() == '\'' &&
           inner.find('\'', 1) == inner.size() - 1;
  }

  // Text beside the braces, a line break too, makes a text of an `if`, which is true.
  void expressions(const yaml::Node& node, const Allowed& allowed, const std::string& where,
                   bool is_if) {
    if (!take(node.value.size())) return;
    const Pieces parts = split(node.value);
    const MappedText mapped = yaml::mapped_value(bytes_, node);
    for (const Piece& piece : parts.pieces)
      if (piece.expression)
        push(node, mapped, piece.begin, piece.end, allowed, where, is_if, parts.pieces.size() == 1,
             is_if && parts.pieces.size() > 1);
  }

  // An `if` without braces is an expression as a whole.
  void whole(const yaml::Node& node, const Allowed& allowed, const std::string& where) {
    const std::size_t begin = node.value.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return;
    const std::size_t end = node.value.find_last_not_of(" \t\r\n") + 1;
    if (!take(node.value.size())) return;
    push(node, yaml::mapped_value(bytes_, node), begin, end, allowed, where, true, true, false);
  }

  void push(const yaml::Node& node, const MappedText& mapped, std::size_t begin, std::size_t end,
            const Allowed& allowed, const std::string& where, bool condition, bool alone,
            bool embedded) {
    if (result_.expressions.size() >= 20'000) return;
    const Range range{std::max(mapped.offsets[begin], node.range.begin),
                      std::min(mapped.offsets[end], node.range.end)};
    result_.expressions.push_back({.where = where,
                                   .source = node.value.substr(begin, end - begin),
                                   .range = range,
                                   .exact = range.end - range.begin == end - begin,
                                   .condition = condition,
                                   .alone = alone,
                                   .embedded_if = embedded,
                                   .allowed = allowed,
                                   .job = at_.job,
                                   .step = at_.step,
                                   .scalar = &node});
  }

  std::string_view bytes_;
  Schema schema_;
  Result& result_;
  std::size_t visits_ = 0;
  std::size_t bytes_taken_ = 0;
  Step at_;
  Range key_; // of the entry whose value is being read
};

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0o")) {
    const bool hex = text[1] == 'x';
    return text.size() > 2 && std::ranges::all_of(text.substr(2), [&](unsigned char c) {
             return hex ? std::isxdigit(c) != 0 : c >= '0' && c <= '7';
           });
  }
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (is_one_of(text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) return true;
  bool digits = false, point = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] >= '0' && text[at] <= '9')
      digits = true;
    else if (text[at] == '.' && !point)
      point = true;
    else
      break;
  }
  if (!digits) return false;
  if (at == text.size()) return true;
  if (text[at] != 'e' && text[at] != 'E') return false;
  if (++at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  return at < text.size() &&
         std::ranges::all_of(text.substr(at), [](unsigned char c) { return std::isdigit(c) != 0; });
}

} // namespace

ScalarType type_of(const yaml::Node& scalar) {
  if (scalar.tag == "tag:yaml.org,2002:str") return ScalarType::string;
  if (scalar.style != yaml::Style::plain) return ScalarType::string;
  const std::string_view text = scalar.value;
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return ScalarType::null;
  if (is_one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"}))
    return ScalarType::boolean;
  return is_number(text) ? ScalarType::number : ScalarType::string;
}

Pieces split(std::string_view value) {
  Pieces result;
  std::size_t at = 0;
  while (at < value.size()) {
    const std::size_t open = value.find("${{", at);
    if (open == std::string_view::npos) break;
    if (open > at) result.pieces.push_back({.begin = at, .end = open});
    bool quoted = false;
    std::size_t close = std::string_view::npos;
    for (std::size_t i = open + 3; i < value.size(); ++i) {
      if (value[i] == '\'') {
        quoted = !quoted;
      } else if (!quoted && value[i] == '}' && value[i - 1] == '}' && i > open + 3) {
        close = i + 1;
        break;
      }
    }
    if (close == std::string_view::npos) {
      result.closed = false;
      result.pieces.push_back({.begin = open, .end = value.size()});
      return result;
    }
    result.pieces.push_back({.expression = true, .begin = open + 3, .end = close - 2});
    at = close;
  }
  if (at < value.size()) result.pieces.push_back({.begin = at, .end = value.size()});
  return result;
}

Result check(std::string_view bytes, const yaml::Node& root, Schema schema) {
  Result result;
  Checker(bytes, schema, result).run(root);
  return result;
}

} // namespace aethel::workflow_schema
