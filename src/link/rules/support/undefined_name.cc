#include "link/rules/support/undefined_name.h"

#include <algorithm>
#include <map>

namespace aethel {

void report_undefined_names(const Program& program, Findings& findings, std::string_view kind,
                            std::string_view rule) {
  std::map<std::pair<std::string, FileId>, Finding> found;
  for (const Reference& reference : program.references) {
    if (reference.kind->name != kind || reference.state != OutcomeState::undefined) continue;
    if (reference.role == "upstream") continue; // of nginx: undefined-upstream
    const Span& span = reference.origin.written;
    const bool commanded = reference.role.ends_with("command");
    const auto [place, fresh] = found.try_emplace({reference.name, span.file});
    Finding& finding = place->second;
    if (fresh) {
      finding = {.rule = rule_named(rule),
                 .message = commanded ? "undefined-command" : "undefined",
                 .arguments = {{"name", reference.name},
                               {"service", reference.process},
                               {"near", reference.detail}},
                 .span = span,
                 .symbol_kind = reference.kind->name,
                 .symbol = reference.name,
                 .targets = {reference.target},
                 .confidence = commanded ? Confidence::likely : Confidence::certain,
                 .help = reference.detail.empty() ? "help" : "help-near"};
      if (reference.evidence.file) finding.related.push_back({reference.evidence, "defined-here"});
      continue;
    }
    if (std::ranges::find(finding.targets, reference.target) == finding.targets.end())
      finding.targets.push_back(reference.target);
    if (finding.span != span && std::ranges::none_of(finding.related, [&](const Related& each) {
          return each.span == span;
        }))
      finding.related.push_back({span, "also-here"});
  }
  for (auto& [key, finding] : found) findings.add(std::move(finding));
}

} // namespace aethel
