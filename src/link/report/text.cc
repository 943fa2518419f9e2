// The terminal report: verdict, blockers in order, findings with their source, summary.
#include "link/report_format.h"

#include "link/phrases.h"
#include "link/redact.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel::formats {
namespace {

constexpr std::size_t shown_findings = 20;
constexpr std::size_t shown_rows = 12;

enum class Tone : std::uint8_t { plain, bold, red, yellow, cyan, dim, green };

class Writer {
public:
  Writer(const Report& report, const ReportOptions& options)
      : report_(report), program_(report.program), options_(options), redact_(report.program) {}

  std::string write() {
    verdict();
    findings();
    targets();
    summary();
    gone();
    requirements();
    not_analysed();
    footer();
    return std::move(out_);
  }

private:
  std::string paint(Tone tone, std::string_view text) const {
    if (!options_.color) return std::string(text);
    constexpr std::string_view codes[] = {"0", "1", "1;31", "1;33", "36", "2", "1;32"};
    return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(tone)], text);
  }
  std::string say(std::string_view id, const Arguments& arguments = {}) const {
    return phrase(id, arguments, options_.language);
  }
  static Tone tone_of(Priority priority) {
    return priority == Priority::p0   ? Tone::red
           : priority == Priority::p1 ? Tone::yellow
                                      : Tone::cyan;
  }
  void line(std::string_view text = "") {
    out_ += text;
    out_ += '\n';
  }
  std::string message_of(const Finding& finding) const {
    return text_of(aethel::message_of(finding), finding.arguments, options_.language);
  }

  void verdict() {
    const Summary summary = summarise(report_);
    const std::size_t blockers = summary.by_priority[0];
    const std::size_t rest = summary.by_priority[1] + summary.by_priority[2];
    switch (verdict_of(report_)) {
    case Verdict::not_ready:
      line(paint(Tone::red, blockers == 1
                                ? say("verdict-not-ready-one")
                                : say("verdict-not-ready", {{"count", std::to_string(blockers)}})));
      break;
    case Verdict::unknown: line(paint(Tone::yellow, say("verdict-unknown"))); break;
    case Verdict::ready:
      line(paint(Tone::green, rest == 0 ? say("verdict-ready")
                                        : say("verdict-ready-with-findings",
                                              {{"count", std::to_string(rest)}})));
    }
    if (report_.baseline) line("  " + say("baseline-counts", baseline_arguments(report_)));
    // The first blockers in order, one line each: what a release meeting reads.
    std::size_t number = 0;
    for (const Finding& finding : report_.findings) {
      if (finding.priority != Priority::p0 || finding.age == Age::old) continue;
      if (++number > 5) break;
      line(fmt::format("  {}. {}  {}", number, message_of(finding),
                       paint(Tone::dim, program_.place(finding.span))));
    }
    line();
  }

  void findings() {
    if (report_.findings.empty()) return;
    // By weight, then place: the list is long before it is read to its end.
    std::vector<const Finding*> ordered;
    std::size_t hidden = 0;
    for (const Finding& finding : report_.findings)
      if (finding.age == Age::old && !options_.verbose)
        ++hidden;
      else
        ordered.push_back(&finding);
    // Addresses follow the order of the file, so that ties keep it.
    std::ranges::sort(ordered, {},
                      [](const Finding* finding) { return std::pair(finding->priority, finding); });
    std::size_t shown = 0;
    for (const Finding* each : ordered) {
      if (!options_.verbose && shown == shown_findings) break;
      finding(*each);
      ++shown;
    }
    if (shown < ordered.size()) {
      line(say("more-findings", {{"count", std::to_string(ordered.size() - shown)}}));
      line();
    }
    if (hidden > 0) {
      line(say("baseline-hidden", {{"count", std::to_string(hidden)}}));
      line();
    }
  }

  void snippet(const Span& span, std::string_view note) {
    const Source* source = program_.sources->loaded(span.file);
    if (source == nullptr) {
      if (span.file)
        line(fmt::format("  {} {}", paint(Tone::cyan, "-->"), program_.sources->path(span.file)));
      return;
    }
    const Place begin = source->place(span.range.begin);
    const Place end = source->place(std::max(span.range.end, span.range.begin));
    const std::string number = std::to_string(begin.line);
    const std::string margin(number.size(), ' ');
    line(fmt::format("{}{} {}:{}:{}", margin, paint(Tone::cyan, "-->"), source->path(), begin.line,
                     begin.column));
    const std::string text = redact_.line(source->line(begin.line));
    if (text.size() > 400) return; // a minified line tells nobody anything
    line(fmt::format("{} {} {}", paint(Tone::cyan, number), paint(Tone::cyan, "|"), text));
    const std::size_t column = begin.column - 1;
    std::size_t length =
        end.line == begin.line && end.column > begin.column ? end.column - begin.column : 1;
    length = std::min(length, text.size() > column ? text.size() - column : 1);
    // Tabs stay tabs, so that the caret stands under its text; a character is one column.
    std::string indent;
    for (std::size_t i = 0; i < column && i < text.size(); ++i)
      if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80)
        indent += text[i] == '\t' ? '\t' : ' ';
    std::size_t carets = 0;
    for (std::size_t i = column; i < column + length && i < text.size(); ++i)
      if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) ++carets;
    line(fmt::format("{} {} {}{}{}", margin, paint(Tone::cyan, "|"), indent,
                     paint(Tone::red, std::string(std::max<std::size_t>(carets, 1), '^')),
                     note.empty() ? "" : " " + std::string(note)));
  }

  void finding(const Finding& finding) {
    line(fmt::format("{} {} [{}]", paint(tone_of(finding.priority), name_of(finding.priority)),
                     paint(Tone::bold, message_of(finding)), finding.rule->name));
    snippet(finding.span, "");
    std::size_t shown = 0;
    for (const Related& related : finding.related) {
      if (shown++ == 3 && !options_.verbose) break;
      const Message* own = find_message(*finding.rule, related.message);
      const std::string words = own != nullptr
                                    ? text_of(*own, related.arguments, options_.language)
                                    : phrase(related.message, related.arguments, options_.language);
      snippet(related.span, words);
    }
    if (finding.related.size() > 3 && !options_.verbose)
      line("  " + say("more-times", {{"count", std::to_string(finding.related.size() - 3)}}));
    if (!finding.targets.empty()) {
      const Target& target = program_.targets[finding.targets.front()];
      std::string text = fmt::format("  = {}: {}", say(name_of(target.stage)), target.id);
      if (!target.stage_evidence.empty()) {
        const Evidence& evidence = target.stage_evidence.front();
        text += " (" + say(evidence.message, {{"detail", evidence.detail}}) + ")";
      }
      if (finding.targets.size() > 1) text += fmt::format(" +{}", finding.targets.size() - 1);
      line(paint(Tone::dim, text));
    }
    if (finding.age == Age::old || finding.age == Age::expired)
      line(paint(Tone::dim,
                 "  = " + say(finding.age == Age::old ? "baseline-old" : "baseline-expired",
                              {{"file", report_.baseline->name}})));
    if (!finding.help.empty())
      if (const Message* help = find_message(*finding.rule, finding.help))
        line(fmt::format("  {}: {}", paint(Tone::cyan, say("help")),
                         text_of(*help, finding.arguments, options_.language)));
    line();
  }

  void targets() {
    if (program_.targets.empty()) return;
    line(paint(Tone::bold, say("heading-targets")));
    std::size_t shown = 0;
    for (const Target& target : program_.targets) {
      if (!options_.verbose && shown == shown_rows) break;
      ++shown;
      std::string why;
      if (!target.stage_evidence.empty()) {
        const Evidence& evidence = target.stage_evidence.front();
        why = say(evidence.message, {{"detail", evidence.detail}});
        if (evidence.span.file && !why.contains(program_.sources->path(evidence.span.file)))
          why += ", " + program_.place(evidence.span);
      }
      line(fmt::format("  {:<15} {}{}", say(name_of(target.stage)), target.id,
                       why.empty() ? "" : paint(Tone::dim, "  " + why)));
    }
    more("more-targets", program_.targets.size() - shown);
    line();
  }

  void more(std::string_view id, std::size_t count) {
    if (count > 0) line("  " + say(id, {{"count", std::to_string(count)}}));
  }

  // Width in characters: Portuguese words are longer in bytes.
  static std::string padded(std::string_view text, std::size_t width) {
    std::size_t characters = 0;
    for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return std::string(text) + std::string(width > characters ? width - characters : 0, ' ');
  }

  void summary() {
    const Summary summary = summarise(report_);
    line(paint(Tone::bold, say("heading-summary")));
    line(fmt::format("  {} {:>4} {:>4} {:>4}", padded(say("category"), 18), "P0", "P1", "P2"));
    for (std::size_t i = 0; i < category_count; ++i) {
      const auto& row = summary.by_category[i];
      if (row[0] + row[1] + row[2] == 0) continue;
      line(fmt::format("  {} {:>4} {:>4} {:>4}", padded(say(name_of(static_cast<Category>(i))), 18),
                       row[0], row[1], row[2]));
    }
    line(fmt::format("  {} {:>4} {:>4} {:>4}", padded(say("total"), 18), summary.by_priority[0],
                     summary.by_priority[1], summary.by_priority[2]));
    if (report_.baseline) {
      std::array<std::size_t, 3> fresh{};
      for (const Finding& finding : report_.findings)
        if (finding.age != Age::old) ++fresh[static_cast<std::size_t>(finding.priority)];
      line(fmt::format("  {} {:>4} {:>4} {:>4}", padded(say("baseline-new"), 18), fresh[0],
                       fresh[1], fresh[2]));
    }
    std::string references;
    for (std::size_t i = 0; i < outcome_count; ++i)
      if (summary.references[i] > 0)
        references += fmt::format("{}{} {}", references.empty() ? "" : ", ", summary.references[i],
                                  name_of(static_cast<OutcomeState>(i)));
    if (!references.empty()) line(fmt::format("  {}: {}", say("heading-references"), references));
    if (summary.effort.high > 0)
      line("  " + say("effort", {{"low", fmt::format("{:.3g}", summary.effort.low)},
                                 {"high", fmt::format("{:.3g}", summary.effort.high)}}));
    line();
  }

  void gone() {
    if (!report_.baseline || report_.baseline->gone.empty()) return;
    line(paint(Tone::bold, say("baseline-gone")));
    std::size_t shown = 0;
    for (const BaselineEntry& entry : report_.baseline->gone) {
      if (!options_.verbose && shown == shown_rows) break;
      ++shown;
      line(fmt::format("  {} {} {}", entry.rule, entry.path, entry.name));
    }
    more("more-gone", report_.baseline->gone.size() - shown);
    line();
  }

  void requirements() {
    if (report_.requirements.empty()) return;
    line(paint(Tone::bold, say("heading-requirements")));
    std::size_t shown = 0;
    for (const Requirement& each : report_.requirements) {
      if (!options_.verbose && shown == shown_rows) break;
      ++shown;
      std::string environments;
      for (const std::string& name : each.environments)
        environments += (environments.empty() ? "  " : ", ") + name;
      line(fmt::format(
          "  {} {} {} {}  {}{}", name_of(each.priority), padded(say(each.kind), 20),
          padded(each.name, 28), padded(say(name_of(each.state)), 16),
          each.locations.empty() ? "" : paint(Tone::dim, program_.place(each.locations.front())),
          environments));
    }
    more("more-requirements", report_.requirements.size() - shown);
    line();
  }

  void not_analysed() {
    if (program_.not_analysed.empty()) return;
    line(paint(Tone::bold, say("heading-not-analysed")));
    std::size_t shown = 0;
    for (const NotAnalysed& each : program_.not_analysed) {
      if (!options_.verbose && shown == shown_rows) break;
      ++shown;
      line(fmt::format("  {}{}: {}", each.path, each.line != 0 ? fmt::format(":{}", each.line) : "",
                       each.reason));
    }
    more("more-not-analysed", program_.not_analysed.size() - shown);
    line();
  }

  void footer() {
    if (!report_.ignored.empty())
      line(say("ignored-count", {{"count", std::to_string(report_.ignored.size())}}));
    if (!report_.findings.empty())
      line(paint(Tone::dim,
                 say("see-explain", {{"rule", std::string(report_.findings.front().rule->name)}})));
  }

  const Report& report_;
  const Program& program_;
  const ReportOptions& options_;
  Redactor redact_;
  std::string out_;
};

std::string write(const Report& report, const ReportOptions& options) {
  return Writer(report, options).write();
}

} // namespace

extern constinit const ReportFormat text;
constinit const ReportFormat text{"text", "for people", write};

} // namespace aethel::formats
