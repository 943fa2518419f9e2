#include "link/report_format.h"

#include "link/baseline.h"
#include "link/phrases.h"

#include <algorithm>

namespace aethel {

Category category_of(const Finding& finding) {
  return finding.category.value_or(finding.rule->category);
}

bool fails(const Finding& finding, Priority fail_on) {
  return fail_on != Priority::none && finding.priority <= fail_on && finding.age != Age::old;
}

std::string words_of(const Finding& finding, Language language) {
  return text_of(message_of(finding), finding.arguments, language);
}

std::string help_of(const Finding& finding, Language language) {
  const Message* help = finding.help.empty() ? nullptr : find_message(*finding.rule, finding.help);
  return help == nullptr ? std::string() : text_of(*help, finding.arguments, language);
}

std::string words_of(const Finding& finding, const Related& related, Language language) {
  const Message* own = find_message(*finding.rule, related.message);
  return own != nullptr ? text_of(*own, related.arguments, language)
                        : phrase(related.message, related.arguments, language);
}

Arguments baseline_arguments(const Report& report) {
  const std::size_t expired = count_of(report, Age::expired);
  return {{"fresh", std::to_string(count_of(report, Age::fresh))},
          {"old", std::to_string(count_of(report, Age::old) + expired)},
          {"file", report.baseline->name},
          {"expired", std::to_string(expired)},
          {"gone", std::to_string(report.baseline->gone.size())}};
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
