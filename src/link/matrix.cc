#include "link/matrix.h"

#include "knowledge/shapes.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace aethel {
namespace {

using github::Value;

constexpr std::size_t most_combinations = 12;

// The scalars of a value of the matrix by their paths. False when one is not known.
void flatten(const std::string& name, const Node& node, Combination& combination, int depth = 0) {
  if (node.is_scalar() && !node.text.has_holes())
    combination[knowledge::lower(name)] = node.text.value();
  if (node.is_mapping() && depth < 4)
    for (const Member& member : node.members)
      flatten(name + "." + member.key, member.value, combination, depth + 1);
}

struct Tree {
  std::optional<std::string> text;
  std::map<std::string, Tree> members;
};

Value value_of_tree(const Tree& tree) {
  if (!tree.members.empty()) {
    std::vector<std::pair<std::string, Value>> members;
    for (const auto& [name, member] : tree.members)
      members.emplace_back(name, value_of_tree(member));
    return Value::object(std::move(members), Value::World::open);
  }
  // YAML's booleans are none of text.
  if (!tree.text || tree.text->empty() || *tree.text == "true" || *tree.text == "false")
    return Value::any();
  return Value::text(*tree.text);
}

} // namespace

std::optional<std::vector<Combination>> combinations(const WorkflowMatrix& matrix) {
  if (matrix.expression || matrix.include_expression || matrix.exclude_expression)
    return std::nullopt;
  std::vector<Combination> all;
  if (!matrix.rows.empty()) all.emplace_back();
  std::set<std::string> originals;
  for (const WorkflowMatrix::Row& row : matrix.rows) {
    if (row.expression) return std::nullopt;
    originals.insert(knowledge::lower(row.name));
    std::vector<Combination> next;
    for (const Combination& combination : all)
      for (const Node& value : row.values) {
        next.push_back(combination);
        flatten(row.name, value, next.back());
      }
    if (next.size() > most_combinations * 4) return std::nullopt;
    all = std::move(next);
  }
  for (const Node& item : matrix.exclude) {
    if (!item.is_mapping()) return std::nullopt;
    Combination excluded;
    for (const Member& member : item.members) flatten(member.key, member.value, excluded);
    std::erase_if(all, [&](const Combination& each) {
      return std::ranges::all_of(excluded, [&](const auto& entry) {
        const auto found = each.find(entry.first);
        return found != each.end() && found->second == entry.second;
      });
    });
  }
  const std::size_t original = all.size();
  for (const Node& item : matrix.include) {
    if (!item.is_mapping()) return std::nullopt;
    Combination added;
    for (const Member& member : item.members) flatten(member.key, member.value, added);
    bool merged = false;
    for (std::size_t i = 0; i < original; ++i) {
      const bool fits = std::ranges::all_of(added, [&](const auto& entry) {
        const std::string top = entry.first.substr(0, entry.first.find('.'));
        if (!originals.contains(top)) return true;
        const auto found = all[i].find(entry.first);
        return found != all[i].end() && found->second == entry.second;
      });
      if (!fits) continue;
      for (const auto& [name, value] : added) all[i][name] = value;
      merged = true;
    }
    if (!merged) all.push_back(std::move(added));
  }
  if (all.size() > most_combinations) return std::nullopt;
  return all;
}

Value value_of(const Combination& combination) {
  Tree root;
  for (const auto& [path, text] : combination) {
    Tree* place = &root;
    for (std::size_t at = 0; at <= path.size();) {
      const std::size_t end = std::min(path.find('.', at), path.size());
      place = &place->members[path.substr(at, end - at)];
      at = end + 1;
    }
    place->text = text;
  }
  if (root.members.empty()) return Value::any();
  return value_of_tree(root);
}

} // namespace aethel
