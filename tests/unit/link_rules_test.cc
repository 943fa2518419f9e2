// The documentation of each rule is its test: every txtar example of `doc` is linked, and
// the lines with `# error: <rule>` are exactly the ones that the rule reports.
#include "link/rule.h"
#include "support/linked.h"

#include <algorithm>
#include <set>

namespace aethel {
namespace {

using testing::Txtar;

std::vector<std::string> examples_of(std::string_view doc) {
  std::vector<std::string> examples;
  constexpr std::string_view fence = "```txtar\n";
  for (std::size_t at = doc.find(fence); at != std::string_view::npos; at = doc.find(fence, at)) {
    at += fence.size();
    const std::size_t end = doc.find("\n```", at);
    examples.emplace_back(doc.substr(at, end + 1 - at));
    at = end;
  }
  return examples;
}

std::set<std::string> expected_lines(const Txtar& archive, std::string_view rule) {
  std::set<std::string> lines;
  for (const auto& [path, bytes] : archive.files) {
    const Source source(path, bytes);
    for (std::uint32_t line = 1; line <= source.line_count(); ++line) {
      const std::size_t mark = source.line(line).find("# error: " + std::string(rule));
      if (mark == std::string_view::npos) continue;
      // A mark alone on its line is about the next: Dockerfiles have no remarks behind words.
      lines.insert(path + ":" + std::to_string(mark == 0 ? line + 1 : line));
    }
  }
  return lines;
}

class RuleExamples : public ::testing::TestWithParam<const Rule*> {};

TEST_P(RuleExamples, report_exactly_the_marked_lines) {
  const Rule& rule = *GetParam();
  const std::vector<std::string> examples = examples_of(rule.doc);
  ASSERT_GE(examples.size(), 2u);
  std::size_t silent = 0;
  for (const std::string& text : examples) {
    const Txtar archive = testing::parse_txtar(text);
    const testing::LinkedText linked = testing::link_text(archive);
    const std::set<std::string> expected = expected_lines(archive, rule.name);
    silent += expected.empty() ? 1 : 0;
    std::set<std::string> found;
    for (const Finding& finding : linked.report.findings)
      if (finding.rule == &rule && finding.confidence != Confidence::possible)
        found.insert(linked.report.program.place(finding.span));
    EXPECT_EQ(found, expected) << "in the example:\n" << text;
  }
  EXPECT_GE(silent, 1u) << "a rule shows what it leaves alone";
}

std::string test_name(const ::testing::TestParamInfo<const Rule*>& info) {
  std::string name(info.param->name);
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, RuleExamples,
                         ::testing::ValuesIn(rules::all().begin(), rules::all().end()), test_name);

TEST(Rules, have_unique_names_and_ids) {
  std::set<std::string_view> seen;
  for (const Rule* rule : rules::all()) {
    EXPECT_TRUE(seen.insert(rule->id).second) << rule->id;
    EXPECT_TRUE(seen.insert(rule->name).second) << rule->name;
  }
}

} // namespace
} // namespace aethel
