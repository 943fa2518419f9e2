#include "commands/support/usage.h"

#include "link/rule.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace aethel {
namespace {

// CLI11 tells choices in the type's name: "TEXT:{en,pt-BR}".
std::vector<std::string> choices_in(std::string_view type) {
  std::vector<std::string> choices;
  const std::size_t open = type.find('{');
  const std::size_t close = type.rfind('}');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return choices;
  std::string_view list = type.substr(open + 1, close - open - 1);
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    choices.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return choices;
}

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for (const Rule* rule : rules::all()) names.emplace_back(rule->name);
  std::ranges::sort(names);
  return names;
}

UsageOption usage_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  UsageOption usage{.choices = choices_in(type),
                    .summary = option.get_description(),
                    .argument = !option.nonpositional(),
                    .required = option.get_required(),
                    .repeatable = option.get_items_expected_max() > 1};
  if (usage.argument) {
    usage.names = {option.get_name(true)};
    usage.value = usage.names.front();
  } else {
    for (const std::string& name : option.get_snames()) usage.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) usage.names.push_back("--" + name);
    if (option.get_items_expected_max() > 0) usage.value = type.substr(0, type.find(':'));
  }
  if (usage.value == "RULE") usage.choices = rule_names();
  return usage;
}

Usage usage_of(const CLI::App& app, std::string path) {
  Usage usage{
      .path = std::move(path), .summary = app.get_description(), .footer = app.get_footer()};
  for (const CLI::Option* option :
       app.get_options([](const CLI::Option* each) { return !each->get_group().empty(); }))
    usage.options.push_back(usage_of(*option));
  for (const CLI::App* command :
       app.get_subcommands([](const CLI::App* each) { return !each->get_group().empty(); }))
    usage.commands.push_back(
        usage_of(*command, usage.path + (usage.path.empty() ? "" : " ") + command->get_name()));
  // CLI11 hands a footer down to commands that have none.
  for (Usage& command : usage.commands)
    if (command.footer == usage.footer) command.footer.clear();
  return usage;
}

} // namespace

Usage usage_of(const CLI::App& app) { return usage_of(app, ""); }

bool is_path(const UsageOption& option) {
  return option.value == "PATH" || option.value == "FILE" || option.value == "DIR" ||
         option.value == "FOLDER";
}

} // namespace aethel
