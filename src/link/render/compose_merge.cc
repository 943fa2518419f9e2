#include "link/render/compose_merge.h"

#include "link/render/compose_unicity.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

namespace aethel::compose {
namespace {

class Merger {
public:
  Merger(Context& context, Join join) : context_(context), join_(join) {}

  void merge(Node& base, Node over, const Path& path) {
    for (const Rule& rule : rules)
      if (path.matches(rule.pattern)) return (this->*rule.merge)(base, std::move(over), path);
    generic(base, std::move(over), path);
  }

private:
  using Handler = void (Merger::*)(Node&, Node, const Path&);
  struct Rule {
    std::string_view pattern;
    Handler merge;
  };
  static const std::array<Rule, 31> rules;

  // The value that wins, with the place of the one that it replaced.
  void replace(Node& base, Node over, const Path&) {
    if (join_ == Join::file || join_ == Join::include)
      over.origin = over.origin.with(Operation::override_file, base.origin.written);
    base = std::move(over);
  }

  // A collection that grew: it is still written where it was, but for `extends`, whose
  // service is the one that extends.
  void note_join(Node& base, const Origin& over) {
    if (join_ == Join::extends || join_ == Join::hook)
      base.origin = over;
    else
      base.origin = base.origin.with(Operation::override_file, over.written);
  }

  void generic(Node& base, Node over, const Path& path) {
    if (over.is_null()) return;
    switch (base.kind) {
    case NodeKind::mapping:
      if (!over.is_mapping()) return cannot(base, std::move(over), path);
      return mappings(base, std::move(over), path);
    case NodeKind::sequence:
      if (!over.is_sequence()) return cannot(base, std::move(over), path);
      return append(base, std::move(over));
    default: return replace(base, std::move(over), path);
    }
  }

  void cannot(Node& base, Node over, const Path& path) {
    context_.reject(over.origin.written, fmt::format("cannot override {}", path.dotted()));
    replace(base, std::move(over), path);
  }

  void mappings(Node& base, Node over, const Path& path) {
    note_join(base, over.origin);
    // Members are found by walking; an index pays only where both sides are long.
    std::unordered_map<std::string_view, std::size_t> index;
    const bool indexed = base.members.size() > 16 && over.members.size() > 16;
    base.members.reserve(base.members.size() + over.members.size()); // keys stay where they are
    if (indexed)
      for (std::size_t i = 0; i < base.members.size(); ++i) index.emplace(base.members[i].key, i);
    for (Member& member : over.members) {
      Node* present = nullptr;
      if (indexed) {
        const auto found = index.find(member.key);
        if (found != index.end()) present = &base.members[found->second].value;
      } else {
        present = base.find(member.key);
      }
      if (present != nullptr)
        merge(*present, std::move(member.value), Path(path, member.key));
      else
        base.members.push_back(std::move(member));
    }
  }

  void append(Node& base, Node over) {
    note_join(base, over.origin);
    std::unordered_set<std::string> present;
    for (const Node& item : base.items) present.insert(fingerprint(item));
    for (Node& item : over.items)
      if (present.insert(fingerprint(item)).second) base.items.push_back(std::move(item));
  }

  static void to_sequence(Node& node) {
    std::vector<Node> items;
    if (node.is_mapping()) {
      for (const Member& member : node.members) {
        if (!member.value.is_sequence()) {
          items.push_back(key_value(member));
          continue;
        }
        for (const Node& item : member.value.items)
          items.push_back(
              key_value({.key = member.key, .key_span = member.key_span, .value = item}));
      }
      std::ranges::sort(items, {}, [](const Node& item) { return item.value(); });
    } else if (node.is_sequence()) {
      return;
    } else if (is_string(node)) {
      items.push_back(node);
    }
    Node sequence = Node::sequence(node.origin);
    sequence.items = std::move(items);
    node = std::move(sequence);
  }

  void sequence(Node& base, Node over, const Path&) {
    to_sequence(base);
    to_sequence(over);
    append(base, std::move(over));
  }

  void key_values(Node& base, Node over, const Path& path) {
    to_sequence(base);
    to_sequence(over);
    note_join(base, over.origin);
    std::ranges::move(over.items, std::back_inserter(base.items));
    keep_last(context_, base, path, key_of_assignment);
  }

  void build(Node& base, Node over, const Path& path) {
    to_build(base);
    to_build(over);
    mappings(base, std::move(over), path);
  }

  static void to_build(Node& node) {
    if (node.is_mapping()) return;
    Node mapping = Node::mapping(node.origin);
    if (is_string(node)) mapping.set("context", node.origin.written, node);
    node = std::move(mapping);
  }

  // Lists of names as mappings; `condition` and `required` where compose gives them at once.
  enum class Defaults : std::uint8_t { none, dependency };

  bool to_mapping(Node& node, Defaults defaults, const Path& path) {
    if (node.is_mapping()) return true;
    MappingBuilder mapping(Node::mapping(node.origin));
    const auto add = [&](const Node& name) {
      Node value{.origin = name.origin};
      if (defaults == Defaults::dependency) {
        value = Node::mapping(name.origin);
        value.set("condition", {}, added("service_started", name.origin));
        value.set("required", {}, added("true", name.origin, ScalarType::boolean));
      }
      mapping.set(
          {.key = name.value(), .key_span = name.origin.written, .value = std::move(value)});
    };
    if (is_string(node)) {
      add(node);
    } else if (node.is_sequence()) {
      for (const Node& item : node.items) {
        if (!is_string(item)) {
          context_.reject(item.origin.written,
                          fmt::format("{}: an item is not a name", path.dotted()));
          return false;
        }
        add(item);
      }
    } else if (!node.is_null()) {
      context_.reject(node.origin.written, fmt::format("{}: not a mapping", path.dotted()));
      return false;
    }
    node = mapping.take();
    return true;
  }

  void as_mapping(Node& base, Node over, const Path& path, Defaults defaults) {
    if (!to_mapping(base, defaults, path)) base = Node::mapping(base.origin);
    if (to_mapping(over, defaults, path)) mappings(base, std::move(over), path);
  }

  void names(Node& base, Node over, const Path& path) {
    as_mapping(base, std::move(over), path, Defaults::none);
  }

  void dependencies(Node& base, Node over, const Path& path) {
    as_mapping(base, std::move(over), path, Defaults::dependency);
  }

  void logging(Node& base, Node over, const Path& path) {
    if (!base.is_mapping() || !over.is_mapping()) {
      context_.reject(over.origin.written, fmt::format("{}: not a mapping", path.dotted()));
      if (over.is_mapping()) replace(base, std::move(over), path);
      return;
    }
    const Node* left = over.find("driver");
    const Node* right = base.find("driver");
    if (left == nullptr || right == nullptr || same(*left, *right))
      mappings(base, std::move(over), path);
    else
      replace(base, std::move(over), path);
  }

  void ulimit(Node& base, Node over, const Path& path) {
    if (base.is_mapping() && over.is_mapping())
      mappings(base, std::move(over), path);
    else
      replace(base, std::move(over), path);
  }

  static bool same_subnet(const Node& left, const Node& right) {
    const Node* a = left.find("subnet");
    const Node* b = right.find("subnet");
    if (a == nullptr || b == nullptr) return a == b;
    return same(*a, *b);
  }

  // As compose does it, pools that no override names are lost (override/merge.go).
  void address_pools(Node& base, Node over, const Path& path) {
    if (!base.is_sequence() || !over.is_sequence()) return cannot(base, std::move(over), path);
    const auto pools = [](const Node& list) {
      return std::ranges::all_of(list.items, [](const Node& item) { return item.is_mapping(); });
    };
    if (!pools(base) || !pools(over)) return cannot(base, std::move(over), path);
    // compose holds the pools themselves, not copies: what a later round changes in a pool
    // of the base is changed where an earlier one has put it.
    std::vector<const Node*> result;
    const auto find = [&](const Node& wanted) {
      return std::ranges::find_if(result,
                                  [&](const Node* pool) { return same_subnet(*pool, wanted); });
    };
    for (Node& right : base.items) {
      for (const Node& left : over.items) {
        // Each round walks the result: many pools would take cubic time.
        if (!context_.take_nodes(1 + result.size() / 16)) return;
        if (!same_subnet(left, right) && find(left) == result.end()) {
          result.push_back(&left);
          continue;
        }
        mappings(right, left, path);
        if (const auto present = find(right); present != result.end())
          *present = &right;
        else
          result.push_back(&right);
      }
    }
    std::vector<Node> pools_kept;
    for (const Node* pool : result) pools_kept.push_back(*pool);
    note_join(base, over.origin);
    base.items = std::move(pools_kept);
  }

  Context& context_;
  Join join_;
};

const std::array<Merger::Rule, 31> Merger::rules = {{
    {"networks.*.ipam.config", &Merger::address_pools},
    {"networks.*.labels", &Merger::key_values},
    {"volumes.*.labels", &Merger::key_values},
    {"secrets.*.labels", &Merger::key_values},
    {"configs.*.labels", &Merger::key_values},
    {"W.annotations", &Merger::key_values},
    {"W.build", &Merger::build},
    {"W.build.args", &Merger::key_values},
    {"W.build.additional_contexts", &Merger::key_values},
    {"W.build.extra_hosts", &Merger::sequence},
    {"W.build.labels", &Merger::key_values},
    {"W.command", &Merger::replace},
    {"W.depends_on", &Merger::dependencies},
    {"W.dns", &Merger::sequence},
    {"W.dns_opt", &Merger::sequence},
    {"W.dns_search", &Merger::sequence},
    {"W.entrypoint", &Merger::replace},
    {"W.env_file", &Merger::sequence},
    {"W.label_file", &Merger::sequence},
    {"W.environment", &Merger::key_values},
    {"W.extra_hosts", &Merger::sequence},
    {"W.healthcheck.test", &Merger::replace},
    {"W.labels", &Merger::key_values},
    {"W.volumes.*.volume.labels", &Merger::key_values},
    {"W.logging", &Merger::logging},
    {"W.models", &Merger::names},
    {"W.networks", &Merger::names},
    {"W.sysctls", &Merger::key_values},
    {"W.tmpfs", &Merger::sequence},
    {"W.ulimits.*", &Merger::ulimit},
    {"S.deploy.labels", &Merger::key_values},
}};

} // namespace

void merge(Context& context, Join join, Node& base, Node over, const Path& path) {
  Merger(context, join).merge(base, std::move(over), path);
}

} // namespace aethel::compose
