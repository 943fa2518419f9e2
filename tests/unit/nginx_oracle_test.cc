// What nginx itself said, recorded by tests/oracle/nginx.py: of configurations that it could read
// or not, and of the location that answered a path. AETHEL_NGINX_ANSWERS names more of the first
// kind.
#include "link/nginx.h"
#include "support/answers.h"
#include "syntax/nginx.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>
#include <map>

namespace aethel {
namespace {

std::size_t line_of(std::string_view text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(
                 std::ranges::count(text.substr(0, std::min(offset, text.size())), '\n'));
}

// In the order in which nginx comes to them: what is missing at the end is found there.
struct Verdict {
  std::size_t line = 0; // 0: nothing is wrong; the last of all for the end of the file
  std::string words;
};

constexpr std::size_t at_end = std::numeric_limits<std::size_t>::max();

Verdict ours(const std::string& text) {
  const nginx::File file = nginx::parse(text);
  Verdict first;
  for (const nginx::Problem& problem : file.problems) {
    using Kind = nginx::Problem::Kind;
    const bool end = problem.kind == Kind::unexpected_end || problem.kind == Kind::unclosed_block;
    const std::size_t line = end ? at_end : line_of(text, problem.range.begin);
    if (first.line == 0 || line < first.line) first = {line, nginx::describe(problem)};
  }
  return first;
}

struct Counts {
  std::size_t agreed = 0, refused = 0, cut_short = 0, differ = 0;
};

Counts compare(const std::vector<test::Answer>& answers) {
  Counts counts;
  for (const auto& [text, answer] : answers) {
    const Verdict mine = ours(text);
    bool same = false;
    if (answer == "ok") {
      same = mine.line == 0;
    } else {
      const std::size_t space = answer.find(' ');
      std::size_t line = 0;
      std::from_chars(answer.data() + space + 1, answer.data() + answer.size(), line);
      if (answer.starts_with("parser")) {
        const std::string words = answer.substr(answer.find(' ', space + 1) + 1);
        const bool end = words.starts_with("unexpected end");
        same = end ? mine.line == at_end : mine.line == line && mine.words == words;
        // A quote that is never closed and is longer than nginx's buffer.
        if (words == "too long parameter") same = mine.line != 0;
        counts.refused += same ? 1u : 0u;
      } else {
        // nginx stopped at what a directive means: up to there it could read.
        same = mine.line == 0 || line == 0 || mine.line >= line;
        counts.cut_short += same ? 1u : 0u;
      }
    }
    counts.agreed += same ? 1u : 0u;
    counts.differ += same ? 0u : 1u;
    if (!same && counts.differ <= 10)
      ADD_FAILURE() << "nginx: " << answer << "\nours: " << mine.line << " " << mine.words << "\n"
                    << text.substr(0, 3000);
  }
  return counts;
}

TEST(NginxOracle, reads_what_nginx_reads_and_refuses_what_it_refuses) {
  const auto answers = test::read_answers("nginx");
  EXPECT_GE(answers.size(), 120u);
  const Counts counts = compare(answers);
  EXPECT_EQ(counts.differ, 0u);
}

TEST(NginxOracle, agrees_on_configurations_that_are_not_ours) {
  const char* path = std::getenv("AETHEL_NGINX_ANSWERS");
  if (path == nullptr) GTEST_SKIP() << "AETHEL_NGINX_ANSWERS names no file";
  const Counts counts = compare(test::read_answers_of(path));
  std::printf("%zu agreed (%zu refused alike, %zu cut short by their meaning), %zu differ\n",
              counts.agreed, counts.refused, counts.cut_short, counts.differ);
  EXPECT_EQ(counts.differ, 0u);
}

Nginx configuration(const nginx::File& file) {
  Nginx nginx;
  for (const nginx::Directive& each : file.directives) {
    NginxDirective directive{.parent = each.parent, .end = each.end, .block = each.block};
    for (const nginx::Word& word : each.words)
      directive.words.push_back({.text = word.text, .quoted = word.quoted});
    nginx.directives.push_back(std::move(directive));
  }
  return nginx;
}

TEST(NginxOracle, chooses_the_location_that_nginx_chooses) {
  const auto answers = test::read_answers("nginx_locations");
  EXPECT_GE(answers.size(), 100u);
  std::size_t asked = 0, unsure = 0;
  for (const auto& [text, answer] : answers) {
    const nginx::File file = nginx::parse(text);
    ASSERT_TRUE(file.problems.empty()) << text;
    const Nginx nginx = configuration(file);
    for (std::size_t at = 0; at < answer.size();) {
      const std::size_t end = std::min(answer.find(' ', at), answer.size());
      const std::string one = answer.substr(at, end - at);
      at = end + 1;
      const std::size_t equals = one.rfind('=');
      const LocationChoice choice = choose_location(nginx, 0, one.substr(0, equals));
      ++asked;
      unsure += choice.sure ? 0u : 1u;
      std::string name = "-";
      if (choice.location != nginx::no_parent)
        for (std::size_t i = choice.location + 1; i < nginx.directives[choice.location].end; ++i)
          if (nginx.directives[i].name() == "return") {
            name = nginx.directives[i].words[2].text;
            break;
          }
      EXPECT_EQ(name, one.substr(equals + 1)) << one << " of " << text;
    }
  }
  EXPECT_GE(asked, 1500u);
  EXPECT_EQ(unsure, 0u);
}

} // namespace
} // namespace aethel
