#include "knowledge/variables.h"

#include "knowledge/shapes.h"
#include "knowledge/table.h"

#include <cstdlib>
#include <map>
#include <string>

namespace aethel {
namespace data {
extern const std::string_view variables;
}
namespace {

VariableKind kind_named(std::string_view name) {
  if (name == "secret") return VariableKind::secret;
  if (name == "url") return VariableKind::url;
  if (name == "host") return VariableKind::host;
  if (name == "dsn") return VariableKind::dsn;
  if (name == "mode") return VariableKind::mode;
  if (name == "config") return VariableKind::config;
  std::abort();
}

const std::map<std::string_view, Variable>& entries() {
  static const knowledge::Table table(data::variables);
  static const std::map<std::string_view, Variable> all = [] {
    std::map<std::string_view, Variable> map;
    for (const auto& row : table.rows())
      for (const std::string_view name : knowledge::words(row["names"]))
        map.emplace(name, Variable{.name = name,
                                   .kind = kind_named(row["kind"]),
                                   .required = row["required"] == "yes",
                                   .en = row["en"],
                                   .pt = row["pt"],
                                   .source = row["source"]});
    return map;
  }();
  return all;
}

} // namespace

const Variable* find_variable(std::string_view name) {
  std::string key;
  for (const char c : name)
    key += knowledge::is_lower(c)   ? static_cast<char>(c - 'a' + 'A')
           : (c == '-' || c == '.') ? '_'
                                    : c;
  const auto find = [](std::string_view wanted) -> const Variable* {
    const auto found = entries().find(wanted);
    return found == entries().end() ? nullptr : &found->second;
  };
  if (const Variable* found = find(key)) return found;
  for (const std::string_view stage :
       {"PRODUCTION_", "PROD_", "STAGING_", "STAGE_", "STG_", "DEVELOPMENT_", "DEV_", "TEST_"})
    if (key.starts_with(stage)) return find(std::string_view(key).substr(stage.size()));
  return nullptr;
}

} // namespace aethel
