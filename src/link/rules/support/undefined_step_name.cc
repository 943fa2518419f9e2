#include "link/rules/support/undefined_step_name.h"

#include "base/nearest.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace aethel {

void report_undefined_step_names(const Program& program, Findings& findings, std::string_view kind,
                                 std::string_view rule) {
  // One finding a missing name and file that names it.
  std::map<std::tuple<std::string, std::string, std::uint32_t>, Finding> grouped;
  for (const StepUse& use : program.step_uses) {
    if (use.kind != kind || use.state != OutcomeState::undefined) continue;
    const auto key = std::tuple(use.file, use.name, use.span.file.value);
    if (const auto found = grouped.find(key); found != grouped.end()) {
      Finding& first = found->second;
      if (std::ranges::find(first.targets, use.target) == first.targets.end())
        first.targets.push_back(use.target);
      if (first.span != use.span &&
          std::ranges::none_of(first.related, [&](const Related& r) { return r.span == use.span; }))
        first.related.push_back({use.span, "also-here"});
      continue;
    }
    const auto near = nearest(use.name, use.known);
    Finding finding{.rule = rule_named(rule),
                    .message = "undefined",
                    .arguments = {{"name", use.name},
                                  {"file", use.file},
                                  {"command", use.command},
                                  {"other", std::string(near.value_or(""))}},
                    .span = use.span,
                    .symbol_kind = use.kind,
                    .symbol = use.name,
                    .targets = {use.target},
                    .help = near ? "help-near" : "help-define"};
    if (use.span.file != use.step.file) finding.related.push_back({use.step, "run-by"});
    grouped.emplace(key, std::move(finding));
  }
  for (auto& [key, finding] : grouped) findings.add(std::move(finding));
}

} // namespace aethel
