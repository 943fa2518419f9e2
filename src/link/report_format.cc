#include "link/report_format.h"

#include <algorithm>

namespace aethel {

Category category_of(const Finding& finding) {
  return finding.category.value_or(finding.rule->category);
}

Verdict verdict_of(const Report& report) {
  if (std::ranges::any_of(report.findings,
                          [](const Finding& f) { return f.priority == Priority::p0; }))
    return Verdict::not_ready;
  if (std::ranges::any_of(report.program.not_analysed, &NotAnalysed::production_root))
    return Verdict::unknown;
  return Verdict::ready;
}

std::string_view name_of(Verdict verdict) {
  constexpr std::string_view names[] = {"ready", "not-ready", "unknown"};
  return names[static_cast<std::size_t>(verdict)];
}

Summary summarise(const Report& report) {
  Summary summary;
  for (const Finding& finding : report.findings) {
    const auto priority = static_cast<std::size_t>(finding.priority);
    ++summary.by_priority[priority];
    ++summary.by_category[static_cast<std::size_t>(category_of(finding))][priority];
    summary.effort.low += finding.rule->effort.low;
    summary.effort.high += finding.rule->effort.high;
  }
  for (const Reference& reference : report.program.references)
    ++summary.references[static_cast<std::size_t>(reference.state)];
  return summary;
}

} // namespace aethel
