// Runs every rule over the linked program. Rules only read; each writes its own slot.
#include "link/passes.h"

#include "base/parallel.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>

namespace aethel {
namespace {

Priority priority_of(const Program& program, const Finding& finding) {
  Priority best = Priority::none;
  if (finding.targets.empty()) best = finding.rule->priority.at(Stage::unknown);
  for (const TargetIndex target : finding.targets)
    best = std::min(best, finding.rule->priority.at(program.targets[target].stage));
  // P0 stops a deployment: only what the files' documented semantics prove may say so.
  if (best == Priority::p0 && finding.confidence != Confidence::certain) best = Priority::p1;
  return best == Priority::none ? best : std::max(best, finding.at_best);
}

std::uint64_t hash(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325) {
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return seed;
}

// No line numbers: a finding keeps its name when lines above it move.
std::string fingerprint_of(const Program& program, const Finding& finding) {
  std::string text;
  for (const std::string_view part :
       {finding.rule->id, finding.message, finding.symbol_kind, std::string_view(finding.symbol)}) {
    text += part;
    text += '\0';
  }
  if (finding.span.file) text += program.sources->path(finding.span.file);
  return fmt::format("{:016x}", hash(text));
}

auto order_of(const Program& program, const Finding& finding) {
  const std::string_view path =
      finding.span.file ? std::string_view(program.sources->path(finding.span.file)) : "";
  return std::tuple(path, finding.span.range.begin, finding.rule->id,
                    std::string_view(finding.symbol), finding.message);
}

void order(const Program& program, std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    finding.priority = priority_of(program, finding);
    finding.fingerprint = fingerprint_of(program, finding);
    std::ranges::sort(finding.targets);
  }
  std::erase_if(findings,
                [](const Finding& finding) { return finding.priority == Priority::none; });
  std::ranges::sort(findings, [&](const Finding& a, const Finding& b) {
    return order_of(program, a) < order_of(program, b);
  });
  // The same definition missing in two targets is one finding.
  std::vector<Finding> merged;
  for (Finding& finding : findings) {
    if (!merged.empty() && order_of(program, merged.back()) == order_of(program, finding)) {
      Finding& last = merged.back();
      for (const TargetIndex target : finding.targets)
        if (std::ranges::find(last.targets, target) == last.targets.end())
          last.targets.push_back(target);
      std::ranges::sort(last.targets);
      last.priority = std::min(last.priority, finding.priority);
      continue;
    }
    merged.push_back(std::move(finding));
  }
  // Two findings of one rule on one symbol in one file differ by a number.
  std::map<std::string, int> seen;
  for (Finding& finding : merged)
    if (const int n = seen[finding.fingerprint]++; n > 0)
      finding.fingerprint += fmt::format("-{}", n);
  findings = std::move(merged);
}

} // namespace

void check_rules(const Program& program, unsigned threads, std::vector<Finding>& findings,
                 std::vector<Requirement>& requirements) {
  const auto rules = rules::all();
  std::vector<Findings> slots(rules.size());
  parallel_for(rules.size(), threads, [&](std::size_t i) { rules[i]->check(program, slots[i]); });
  for (Findings& slot : slots) {
    std::ranges::move(slot.all(), std::back_inserter(findings));
    std::ranges::move(slot.requirements(), std::back_inserter(requirements));
  }
}

void order_findings(Report& report) {
  order(report.program, report.findings);
  order(report.program, report.ignored);

  std::ranges::sort(report.requirements, [](const Requirement& a, const Requirement& b) {
    return std::tuple(a.kind, std::string_view(a.name)) <
           std::tuple(b.kind, std::string_view(b.name));
  });
  std::vector<Requirement> unique;
  for (Requirement& each : report.requirements) {
    if (!unique.empty() && unique.back().kind == each.kind && unique.back().name == each.name) {
      Requirement& last = unique.back();
      for (const Span& span : each.locations)
        if (std::ranges::find(last.locations, span) == last.locations.end())
          last.locations.push_back(span);
      for (const TargetIndex target : each.targets)
        if (std::ranges::find(last.targets, target) == last.targets.end())
          last.targets.push_back(target);
      for (const std::string& name : each.environments)
        if (std::ranges::find(last.environments, name) == last.environments.end())
          last.environments.push_back(name);
      std::ranges::sort(last.environments);
      last.priority = std::min(last.priority, each.priority);
      last.state = std::max(last.state, each.state); // the least satisfied one counts
      continue;
    }
    unique.push_back(std::move(each));
  }
  report.requirements = std::move(unique);
  std::ranges::sort(report.program.not_analysed, {}, [](const NotAnalysed& each) {
    return std::tuple(each.path, each.line, each.reason);
  });
}

} // namespace aethel
