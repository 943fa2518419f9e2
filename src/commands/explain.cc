// `aethel explain [RULE]`: a rule's page, or the list of rules.
#include "commands/support/terminal.h"

#include "base/nearest.h"
#include "link/rule.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <memory>

namespace aethel::commands {
namespace {

struct Options {
  CommonOptions common;
  std::string rule;
};

std::string priorities(const PriorityTable& table) {
  return fmt::format("production {}, staging {}, unknown {}, development {}, test {}, example {}",
                     name_of(table.production), name_of(table.staging), name_of(table.unknown),
                     name_of(table.development), name_of(table.test), name_of(table.example));
}

Exit run(const Options& options) {
  const bool pt = language_of(options.common) == Language::pt;
  if (options.rule.empty()) {
    std::vector<const Rule*> rules(rules::all().begin(), rules::all().end());
    std::ranges::sort(rules, {}, &Rule::id);
    for (const Rule* rule : rules)
      fmt::print("{}  {:<24} {}\n", rule->id, rule->name, pt ? rule->title_pt : rule->title_en);
    return Exit::clean;
  }
  const Rule* rule = rule_named(options.rule);
  if (rule == nullptr) {
    std::vector<std::string> names;
    for (const Rule* each : rules::all()) names.emplace_back(each->name);
    print_failure({.message = fmt::format("no rule \"{}\"", options.rule),
                   .hint = did_you_mean(options.rule, names)});
    return Exit::usage;
  }
  fmt::print("{} {}: {}\n", rule->id, rule->name, pt ? rule->title_pt : rule->title_en);
  fmt::print("{}: {}\n", pt ? "categoria" : "category", name_of(rule->category));
  fmt::print("{}: {}\n\n", pt ? "prioridade" : "priority", priorities(rule->priority));
  fmt::print("{}", rule->doc);
  return Exit::clean;
}

std::function<Exit()> declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("RULE", options->rule, "name or id of a rule; without it, all rules are listed");
  add_common(app, options->common);
  app.footer("examples:\n  aethel explain\n  aethel explain undefined-path\n  aethel explain "
             "AE0101 --lang pt-BR");
  return [options] { return run(*options); };
}

} // namespace

extern constinit const Command explain;
constinit const Command explain{"explain", "show what a rule means, with examples", declare};

} // namespace aethel::commands
