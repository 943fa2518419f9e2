#include "knowledge/variables.h"

#include "knowledge/secret_names.h"
#include "knowledge/shapes.h"
#include "knowledge/table.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace aethel {
namespace data {
extern const std::string_view name_groups;
extern const std::string_view variables;
} // namespace data
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

VariableGroup group_named(std::string_view name) {
  using enum VariableGroup;
  constexpr std::array<std::pair<std::string_view, VariableGroup>, 13> names = {
      {{"auth", auth},
       {"store", store},
       {"payment", payment},
       {"identity", identity},
       {"storage", storage},
       {"mail", mail},
       {"messages", messages},
       {"ai", ai},
       {"monitoring", monitoring},
       {"delivery", delivery},
       {"address", address},
       {"config", config},
       {"other", other}}};
  for (const auto& [word, group] : names)
    if (word == name) return group;
  std::abort();
}

struct NameGroup {
  enum class Match { whole, last, any } match;
  std::vector<std::string_view> words;
  VariableGroup group;
};

const std::vector<NameGroup>& name_groups() {
  static const knowledge::Table table(data::name_groups);
  static const std::vector<NameGroup> all = [] {
    std::vector<NameGroup> list;
    for (const auto& row : table.rows()) {
      const std::string_view match = row["match"];
      if (match != "whole" && match != "last" && match != "any") std::abort();
      list.push_back({.match = match == "whole"  ? NameGroup::Match::whole
                               : match == "last" ? NameGroup::Match::last
                                                 : NameGroup::Match::any,
                      .words = knowledge::words(row["words"]),
                      .group = group_named(row["group"])});
    }
    return list;
  }();
  return all;
}

bool applies(const NameGroup& entry, std::span<const std::string> words) {
  const std::size_t size = entry.words.size();
  if (size > words.size()) return false;
  if (entry.match == NameGroup::Match::whole) return std::ranges::equal(words, entry.words);
  if (entry.match == NameGroup::Match::last)
    return std::ranges::equal(words.last(size), entry.words);
  for (std::size_t at = 0; at + size <= words.size(); ++at)
    if (std::ranges::equal(words.subspan(at, size), entry.words)) return true;
  return false;
}

const std::map<std::string_view, KnownVariable>& entries() {
  static const knowledge::Table table(data::variables);
  static const std::map<std::string_view, KnownVariable> all = [] {
    std::map<std::string_view, KnownVariable> map;
    for (const auto& row : table.rows())
      for (const std::string_view name : knowledge::words(row["names"]))
        map.emplace(name, KnownVariable{.name = name,
                                        .kind = kind_named(row["kind"]),
                                        .group = group_named(row["group"]),
                                        .required = row["required"] == "yes",
                                        .en = row["en"],
                                        .pt = row["pt"],
                                        .source = row["source"]});
    return map;
  }();
  return all;
}

} // namespace

const KnownVariable* find_variable(std::string_view name) {
  std::string key;
  for (const char c : name)
    key += knowledge::is_lower(c)   ? static_cast<char>(c - 'a' + 'A')
           : (c == '-' || c == '.') ? '_'
                                    : c;
  const auto find = [](std::string_view wanted) -> const KnownVariable* {
    const auto found = entries().find(wanted);
    return found == entries().end() ? nullptr : &found->second;
  };
  if (const KnownVariable* found = find(key)) return found;
  for (const std::string_view stage :
       {"PRODUCTION_", "PROD_", "STAGING_", "STAGE_", "STG_", "DEVELOPMENT_", "DEV_", "TEST_"})
    if (key.starts_with(stage)) return find(std::string_view(key).substr(stage.size()));
  return nullptr;
}

VariableGroup group_of(std::string_view name) {
  if (const KnownVariable* known = find_variable(name)) return known->group;
  // The first row that fits: providers stand before the words that are common to all secrets.
  const std::vector<std::string> words = name_words(name);
  for (const NameGroup& entry : name_groups())
    if (applies(entry, words)) return entry.group;
  return VariableGroup::other;
}

} // namespace aethel
