// `--format sarif`: SARIF 2.1.0 for code scanning and editors. The same bytes on every run: an
// invocation without times, artifacts relative to the top of the repository.
// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
#include "link/baseline.h"
#include "link/report/support/place.h"
#include "link/report_format.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>

namespace aethel::formats {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view root_name = "%SRCROOT%";

std::string_view level_of(Priority priority) {
  constexpr std::string_view levels[] = {"error", "warning", "note", "none"};
  return levels[static_cast<std::size_t>(priority)];
}

// A relative reference: all bytes but the unreserved ones of RFC 3986 and "/" are encoded, also
// ":", which would make a scheme of a first segment.
std::string uri_of(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte) != 0) ||
        std::string_view("-._~/").find(c) != std::string_view::npos)
      uri += c;
    else
      (uri += '%').append({digits[byte >> 4], digits[byte & 15]});
  }
  return uri;
}

// A message of SARIF has placeholders, "{0}", and for their sake each brace is to be doubled
// (section 3.11.5). Services show the text as it is, so "${DB_PASSWORD}" would be shown wrong:
// only what would be taken for a placeholder is doubled.
std::string message_text(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (text[at] == '{' && end < text.size() &&
           std::isdigit(static_cast<unsigned char>(text[end])) != 0)
      ++end;
    if (end > at + 1 && end < text.size() && text[end] == '}') {
      (out += '{').append(text.substr(at, end + 1 - at)) += '}';
      at = end + 1;
    } else {
      out += text[at++];
    }
  }
  return out;
}

Json message_of(std::string_view text) { return {{"text", message_text(text)}}; }

// Markdown read as plain text: no marks of code and headings; examples are indented.
std::string plain_text(std::string_view markdown) {
  std::string out;
  bool code = false;
  while (!markdown.empty()) {
    const std::size_t end = std::min(markdown.find('\n'), markdown.size());
    std::string_view line = markdown.substr(0, end);
    markdown.remove_prefix(std::min(end + 1, markdown.size()));
    if (line.starts_with("```")) {
      code = !code;
      continue;
    }
    if (!code && line.starts_with("#"))
      line.remove_prefix(std::min(line.find_first_not_of("# "), line.size()));
    if (code && !line.empty()) out += "    ";
    for (const char c : line)
      if (code || c != '`') out += c;
    out += '\n';
  }
  return out;
}

// The first paragraph below the title.
std::string_view first_paragraph(std::string_view doc) {
  if (doc.starts_with("# ")) doc.remove_prefix(std::min(doc.find('\n'), doc.size()));
  doc.remove_prefix(std::min(doc.find_first_not_of('\n'), doc.size()));
  return doc.substr(0, doc.find("\n\n"));
}

class Writer {
public:
  Writer(const Report& report, const ReportOptions& options)
      : report_(report), program_(report.program), options_(options) {}

  std::string write() {
    std::map<std::string_view, const Rule*> rules;
    for (const auto* findings : {&report_.findings, &report_.ignored})
      for (const Finding& finding : *findings) rules[finding.rule->id] = finding.rule;
    Json descriptors = Json::array();
    for (const auto& [id, rule] : rules) {
      indices_[id] = descriptors.size();
      descriptors.push_back(descriptor_of(*rule));
    }
    Json results = Json::array();
    for (const Finding& finding : report_.findings) results.push_back(result_of(finding));
    for (const Finding& finding : report_.ignored) results.push_back(result_of(finding));

    Json driver = {{"name", "Aethel"}};
    if (!options_.version.empty()) driver["semanticVersion"] = options_.version;
    driver["language"] = options_.language == Language::pt ? "pt-BR" : "en-US";
    driver["rules"] = std::move(descriptors);
    Json run = {{"tool", {{"driver", std::move(driver)}}},
                {"invocations", Json::array({invocation()})},
                {"originalUriBaseIds",
                 {{root_name, {{"description", {{"text", "the top of the repository"}}}}}}},
                {"columnKind", "utf16CodeUnits"},
                {"results", std::move(results)}};
    if (report_.baseline)
      run["properties"] = {{"baseline",
                            {{"file", report_.baseline->name},
                             {"new", count_of(report_, Age::fresh)},
                             {"unchanged", count_of(report_, Age::old)},
                             {"expired", count_of(report_, Age::expired)},
                             {"gone", report_.baseline->gone.size()}}}};
    Json json = {{"$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                             "sarif-schema-2.1.0.json"},
                 {"version", "2.1.0"},
                 {"runs", Json::array({std::move(run)})}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  }

private:
  Json descriptor_of(const Rule& rule) const {
    const bool pt = options_.language == Language::pt;
    return {{"id", rule.id},
            {"name", rule.name},
            {"shortDescription", {{"text", pt ? rule.title_pt : rule.title_en}}},
            {"fullDescription", {{"text", plain_text(first_paragraph(rule.doc))}}},
            {"help", {{"text", plain_text(rule.doc)}, {"markdown", rule.doc}}},
            {"defaultConfiguration", {{"level", level_of(rule.priority.at(Stage::production))}}},
            {"properties", {{"tags", {name_of(rule.category)}}}}};
  }

  Json physical(const Span& span) const {
    Json json = {
        {"artifactLocation",
         {{"uri", uri_of(path_of(program_, span, options_.prefix))}, {"uriBaseId", root_name}}}};
    if (const auto region = region_of(program_, span))
      json["region"] = {{"startLine", region->line},
                        {"startColumn", region->column},
                        {"endLine", region->end_line},
                        {"endColumn", region->end_column}};
    return json;
  }

  Json result_of(const Finding& finding) const {
    const Language language = options_.language;
    const std::string help = help_of(finding, language);
    const std::string words = words_of(finding, language);
    Json json = {{"ruleId", finding.rule->id},
                 {"ruleIndex", indices_.at(finding.rule->id)},
                 {"level", level_of(finding.priority)},
                 {"message", message_of(help.empty() ? words : words + "\n" + help)},
                 {"locations", Json::array()}};
    if (finding.span.file)
      json["locations"].push_back({{"physicalLocation", physical(finding.span)}});
    Json related = Json::array();
    for (const Related& each : finding.related) {
      if (!each.span.file) continue;
      related.push_back({{"id", related.size() + 1},
                         {"physicalLocation", physical(each.span)},
                         {"message", message_of(words_of(finding, each, language))}});
    }
    if (!related.empty()) json["relatedLocations"] = std::move(related);
    json["partialFingerprints"] = {{"aethel/v1", finding.fingerprint}};
    if (finding.aside) {
      const bool comment = finding.aside->by == SetAside::By::comment;
      Json suppression = {{"kind", comment ? "inSource" : "external"}, {"status", "accepted"}};
      if (finding.aside->span.file)
        suppression["location"] = {{"physicalLocation", physical(finding.aside->span)}};
      if (!finding.aside->reason.empty()) suppression["justification"] = finding.aside->reason;
      json["suppressions"] = Json::array({std::move(suppression)});
    } else if (report_.baseline) {
      // An entry whose day is past holds nothing back any more.
      json["baselineState"] = finding.age == Age::old ? "unchanged" : "new";
    }
    // Where one result says it, each must (section 3.27.23).
    if (!finding.aside && !report_.ignored.empty()) json["suppressions"] = Json::array();
    Json properties = {{"priority", name_of(finding.priority)},
                       {"confidence", name_of(finding.confidence)},
                       {"category", name_of(category_of(finding))},
                       {"symbolKind", finding.symbol_kind},
                       {"symbol", finding.symbol},
                       {"targets", Json::array()},
                       {"effortHours", {finding.rule->effort.low, finding.rule->effort.high}}};
    for (const TargetIndex target : finding.targets)
      properties["targets"].push_back(program_.targets[target].id);
    if (finding.age == Age::expired) properties["baselineExpired"] = true;
    json["properties"] = std::move(properties);
    return json;
  }

  // Exit facts without times, and what was not analysed.
  Json invocation() const {
    constexpr std::string_view words[] = {"clean", "findings", "usage", "internal error",
                                          "nothing to audit"};
    Json json = {{"executionSuccessful", options_.exit_code != 2 && options_.exit_code != 3},
                 {"exitCode", options_.exit_code}};
    if (options_.exit_code >= 0 && options_.exit_code < 5)
      json["exitCodeDescription"] = words[options_.exit_code];
    Json notes = Json::array();
    for (const NotAnalysed& each : program_.not_analysed) {
      std::string path(options_.prefix);
      if (!path.empty()) path += '/';
      Json place = {
          {"artifactLocation", {{"uri", uri_of(path + each.path)}, {"uriBaseId", root_name}}}};
      if (each.line != 0) place["region"] = {{"startLine", each.line}};
      notes.push_back(
          {{"locations", Json::array({{{"physicalLocation", std::move(place)}}})},
           {"message", message_of("not analysed: " + each.reason)},
           {"level", each.production_root && !options_.allow_unanalysed ? "error" : "warning"}});
    }
    if (report_.baseline)
      for (const BaselineEntry& entry : report_.baseline->gone)
        notes.push_back({{"message", message_of("in the baseline and no longer found: " +
                                                entry.rule + " " + entry.path + " " + entry.name)},
                         {"level", "note"}});
    json["toolExecutionNotifications"] = std::move(notes);
    return json;
  }

  const Report& report_;
  const Program& program_;
  const ReportOptions& options_;
  std::map<std::string_view, std::size_t> indices_;
};

std::string write(const Report& report, const ReportOptions& options) {
  return Writer(report, options).write();
}

} // namespace

extern constinit const ReportFormat sarif;
constinit const ReportFormat sarif{"sarif", "SARIF 2.1.0, for code scanning and editors", write};

} // namespace aethel::formats
