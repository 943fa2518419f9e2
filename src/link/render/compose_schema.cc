#include "link/render/compose_schema.h"

#include "base/nearest.h"
#include "link/render/compose_path.h"
#include "link/render/compose_value.h"
#include "syntax/yaml.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace aethel::data {
extern const std::string_view compose_schema;
}

namespace aethel::compose {
namespace {

enum Type : unsigned {
  null = 1,
  boolean = 2,
  integer = 4,
  number = 8,
  string = 16,
  array = 32,
  object = 64
};

struct Schema {
  const Schema* reference = nullptr;
  unsigned types = 0; // of Type; 0: any
  std::unordered_map<std::string, std::unique_ptr<Schema>> properties;
  std::vector<std::pair<std::string, std::unique_ptr<Schema>>> patterns; // for keys
  bool closed = false;                                                   // no other keys
  bool unevaluated = false; // nor any that `all_of` does not know
  std::unique_ptr<Schema> items;
  std::vector<std::unique_ptr<Schema>> one_of, any_of, all_of;
  std::vector<std::string> required, allowed;
  std::optional<double> minimum, maximum;
  std::string pattern;
  bool unique = false;
};

// The few regular expressions of the schema.
bool matches(std::string_view text, std::string_view pattern) {
  const auto name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (pattern == "^[a-zA-Z0-9._-]+$") return !text.empty() && std::ranges::all_of(text, name);
  if (pattern == "^x-") return text.starts_with("x-");
  if (pattern == "^.+$") return !text.empty() && text.find('\n') == std::string_view::npos;
  if (pattern == ".+") return text.find_first_not_of('\n') != std::string_view::npos;
  if (pattern == "^[a-z]+$")
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
  if (pattern.starts_with("^(always")) {
    for (const std::string_view policy :
         {"always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"})
      if (text == policy) return true;
    if (!text.starts_with("every_")) return false;
    // (every_([0-9]+[wdhms])+): one or more durations.
    text.remove_prefix(6);
    while (!text.empty()) {
      const std::size_t unit = text.find_first_not_of("0123456789");
      if (unit == 0 || unit == std::string_view::npos ||
          std::string_view("wdhms").find(text[unit]) == std::string_view::npos)
        return false;
      text.remove_prefix(unit + 1);
    }
    return true;
  }
  // [a-zA-Z0-9][a-zA-Z0-9_.-]+ anywhere.
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    if (name(text[i]) && text[i] != '.' && text[i] != '_' && text[i] != '-' && name(text[i + 1]))
      return true;
  return false;
}

class Compiler {
public:
  explicit Compiler(std::string_view text) {
    const yaml::Stream stream = yaml::parse(text);
    const yaml::Node& root = *stream.documents.at(0)->root;
    const yaml::Node& definitions = *yaml::find(root, "$defs");
    for (const yaml::Pair& pair : definitions.pairs)
      named_[pair.key->value] = std::make_unique<Schema>();
    for (const yaml::Pair& pair : definitions.pairs) fill(*pair.value, *named_[pair.key->value]);
    fill(root, root_);
  }

  const Schema& root() const { return root_; }

private:
  static unsigned type_named(std::string_view name) {
    if (name == "null") return null;
    if (name == "boolean") return boolean;
    if (name == "integer") return integer;
    if (name == "number") return integer | number;
    if (name == "string") return string;
    return name == "array" ? array : object;
  }

  std::unique_ptr<Schema> make(const yaml::Node& node) {
    auto schema = std::make_unique<Schema>();
    fill(node, *schema);
    return schema;
  }

  void fill(const yaml::Node& node, Schema& schema) {
    for (const yaml::Pair& pair : node.pairs) {
      const std::string_view key = pair.key->value;
      const yaml::Node& value = *pair.value;
      if (key == "$ref")
        schema.reference = named_.at(value.value.substr(8)).get();
      else if (key == "type") {
        if (value.kind == yaml::Kind::scalar) schema.types = type_named(value.value);
        for (const yaml::Node* item : value.items) schema.types |= type_named(item->value);
      } else if (key == "properties") {
        for (const yaml::Pair& property : value.pairs)
          schema.properties[property.key->value] = make(*property.value);
      } else if (key == "patternProperties") {
        for (const yaml::Pair& property : value.pairs)
          schema.patterns.emplace_back(property.key->value, make(*property.value));
      } else if (key == "additionalProperties")
        schema.closed = value.value == "false";
      else if (key == "unevaluatedProperties")
        schema.unevaluated = value.value == "false";
      else if (key == "items")
        schema.items = make(value);
      else if (key == "oneOf" || key == "anyOf" || key == "allOf") {
        auto& list = key == "oneOf"   ? schema.one_of
                     : key == "anyOf" ? schema.any_of
                                      : schema.all_of;
        for (const yaml::Node* item : value.items) list.push_back(make(*item));
      } else if (key == "required" || key == "enum") {
        for (const yaml::Node* item : value.items)
          (key == "enum" ? schema.allowed : schema.required).push_back(item->value);
      } else if (key == "minimum")
        schema.minimum = std::stod(value.value);
      else if (key == "maximum")
        schema.maximum = std::stod(value.value);
      else if (key == "pattern")
        schema.pattern = value.value;
      else if (key == "uniqueItems")
        schema.unique = value.value == "true";
    }
  }

  std::unordered_map<std::string, std::unique_ptr<Schema>> named_;
  Schema root_;
};

unsigned type_of(const Node& node) {
  switch (node.kind) {
  case NodeKind::null: return null;
  case NodeKind::sequence: return array;
  case NodeKind::mapping: return object;
  case NodeKind::scalar: break;
  }
  if (node.type == ScalarType::boolean) return boolean;
  if (node.type == ScalarType::integer) return integer;
  if (node.type == ScalarType::string) return string;
  const double value = as_number(node).value_or(0);
  return value == std::floor(value) ? integer : number;
}

std::string describe(unsigned types) {
  std::string text;
  const auto add = [&](unsigned type, std::string_view name) {
    if ((types & type) == 0) return;
    if (!text.empty()) text += " or ";
    text += name;
  };
  add(string, "a string");
  add(integer, (types & number) != 0 ? "a number" : "an integer");
  add(boolean, "a boolean");
  add(array, "a list");
  add(object, "a mapping");
  add(null, "null");
  return text;
}

struct Violation {
  std::size_t depth = 0;
  ComposeProblem problem;
};
using Violations = std::vector<Violation>;

class Checker {
public:
  void check(const Schema& schema, const Node& node, const Path& path, std::size_t depth,
             Violations& out) {
    if (schema.reference != nullptr) return check(*schema.reference, node, path, depth, out);
    const unsigned type = type_of(node);
    if (schema.types != 0 && (schema.types & type) == 0) {
      add(out, depth, node, path, "must be " + describe(schema.types));
      return;
    }
    if (type == string && !schema.allowed.empty() &&
        std::ranges::find(schema.allowed, node.value()) == schema.allowed.end())
      add(out, depth, node, path,
          fmt::format("\"{}\" is not one of: {}", node.value(), fmt::join(schema.allowed, ", ")));
    if (type == string && !schema.pattern.empty() && !matches(node.value(), schema.pattern))
      add(out, depth, node, path,
          fmt::format("\"{}\" does not match {}", node.value(), schema.pattern));
    if (const auto value = as_number(node)) {
      if (schema.minimum && *value < *schema.minimum)
        add(out, depth, node, path,
            fmt::format("must be greater than or equal to {}", *schema.minimum));
      if (schema.maximum && *value > *schema.maximum)
        add(out, depth, node, path,
            fmt::format("must be less than or equal to {}", *schema.maximum));
      if (!std::isfinite(*value)) add(out, depth, node, path, "is not a finite number");
    }
    if (type == object) check_mapping(schema, node, path, depth, out);
    if (type == array) check_list(schema, node, path, depth, out);
    for (const auto& part : schema.all_of) check(*part, node, path, depth, out);
    if (!schema.one_of.empty()) check_alternatives(schema.one_of, true, node, path, depth, out);
    if (!schema.any_of.empty()) check_alternatives(schema.any_of, false, node, path, depth, out);
  }

private:
  static void add(Violations& out, std::size_t depth, const Node& node, const Path& path,
                  std::string message) {
    out.push_back({.depth = depth,
                   .problem = {.kind = ComposeProblem::Kind::rejected,
                               .message = fmt::format("{} {}", path.dotted(), message),
                               .span = node.origin.written}});
  }

  static void consider(const Schema& schema, Nearest& near) {
    if (schema.reference != nullptr) return consider(*schema.reference, near);
    for (const auto& [key, value] : schema.properties) near.consider(key);
    for (const auto& part : schema.all_of) consider(*part, near);
  }

  static ComposeProblem unknown(const Schema& schema, const Member& member, const Path& path) {
    Nearest near(member.key);
    consider(schema, near);
    const std::string where = path.is_root() ? "" : path.dotted();
    return {.kind = ComposeProblem::Kind::unknown_key,
            .message = fmt::format("{} has an unknown key \"{}\"",
                                   where.empty() ? "the top level" : where, member.key),
            .span = member.key_span,
            .of_keys = true,
            .where = where,
            .key = member.key,
            .near = near.best().value_or("")};
  }

  static bool knows(const Schema& schema, const std::string& key) {
    if (schema.reference != nullptr) return knows(*schema.reference, key);
    if (schema.properties.contains(key)) return true;
    for (const auto& [pattern, value] : schema.patterns)
      if (matches(key, pattern)) return true;
    return std::ranges::any_of(schema.all_of, [&](const auto& part) { return knows(*part, key); });
  }

  void check_mapping(const Schema& schema, const Node& node, const Path& path, std::size_t depth,
                     Violations& out) {
    for (const std::string& key : schema.required)
      if (node.find(key) == nullptr) {
        add(out, depth, node, path, fmt::format("needs \"{}\"", key));
        out.back().problem.of_keys = true;
      }
    for (const Member& member : node.members) {
      const Path next(path, member.key);
      if (const auto found = schema.properties.find(member.key); found != schema.properties.end())
        check(*found->second, member.value, next, depth + 1, out);
      for (const auto& [pattern, value] : schema.patterns)
        if (matches(member.key, pattern)) check(*value, member.value, next, depth + 1, out);
      if ((schema.closed || schema.unevaluated) && !knows(schema, member.key))
        out.push_back({.depth = depth + 1, .problem = unknown(schema, member, path)});
    }
  }

  void check_list(const Schema& schema, const Node& node, const Path& path, std::size_t depth,
                  Violations& out) {
    const Path next(path, list_item);
    if (schema.items)
      for (const Node& item : node.items) check(*schema.items, item, next, depth + 1, out);
    if (!schema.unique) return;
    std::unordered_set<std::string> seen;
    for (const Node& item : node.items)
      if (!seen.insert(fingerprint(item)).second)
        add(out, depth, item, path, "has the same item twice");
  }

  // Of the alternatives that failed, the one that got deepest says what is wrong.
  void check_alternatives(const std::vector<std::unique_ptr<Schema>>& alternatives,
                          bool exactly_one, const Node& node, const Path& path, std::size_t depth,
                          Violations& out) {
    std::size_t valid = 0;
    unsigned types = 0;
    Violations best;
    std::size_t deepest = 0;
    for (const auto& alternative : alternatives) {
      Violations found;
      check(*alternative, node, path, depth, found);
      if (found.empty()) {
        ++valid;
        continue;
      }
      const Schema& schema =
          alternative->reference != nullptr ? *alternative->reference : *alternative;
      types |= schema.types;
      const bool fits = schema.types == 0 || (schema.types & type_of(node)) != 0;
      const std::size_t reached =
          fits ? std::ranges::max(found, {}, &Violation::depth).depth + 1 : 0;
      if (reached > deepest) {
        deepest = reached;
        best = std::move(found);
      }
    }
    if (valid == 1 || (valid > 1 && !exactly_one)) return;
    if (valid > 1)
      add(out, depth, node, path, "fits more than one form");
    else if (!best.empty())
      std::ranges::move(best, std::back_inserter(out));
    else
      add(out, depth, node, path,
          types == 0 ? "has an unexpected form" : "must be " + describe(types));
  }
};

} // namespace

void check_schema(Context& context, const Node& model) {
  static const Compiler compiled(data::compose_schema);
  Violations violations;
  Checker().check(compiled.root(), model, Path(), 0, violations);
  for (Violation& violation : violations) context.problem(std::move(violation.problem));
}

} // namespace aethel::compose
