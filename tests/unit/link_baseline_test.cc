// The file of --baseline: what is read, what is refused and where, and which findings are new.
#include "link/baseline.h"
#include "support/linked.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

using testing::link_text;
using testing::parse_txtar;

constexpr std::string_view good = R"(version: 1
findings:
  - rule: undefined-path
    path: compose.yaml
    name: 'a: b'
    fingerprint: 00e1234567890123
    count: 2
    expires: 2027-01-31
    reason: "moves\nsoon"
)";

TEST(Baseline, is_read_and_written_as_the_same) {
  const auto read = read_baseline(good, "b.yaml");
  ASSERT_TRUE(read) << read.error().message;
  const std::string text = write_baseline(*read);
  const auto again = read_baseline(text, "b.yaml");
  ASSERT_TRUE(again) << again.error().message << text;
  EXPECT_EQ(write_baseline(*again), text);
  ASSERT_EQ(again->entries.size(), 1u);
  EXPECT_EQ(again->entries[0].fingerprint, "00e1234567890123");
  EXPECT_EQ(again->entries[0].name, "a: b");
  EXPECT_EQ(again->entries[0].count, 2u);
  EXPECT_EQ(again->entries[0].reason, "moves\nsoon");
  EXPECT_EQ(format_date(*again->entries[0].expires), "2027-01-31");
}

TEST(Baseline, is_sorted_and_holds_only_text) {
  Baseline baseline;
  baseline.entries = {
      {.fingerprint = "ffffffffffffffff", .rule = "b", .path = "z", .expires = {}},
      {.fingerprint = "0000000000000001", .rule = "a", .path = "a\xff\n: #", .expires = {}}};
  const std::string text = write_baseline(baseline);
  EXPECT_LT(text.find("0000000000000001"), text.find("ffffffffffffffff"));
  const auto read = read_baseline(text, "b.yaml");
  ASSERT_TRUE(read) << read.error().message << text;
  EXPECT_EQ(read->entries[0].path, "a?\n: #");
  EXPECT_TRUE(read_baseline(write_baseline({}), "b.yaml"));
}

TEST(Baseline, names_the_place_of_a_mistake) {
  struct Case {
    std::string_view text, message;
    std::uint32_t line;
  };
  const Case cases[] = {
      {"", "is empty", 1},
      {"- a\n", "must be a mapping", 1},
      {"findings: []\n", "\"version\" is missing", 1},
      {"version: 2\nfindings: []\n", "not known", 1},
      {"version: 1\n", "\"findings\" is missing", 1},
      {"version: 1\nfindings: {}\n", "must be a list", 2},
      {"version: 1\nfindngs: []\n", "unknown key \"findngs\"", 2},
      {"version: 1\nfindings: [a]\n", "must be a mapping", 2},
      {"version: 1\nfindings:\n  - rule: a\n", "\"fingerprint\" is missing", 3},
      {"version: 1\nfindings:\n  - fingerprint: 0123456789abcdef\n", "\"rule\" is missing", 3},
      {"version: 1\nfindings:\n  - {rule: a, fingerprint: 0123456789abcdef-1}\n", "16 hexadecimal",
       3},
      {"version: 1\nfindings:\n  - {rule: a, fingerprint: 0123456789abcdef, count: 0}\n",
       "\"count\"", 3},
      {"version: 1\nfindings:\n  - {rule: a, fingerprint: 0123456789abcdef, expires: soon}\n",
       "\"expires\"", 3},
      {"version: 1\nfindings:\n  - {rule: [a], fingerprint: 0123456789abcdef}\n", "must be a text",
       3},
      {"version: 1\nfindings:\n  - {rule: a, fingerprint: 0123456789abcdef}\n"
       "  - {rule: a, fingerprint: 0123456789abcdef}\n",
       "given twice", 4},
      {"version: 1\n<<<<<<< HEAD\nfindings: []\n=======\n>>>>>>> b\n", "", 3},
      {"version: 1\nfindings: [\n", "not valid YAML", 3},
      {"version: 1\nfindings: []\n---\nversion: 1\n", "more than one document", 3},
  };
  for (const Case& each : cases) {
    const auto read = read_baseline(each.text, "b.yaml");
    ASSERT_FALSE(read) << each.text;
    EXPECT_NE(read.error().message.find(each.message), std::string::npos)
        << each.text << read.error().message;
    EXPECT_EQ(read.error().path, "b.yaml");
    EXPECT_EQ(read.error().line, each.line) << each.text << read.error().message;
  }
}

TEST(Baseline, survives_hostile_bytes) {
  std::string deep = "version: 1\nfindings: ";
  deep.append(100'000, '[');
  std::string bomb = "version: 1\nfindings:\n  - &a {rule: x, fingerprint: 0123456789abcdef}\n";
  for (int i = 0; i < 1000; ++i) bomb += "  - *a\n";
  for (const std::string& text :
       {deep, bomb, std::string("\0\xff\xfe", 3), std::string(4096, '\t')})
    EXPECT_FALSE(read_baseline(text, "b.yaml"));
}

// Two services wait for nobody: one rule, one file, one symbol.
constexpr std::string_view two = R"(-- compose.yaml --
services:
  a: {image: "nginx:1.28", depends_on: [nobody]}
  b: {image: "nginx:1.28", depends_on: [nobody]}
)";

TEST(Baseline, counts_equal_fingerprints) {
  auto linked = link_text(parse_txtar(two));
  Report& report = linked.report;
  const Baseline all = update_baseline(report.program, {}, report.findings, report.findings);
  apply_baseline(report, all, "b.yaml");
  EXPECT_EQ(count_of(report, Age::old), report.findings.size());
  EXPECT_TRUE(report.baseline->gone.empty());

  Baseline more = all;
  for (BaselineEntry& entry : more.entries) entry.count += 1;
  apply_baseline(report, more, "b.yaml");
  EXPECT_EQ(report.baseline->gone.size(), more.entries.size());
  EXPECT_EQ(report.baseline->gone.front().count, 1u);

  apply_baseline(report, {}, "b.yaml");
  EXPECT_EQ(count_of(report, Age::fresh), report.findings.size());
}

TEST(Baseline, lets_an_expired_entry_count_again_and_keeps_it) {
  auto linked = link_text(parse_txtar(two)); // on 2026-11-25
  Report& report = linked.report;
  Baseline baseline = update_baseline(report.program, {}, report.findings, report.findings);
  for (BaselineEntry& entry : baseline.entries) {
    entry.reason = "mended with the next release";
    entry.expires = parse_date("2026-11-25"); // the last day on which it holds
  }
  apply_baseline(report, baseline, "b.yaml");
  EXPECT_EQ(count_of(report, Age::expired), 0u);
  for (BaselineEntry& entry : baseline.entries) entry.expires = parse_date("2026-11-24");
  apply_baseline(report, baseline, "b.yaml");
  EXPECT_EQ(count_of(report, Age::expired), report.findings.size());
  EXPECT_EQ(report.baseline->expired.size(), baseline.entries.size());
  const Baseline updated =
      update_baseline(report.program, baseline, report.findings, report.findings);
  EXPECT_EQ(write_baseline(updated), write_baseline(baseline));
}

TEST(Baseline, keeps_what_is_there_and_not_shown_and_drops_what_is_gone) {
  auto linked = link_text(parse_txtar(two));
  Report& report = linked.report;
  Baseline old = update_baseline(report.program, {}, report.findings, report.findings);
  const std::size_t there = old.entries.size();
  old.entries.push_back(
      {.fingerprint = "0123456789abcdef", .rule = "undefined-path", .expires = {}});
  const Baseline updated = update_baseline(report.program, old, report.findings, {});
  EXPECT_EQ(updated.entries.size(), there);
}

} // namespace
} // namespace aethel
