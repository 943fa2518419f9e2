#include "knowledge/command_effects.h"

#include "knowledge/table.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace aethel::data {
extern const std::string_view command_effects;
extern const std::string_view action_effects;
} // namespace aethel::data

namespace aethel::knowledge {
namespace {

constexpr std::pair<std::string_view, Role> roles[] = {
    {"skip", Role::skip},         {"text", Role::text},           {"script", Role::script},
    {"read", Role::read},         {"file", Role::file},           {"dir", Role::dir},
    {"soft", Role::soft},         {"create", Role::create},       {"into", Role::into},
    {"mkdir", Role::mkdir},       {"fill", Role::fill},           {"remove", Role::remove},
    {"move", Role::move},         {"chdir", Role::chdir},         {"run", Role::run},
    {"shell", Role::shell},       {"context", Role::context},     {"dockerfile", Role::dockerfile},
    {"manifest", Role::manifest}, {"kustomize", Role::kustomize}, {"url", Role::url},
    {"any", Role::any},
};

Role role_of(std::string_view name) {
  for (const auto& [word, role] : roles)
    if (word == name) return role;
  std::abort(); // a mistake in the table
}

CommandEffects read(const Table::Row& row) {
  CommandEffects effects;
  effects.names = words(row["names"]);
  effects.sub = row["sub"];
  for (const std::string_view word : words(row["values"])) {
    const std::size_t colon = word.rfind(':');
    const Role role =
        colon == std::string_view::npos ? Role::skip : role_of(word.substr(colon + 1));
    effects.values.push_back({word.substr(0, colon), role});
  }
  effects.flags = words(row["flags"]);
  bool starred = false;
  for (std::string_view word : words(row["operands"])) {
    effects.last = starred; // a role behind the one that repeats
    if (word.ends_with('*')) {
      word.remove_suffix(1);
      starred = effects.rest = true;
    }
    effects.operands.push_back(role_of(word));
  }
  for (const std::string_view word : words(row["makes"])) {
    if (word == "anything")
      effects.anything = true;
    else if (word.starts_with("fill:"))
      effects.fills.push_back(word.substr(5));
    else if (word.starts_with("name:"))
      effects.names_made.push_back(word.substr(5));
    else
      std::abort();
  }
  return effects;
}

struct Index {
  std::vector<CommandEffects> all;
  std::map<std::pair<std::string_view, std::string_view>, const CommandEffects*> by_name;
  std::map<std::string_view, bool> subcommands;
};

const Index& table() {
  static const Table data(aethel::data::command_effects);
  static const Index index = [] {
    Index made;
    for (const auto& row : data.rows()) made.all.push_back(read(row));
    for (const CommandEffects& each : made.all)
      for (const std::string_view name : each.names) {
        bool any = false;
        for (std::string_view sub : words(each.sub, "|")) {
          made.by_name.emplace(std::pair(name, sub), &each);
          any = true;
          if (sub != "-") made.subcommands[name] = true;
        }
        if (!any) made.by_name.emplace(std::pair(name, std::string_view()), &each);
      }
    return made;
  }();
  return index;
}

const CommandEffects* find(std::string_view command, std::string_view sub) {
  const auto found = table().by_name.find({command, sub});
  return found == table().by_name.end() ? nullptr : found->second;
}

} // namespace

const OptionEffect* CommandEffects::option(std::string_view wanted) const {
  const auto found = std::ranges::find(values, wanted, &OptionEffect::name);
  return found == values.end() ? nullptr : &*found;
}

bool CommandEffects::is_flag(std::string_view option) const {
  return std::ranges::any_of(flags,
                             [&](std::string_view flag) { return flag == "*" || flag == option; });
}

const CommandEffects* effects_of(std::string_view command, std::string_view sub) {
  if (!has_subcommands(command)) return find(command, "");
  if (const CommandEffects* exact = find(command, sub)) return exact;
  return find(command, "*");
}

bool has_subcommands(std::string_view command) { return table().subcommands.contains(command); }

const CommandEffects* effects_before_subcommand(std::string_view command) {
  return find(command, "-");
}

const ActionEffects* effects_of_action(std::string_view action) {
  static const Table data(aethel::data::action_effects);
  static const auto index = [] {
    std::map<std::string_view, ActionEffects> made;
    for (const auto& row : data.rows()) {
      ActionEffects effects;
      for (const std::string_view word : words(row["makes"])) {
        if (word == "anything")
          effects.anything = true;
        else if (word.starts_with("fill:"))
          effects.fills.push_back(word.substr(5));
        else if (word.starts_with("create:"))
          effects.creates.push_back(word.substr(7));
        else if (word.starts_with("name:"))
          effects.names_made.push_back(word.substr(5));
        else
          std::abort();
      }
      for (const std::string_view name : words(row["names"])) made.emplace(name, effects);
    }
    return made;
  }();
  const auto exact = index.find(action);
  if (exact != index.end()) return &exact->second;
  for (const auto& [name, effects] : index)
    if (name.ends_with("*") && action.starts_with(name.substr(0, name.size() - 1))) return &effects;
  return nullptr;
}

} // namespace aethel::knowledge
