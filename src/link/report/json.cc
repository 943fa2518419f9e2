// `--format json`: schema 1, documented in docs/report.md. The same bytes on every run:
// no timings, no absolute paths.
#include "link/report_format.h"

#include "link/baseline.h"
#include "link/phrases.h"

#include <nlohmann/json.hpp>

namespace aethel::formats {

namespace {

using Json = nlohmann::ordered_json;

Json place_of(const Program& program, const Span& span) {
  Json json = Json::object();
  if (!span.file) return json;
  json["path"] = program.sources->path(span.file);
  if (const Source* source = program.sources->loaded(span.file)) {
    const Place begin = source->place(span.range.begin);
    const Place end = source->place(std::max(span.range.begin, span.range.end));
    json["line"] = begin.line;
    json["column"] = begin.column;
    json["end_line"] = end.line;
    json["end_column"] = end.column;
  }
  return json;
}

std::string_view name_of_fix(Fix fix) {
  constexpr std::string_view names[] = {"none", "safe", "unsafe", "generate"};
  return names[static_cast<std::size_t>(fix)];
}

std::string evidence_of(const Program& program, const std::vector<Evidence>& all,
                        Language language) {
  std::string text;
  for (const Evidence& evidence : all) {
    if (!text.empty()) text += "; ";
    text += phrase(evidence.message, {{"detail", evidence.detail}}, language);
    if (evidence.span.file) text += " (" + program.place(evidence.span) + ")";
  }
  return text;
}

Json targets_of(const Report& report, Language language) {
  Json targets = Json::array();
  for (const Target& target : report.program.targets)
    targets.push_back({{"id", target.id},
                       {"stage", name_of(target.stage)},
                       {"evidence", evidence_of(report.program, target.stage_evidence, language)}});
  return targets;
}

Json summary_of(const Report& report) {
  const Summary summary = summarise(report);
  Json json = {{"P0", summary.by_priority[0]},
               {"P1", summary.by_priority[1]},
               {"P2", summary.by_priority[2]}};
  Json categories = Json::object();
  for (std::size_t i = 0; i < category_count; ++i) {
    const auto& row = summary.by_category[i];
    if (row[0] + row[1] + row[2] == 0) continue;
    categories[std::string(name_of(static_cast<Category>(i)))] = {
        {"P0", row[0]}, {"P1", row[1]}, {"P2", row[2]}};
  }
  json["by_category"] = std::move(categories);
  Json references = Json::object();
  for (std::size_t i = 0; i < outcome_count; ++i)
    references[std::string(name_of(static_cast<OutcomeState>(i)))] = summary.references[i];
  json["references"] = std::move(references);
  return json;
}

Json finding_of(const Report& report, const Finding& finding, Language language) {
  const Program& program = report.program;
  Json json = {
      {"rule", finding.rule->id},
      {"name", finding.rule->name},
      {"category", name_of(category_of(finding))},
      {"priority", name_of(finding.priority)},
      {"confidence", name_of(finding.confidence)},
      {"title", language == Language::pt ? finding.rule->title_pt : finding.rule->title_en},
      {"message", text_of(message_of(finding), finding.arguments, language)}};
  if (!finding.help.empty())
    if (const Message* help = find_message(*finding.rule, finding.help))
      json["help"] = text_of(*help, finding.arguments, language);
  json["location"] = place_of(program, finding.span);
  json["related"] = Json::array();
  for (const Related& related : finding.related) {
    Json place = place_of(program, related.span);
    const Message* own = find_message(*finding.rule, related.message);
    place["message"] = own != nullptr ? text_of(*own, related.arguments, language)
                                      : phrase(related.message, related.arguments, language);
    json["related"].push_back(std::move(place));
  }
  json["symbol"] = {{"kind", finding.symbol_kind}, {"name", finding.symbol}};
  json["targets"] = Json::array();
  for (const TargetIndex target : finding.targets)
    json["targets"].push_back(program.targets[target].id);
  json["fix"] = name_of_fix(finding.fix);
  json["effort_hours"] = {finding.rule->effort.low, finding.rule->effort.high};
  json["fingerprint"] = finding.fingerprint;
  if (finding.age != Age::unknown) json["baseline"] = name_of(finding.age);
  return json;
}

Json entries_of(const std::vector<BaselineEntry>& entries) {
  Json json = Json::array();
  for (const BaselineEntry& entry : entries) {
    json.push_back({{"rule", entry.rule},
                    {"path", entry.path},
                    {"name", entry.name},
                    {"fingerprint", entry.fingerprint},
                    {"count", entry.count}});
    if (entry.expires) json.back()["expires"] = format_date(*entry.expires);
    if (!entry.reason.empty()) json.back()["reason"] = entry.reason;
  }
  return json;
}

std::string write(const Report& report, const ReportOptions& options) {
  const Program& program = report.program;
  Json json = {{"schema", 1}, {"verdict", name_of(verdict_of(report))}};
  json["targets"] = targets_of(report, options.language);
  json["summary"] = summary_of(report);
  if (report.baseline)
    json["baseline"] = {{"file", report.baseline->name},
                        {"new", count_of(report, Age::fresh)},
                        {"unchanged", count_of(report, Age::old)},
                        {"expired", entries_of(report.baseline->expired)},
                        {"gone", entries_of(report.baseline->gone)}};
  json["findings"] = Json::array();
  for (const Finding& finding : report.findings)
    json["findings"].push_back(finding_of(report, finding, options.language));
  json["requirements"] = Json::array();
  for (const Requirement& requirement : report.requirements) {
    Json locations = Json::array();
    for (const Span& span : requirement.locations) {
      Json place = place_of(program, span);
      locations.push_back({{"path", place.value("path", "")}, {"line", place.value("line", 0)}});
    }
    Json entry = {{"kind", requirement.kind},
                  {"name", requirement.name},
                  {"priority", name_of(requirement.priority)},
                  {"state", name_of(requirement.state)}};
    if (!requirement.environments.empty()) entry["environments"] = requirement.environments;
    entry["locations"] = std::move(locations);
    json["requirements"].push_back(std::move(entry));
  }
  json["not_analysed"] = Json::array();
  for (const NotAnalysed& each : program.not_analysed) {
    Json entry = {{"path", each.path}, {"reason", each.reason}};
    if (each.line != 0) entry["line"] = each.line;
    json["not_analysed"].push_back(std::move(entry));
  }
  std::uint64_t bytes = 0;
  for (const FileFacts& facts : program.facts)
    if (const Source* source = program.sources->loaded(facts.file)) bytes += source->bytes().size();
  json["stats"] = {{"files", program.tree.entries().size()},
                   {"bytes", bytes},
                   {"references", program.references.size()}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace

extern constinit const ReportFormat json;
constinit const ReportFormat json{"json", "one JSON document, for programs", write};

} // namespace aethel::formats
