#include "link/suppress.h"

#include "config/match.h"

#include <algorithm>
#include <set>

namespace aethel {
namespace {

bool names_rule(std::string_view given, const Rule& rule) {
  return given == rule.name || given == rule.id;
}

bool covers(const Program& program, FileId file, const Suppression& comment,
            const Finding& finding) {
  if (finding.span.file != file) return false;
  const Source* source = program.sources->loaded(file);
  if (source == nullptr || source->place(finding.span.range.begin).line != comment.line)
    return false;
  return comment.rules.empty() || std::ranges::any_of(comment.rules, [&](const std::string& rule) {
           return names_rule(rule, *finding.rule);
         });
}

} // namespace

void suppress(Report& report) {
  Program& program = report.program;
  const Rule* stale = rule_named("stale-ignore");
  std::vector<bool> aside(report.findings.size(), false);
  std::vector<Finding> complaints;
  const FileId configuration = program.sources->find("aethel.yaml");

  std::set<std::uint32_t> used_entries;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const Finding& finding = report.findings[i];
    const std::string path = finding.span.file ? program.sources->path(finding.span.file) : "";
    const IgnoreEntry* entry = find_ignore(
        program.config,
        {.rule = finding.rule->name, .id = finding.rule->id, .path = path, .name = finding.symbol},
        program.today);
    if (entry == nullptr) continue;
    aside[i] = true;
    report.findings[i].aside = {.by = SetAside::By::configuration,
                                .reason = entry->reason.value,
                                .span = {configuration, entry->at.range}};
    used_entries.insert(entry->at.index);
  }
  for (const IgnoreEntry& entry : program.config.ignores) {
    if (used_entries.contains(entry.at.index)) continue;
    complaints.push_back({.rule = stale,
                          .message = is_expired(entry, program.today) ? "expired" : "unused-entry",
                          .arguments = {{"rule", entry.rule.value},
                                        {"until", entry.until ? format_date(*entry.until) : ""}},
                          .span = {configuration, entry.at.range},
                          .symbol_kind = "rule",
                          .symbol = entry.rule.value});
  }
  for (const FileFacts& facts : program.facts)
    for (const Suppression& comment : facts.suppressions) {
      bool used = false;
      for (std::size_t i = 0; i < report.findings.size(); ++i)
        if (covers(program, facts.file, comment, report.findings[i])) {
          aside[i] = true;
          if (!report.findings[i].aside)
            report.findings[i].aside = {
                .by = SetAside::By::comment, .reason = comment.reason, .span = comment.span};
          used = true;
        }
      const std::string named = comment.rules.empty() ? "" : comment.rules.front();
      if (!used)
        complaints.push_back({.rule = stale,
                              .message = "unused-comment",
                              .arguments = {{"rule", named}},
                              .span = comment.span,
                              .symbol_kind = "rule",
                              .symbol = named});
    }

  std::vector<Finding> kept;
  for (std::size_t i = 0; i < report.findings.size(); ++i)
    (aside[i] ? report.ignored : kept).push_back(std::move(report.findings[i]));
  std::ranges::move(complaints, std::back_inserter(kept));
  report.findings = std::move(kept);
}

} // namespace aethel
