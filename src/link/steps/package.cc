#include "link/steps/package.h"

#include "knowledge/table.h"
#include "syntax/yaml.h"

#include <algorithm>

namespace aethel::steps {

const PackageScript* Package::script(std::string_view wanted) const {
  const auto found = std::ranges::find(scripts, wanted, &PackageScript::name);
  return found == scripts.end() ? nullptr : &*found;
}

Package read_package(std::string_view bytes) {
  Package package;
  // JSON as people write it is YAML, and the tree of YAML has places.
  const yaml::Stream stream = yaml::parse(bytes);
  if (stream.documents.size() != 1 || !stream.problems.empty() ||
      stream.documents[0]->root == nullptr ||
      stream.documents[0]->root->kind != yaml::Kind::mapping) {
    package.readable = false;
    return package;
  }
  const yaml::Node& root = *stream.documents[0]->root;
  if (const yaml::Node* name = yaml::find(root, "name")) package.name = name->value;
  if (const yaml::Node* scripts = yaml::find(root, "scripts");
      scripts != nullptr && scripts->kind == yaml::Kind::mapping)
    for (const yaml::Pair& pair : scripts->pairs)
      if (pair.value->kind == yaml::Kind::scalar)
        package.scripts.push_back({pair.key->value, yaml::mapped_value(bytes, *pair.value)});
  const yaml::Node* workspaces = yaml::find(root, "workspaces");
  if (workspaces != nullptr && workspaces->kind == yaml::Kind::mapping)
    workspaces = yaml::find(*workspaces, "packages");
  if (workspaces != nullptr)
    for (const yaml::Node* item : workspaces->items) package.workspaces.push_back(item->value);
  for (const std::string_view key :
       {"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"})
    if (const yaml::Node* all = yaml::find(root, key))
      for (const yaml::Pair& pair : all->pairs) package.dependencies.push_back(pair.key->value);
  return package;
}

bool Makefile::has(std::string_view target) const {
  if (std::ranges::find(targets, target) != targets.end()) return true;
  return std::ranges::any_of(patterns, [&](std::string pattern) {
    std::ranges::replace(pattern, '%', '*');
    return knowledge::matches(pattern, target);
  });
}

Makefile read_makefile(std::string_view bytes) {
  Makefile makefile;
  bool continued = false;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    std::string_view line = bytes.substr(at, end - at);
    at = end + 1;
    const bool was_continued = continued;
    if (line.ends_with('\r')) line.remove_suffix(1);
    continued = line.ends_with('\\');
    if (line.starts_with('\t')) continue;
    if (was_continued) {
      // The rest of a list of targets, perhaps.
      if (line.contains(':')) makefile.open = true;
      continue;
    }
    while (line.starts_with(' ')) line.remove_prefix(1);
    const std::string_view first = line.substr(0, line.find_first_of(" \t"));
    if (first == "include" || first == "-include" || first == "sinclude" || first == "define" ||
        first.starts_with("$(")) {
      makefile.open = true;
      continue;
    }
    if (line.empty() || line[0] == '#' || line.starts_with("ifeq") || line.starts_with("ifneq") ||
        first == "export" || first == "override")
      continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.find('=') < colon) continue;
    if (line.substr(colon).starts_with(":=") || line.substr(colon).starts_with("::=")) continue;
    const std::string_view names = line.substr(0, colon);
    if (names.contains('$')) {
      makefile.open = true;
      continue;
    }
    for (const std::string_view name : knowledge::words(names, " \t&"))
      (name.contains('%') ? makefile.patterns : makefile.targets).emplace_back(name);
    // What is declared phony is there, should no rule follow.
    if (names == ".PHONY")
      for (const std::string_view name : knowledge::words(line.substr(colon + 1), " \t\\"))
        makefile.targets.emplace_back(name);
  }
  return makefile;
}

} // namespace aethel::steps
