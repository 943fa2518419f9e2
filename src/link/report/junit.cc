// `--format junit`: JUnit's XML, which Jenkins, GitLab, Azure and others show as test results. A
// suite a rule and a case a finding; a rule without findings has one case that passes, because
// a report without cases is an error to Jenkins. What lets the run fail is a failure, the rest is
// skipped, with the reason. Names hold no lines, so that a case is the same in the next run.
// Source: junit-10.xsd of Jenkins' xUnit plugin;
// https://docs.gitlab.com/ci/testing/unit_test_reports/
#include "link/phrases.h"
#include "link/report/support/place.h"
#include "link/report_format.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace aethel::formats {
namespace {

// Characters that XML 1.0 forbids are U+FFFD. Source: https://www.w3.org/TR/xml/#charsets.
std::string xml(std::string_view raw, bool attribute) {
  const std::string text = as_utf8(raw);
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    // U+FFFE and U+FFFF are characters of UTF-8 and none of XML.
    if (c == 0xef &&
        (text.compare(at, 3, "\xef\xbf\xbe") == 0 || text.compare(at, 3, "\xef\xbf\xbf") == 0)) {
      out += "\xef\xbf\xbd";
      at += 2;
      continue;
    }
    switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += attribute ? "&quot;" : "\""; break;
    case '\n': out += attribute ? "&#10;" : "\n"; break;
    case '\t': out += attribute ? "&#9;" : "\t"; break;
    case '\r': out += "&#13;"; break;
    default: c < 0x20 ? out += "\xef\xbf\xbd" : out += static_cast<char>(c);
    }
  }
  return out;
}

struct Suite {
  std::string name;
  std::string cases;
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

class Writer {
public:
  Writer(const Report& report, const ReportOptions& options)
      : report_(report), program_(report.program), options_(options) {}

  std::string write() {
    std::vector<Suite> suites;
    for (const Rule* rule : rules_by_name()) suites.push_back(suite_of(*rule));
    suites.push_back(not_analysed());
    Suite total;
    std::string body;
    for (const Suite& suite : suites) {
      total.tests += suite.tests;
      total.failures += suite.failures;
      total.errors += suite.errors;
      body += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
                          "skipped=\"{}\" time=\"0\">\n{}  </testsuite>\n",
                          xml(suite.name, true), suite.tests, suite.failures, suite.errors,
                          suite.skipped, suite.cases);
    }
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"aethel\" "
                       "tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"0\">\n{}</testsuites>\n",
                       total.tests, total.failures, total.errors, body);
  }

private:
  std::string say(std::string_view id, const Arguments& arguments = {}) const {
    return phrase(id, arguments, options_.language);
  }

  static std::vector<const Rule*> rules_by_name() {
    std::vector<const Rule*> sorted(rules::all().begin(), rules::all().end());
    std::ranges::sort(sorted, {}, [](const Rule* rule) { return rule->name; });
    return sorted;
  }

  Suite suite_of(const Rule& rule) const {
    Suite suite{.name = std::string(rule.name)};
    for (const auto* findings : {&report_.findings, &report_.ignored})
      for (const Finding& finding : *findings)
        if (finding.rule == &rule) add(suite, finding);
    if (suite.tests == 0) {
      const bool pt = options_.language == Language::pt;
      open(suite, class_of(rule, rule.category), pt ? rule.title_pt : rule.title_en, true);
    }
    return suite;
  }

  static std::string class_of(const Rule& rule, Category category) {
    return fmt::format("aethel.{}.{}", name_of(category), rule.name);
  }

  static void open(Suite& suite, std::string_view class_name, std::string_view name, bool empty) {
    ++suite.tests;
    suite.cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"0\"{}>\n",
                               xml(class_name, true), xml(name, true), empty ? "/" : "");
  }

  // Why the run does not fail for it; empty when it does.
  std::string excuse(const Finding& finding) const {
    if (finding.aside)
      return say(finding.aside->by == SetAside::By::comment ? "ignored-by-comment"
                                                            : "ignored-by-configuration",
                 {{"reason", finding.aside->reason}});
    if (finding.age == Age::old) return say("baseline-old", {{"file", report_.baseline->name}});
    if (!fails(finding, options_.fail_on))
      return say("below-limit", {{"priority", std::string(name_of(finding.priority))},
                                 {"limit", std::string(name_of(options_.fail_on))}});
    return {};
  }

  void add(Suite& suite, const Finding& finding) const {
    const std::string words = words_of(finding, options_.language);
    const std::string path = path_of(program_, finding.span, {});
    open(suite, class_of(*finding.rule, category_of(finding)),
         path.empty() ? words : path + ": " + words, false);
    const std::string why = excuse(finding);
    if (!why.empty()) {
      ++suite.skipped;
      suite.cases += fmt::format("      <skipped message=\"{}\"/>\n", xml(why, true));
    } else {
      ++suite.failures;
      suite.cases += fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                                 name_of(finding.priority), xml(words, true),
                                 xml(details(finding, words), false));
    }
    suite.cases += "    </testcase>\n";
  }

  std::string details(const Finding& finding, std::string_view words) const {
    std::string text = fmt::format("{} {} [{}]\n{}\n", name_of(finding.priority), words,
                                   finding.rule->name, program_.place(finding.span));
    for (const Related& related : finding.related)
      text += fmt::format("{}: {}\n", program_.place(related.span),
                          words_of(finding, related, options_.language));
    for (const TargetIndex target : finding.targets)
      text += fmt::format("{}: {}\n", say(name_of(program_.targets[target].stage)),
                          program_.targets[target].id);
    if (const std::string help = help_of(finding, options_.language); !help.empty())
      text += fmt::format("{}: {}\n", say("help"), help);
    return text;
  }

  Suite not_analysed() const {
    Suite suite{.name = "not-analysed"};
    for (const NotAnalysed& each : program_.not_analysed) {
      open(suite, "aethel.not-analysed", each.path + ": " + each.reason, false);
      const bool error = each.production_root && !options_.allow_unanalysed;
      ++(error ? suite.errors : suite.skipped);
      suite.cases += fmt::format("      <{} message=\"{}\"/>\n    </testcase>\n",
                                 error ? "error" : "skipped", xml(each.reason, true));
    }
    if (suite.tests == 0) open(suite, "aethel.not-analysed", say("all-analysed"), true);
    return suite;
  }

  const Report& report_;
  const Program& program_;
  const ReportOptions& options_;
};

std::string write(const Report& report, const ReportOptions& options) {
  return Writer(report, options).write();
}

} // namespace

extern constinit const ReportFormat junit;
constinit const ReportFormat junit{"junit", "JUnit's XML, for test reports of pipelines", write};

} // namespace aethel::formats
