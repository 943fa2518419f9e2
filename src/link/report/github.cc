// `--format github`: annotations of a workflow run, beside the lines that they are about. GitHub
// shows ten errors, ten warnings and ten notices of a step: the first ten of each, the most
// important ones first, are commands; the rest are lines of the log, with their places.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
// and the runner's ActionCommand.cs, which also reads "##[command]" anywhere in a line.
#include "link/phrases.h"
#include "link/report/support/place.h"
#include "link/report_format.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel::formats {
namespace {

constexpr std::size_t most_annotations = 10; // of each kind, in a step

std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : as_utf8(text)) {
    switch (c) {
    case '%': out += "%25"; break;
    case '\r': out += "%0D"; break;
    case '\n': out += "%0A"; break;
    case ':': out += property ? "%3A" : ":"; break;
    case ',': out += property ? "%2C" : ","; break;
    default: out += c;
    }
  }
  return out;
}

// A line of the log: one line, and no command in it. Names come from the repository.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : as_utf8(text)) {
    if (c == '[' && out.ends_with("##")) out += ' ';
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return out;
}

std::string_view command_of(Priority priority) {
  constexpr std::string_view commands[] = {"error", "warning", "notice", "notice"};
  return commands[static_cast<std::size_t>(priority)];
}

class Writer {
public:
  Writer(const Report& report, const ReportOptions& options)
      : report_(report), program_(report.program), options_(options) {}

  std::string write() {
    for (const Priority priority : {Priority::p0, Priority::p1, Priority::p2}) group(priority);
    not_analysed();
    for (const BaselineEntry& entry :
         report_.baseline ? report_.baseline->gone : std::vector<BaselineEntry>())
      line(plain(say("baseline-gone-one",
                     {{"rule", entry.rule}, {"path", entry.path}, {"name", entry.name}})));
    summary();
    return std::move(out_);
  }

private:
  std::string say(std::string_view id, const Arguments& arguments = {}) const {
    return phrase(id, arguments, options_.language);
  }
  void line(std::string_view text) { (out_ += text) += '\n'; }

  void group(Priority priority) {
    std::vector<const Finding*> findings;
    for (const Finding& finding : report_.findings)
      if (finding.priority == priority && finding.age != Age::old) findings.push_back(&finding);
    if (findings.empty()) return;
    line(fmt::format("::group::Aethel {}: {}", name_of(priority), findings.size()));
    for (std::size_t i = 0; i < findings.size(); ++i)
      i < most_annotations ? annotate(*findings[i]) : log(*findings[i]);
    if (findings.size() > most_annotations)
      line(plain(say("github-limit", {{"shown", std::to_string(most_annotations)},
                                      {"count", std::to_string(findings.size())},
                                      {"kind", std::string(command_of(priority))}})));
    line("::endgroup::");
  }

  void annotate(const Finding& finding) {
    std::string properties;
    if (finding.span.file) {
      properties +=
          fmt::format("file={},", escaped(path_of(program_, finding.span, options_.prefix), true));
      if (const auto region = region_of(program_, finding.span)) {
        properties += fmt::format("line={},endLine={},", region->line, region->end_line);
        // The runner drops columns of a place on several lines. Both of its columns are shown,
        // so the last one is within the place.
        if (region->line == region->end_line)
          properties += fmt::format("col={},endColumn={},", region->column,
                                    std::max(region->column, region->end_column - 1));
      }
    }
    const bool pt = options_.language == Language::pt;
    const std::string title =
        fmt::format("{} {} ({})", name_of(finding.priority),
                    pt ? finding.rule->title_pt : finding.rule->title_en, finding.rule->name);
    std::string words = words_of(finding, options_.language);
    if (const std::string help = help_of(finding, options_.language); !help.empty())
      words += "\n" + say("help") + ": " + help;
    line(fmt::format("::{} {}title={}::{}", command_of(finding.priority), properties,
                     escaped(title, true), escaped(words, false)));
  }

  void log(const Finding& finding) {
    std::string place = path_of(program_, finding.span, options_.prefix);
    if (const auto region = region_of(program_, finding.span))
      place += fmt::format(":{}:{}", region->line, region->column);
    line(plain(fmt::format("{} {}: {} [{}]", name_of(finding.priority), place,
                           words_of(finding, options_.language), finding.rule->name)));
  }

  // What production starts and could not be read fails the run: it is told like a finding.
  void not_analysed() {
    if (program_.not_analysed.empty()) return;
    line("::group::" + say("heading-not-analysed"));
    std::size_t errors = 0;
    for (const NotAnalysed& each : program_.not_analysed) {
      const std::string path =
          options_.prefix.empty() ? each.path : std::string(options_.prefix) + "/" + each.path;
      if (each.production_root && !options_.allow_unanalysed && errors++ < most_annotations)
        line(fmt::format("::error file={},{}title={}::{}", escaped(path, true),
                         each.line == 0 ? "" : fmt::format("line={},", each.line),
                         escaped(say("heading-not-analysed"), true), escaped(each.reason, false)));
      else
        line(plain(fmt::format("- {}{}: {}", path,
                               each.line == 0 ? "" : fmt::format(":{}", each.line), each.reason)));
    }
    line("::endgroup::");
  }

  void summary() {
    const Summary summary = summarise(report_);
    line(fmt::format("Aethel: {}; P0 {}, P1 {}, P2 {}", name_of(verdict_of(report_)),
                     summary.by_priority[0], summary.by_priority[1], summary.by_priority[2]));
    if (report_.baseline) line(plain(say("baseline-counts", baseline_arguments(report_))));
    if (!report_.ignored.empty())
      line(say("ignored-count", {{"count", std::to_string(report_.ignored.size())}}));
  }

  const Report& report_;
  const Program& program_;
  const ReportOptions& options_;
  std::string out_;
};

std::string write(const Report& report, const ReportOptions& options) {
  return Writer(report, options).write();
}

} // namespace

extern constinit const ReportFormat github;
constinit const ReportFormat github{"github", "annotations of a GitHub workflow run", write};

} // namespace aethel::formats
