#include "syntax/github_expression.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace aethel::github {
namespace {

Value run(std::string_view source, const Value& contexts = Value::object({})) {
  const Parsed parsed = parse(source);
  EXPECT_TRUE(parsed.root) << source;
  if (!parsed.root) return Value::any();
  Scope scope;
  scope.context = [&](std::string_view name) {
    const Value* found = contexts.member(name);
    return found != nullptr ? *found : Value::any();
  };
  return evaluate(*parsed.root, scope);
}

Truth truth(std::string_view source, const Value& contexts = Value::object({})) {
  return run(source, contexts).truth();
}

std::optional<Problem::Kind> problem(std::string_view source) {
  const Parsed parsed = parse(source);
  return parsed.problem ? std::optional(parsed.problem->kind) : std::nullopt;
}

std::vector<Problem::Kind> checked(std::string_view source,
                                   const std::vector<std::string_view>& allowed) {
  const Parsed parsed = parse(source);
  std::vector<Problem::Kind> kinds;
  if (parsed.root)
    for (const Problem& each : check(*parsed.root, allowed)) kinds.push_back(each.kind);
  return kinds;
}

TEST(GithubExpression, ComparesLikeGithub) {
  for (const std::string_view yes :
       {"'Main' == 'main'", "1 == '1'", "'' == 0", "null == 0", "true == 1", "'0x10' == 16",
        "!('a' == 0)", "null == ''", "1 < 2", "'a' < 'B'", "2 >= '2'", "!(NaN == NaN)",
        "!('a' < 1)", "'it''s' != 'its'", "1 < 2 == true", "!false && true",
        "false && false || true", "true || false && false"})
    EXPECT_EQ(truth(yes), Truth::yes) << yes;
  for (const std::string_view no : {"''", "0", "null", "NaN", "-0", "'a' == 'b'", "!'x'"})
    EXPECT_EQ(truth(no), Truth::no) << no;
}

TEST(GithubExpression, CallsFunctions) {
  EXPECT_EQ(run("format('{0}-{1}{{}}', 'a', 2)").text(), "a-2{}");
  EXPECT_EQ(run("join(fromJSON('[1, \"b\", true]'), '+')").text(), "1+b+true");
  EXPECT_EQ(run("fromJSON('{\"a\": {\"b\": [1, 2]}}').A.b[1]").number(), 2);
  EXPECT_EQ(run("join(fromJSON('[{\"n\": 1}, {\"n\": 2}]').*.n)").text(), "1,2");
  EXPECT_EQ(truth("contains('Hello', 'LL')"), Truth::yes);
  EXPECT_EQ(truth("contains(fromJSON('[\"push\"]'), 'pull')"), Truth::no);
  EXPECT_EQ(truth("startsWith('refs/tags/v1', 'refs/tags/')"), Truth::yes);
  EXPECT_EQ(run("case(false, 1, true, 2, 3)").number(), 2);
  EXPECT_EQ(run("0 || 'fallback'").text(), "fallback");
}

TEST(GithubExpression, KnowsAPartOfAText) {
  const Value contexts =
      Value::object({{"github", Value::object({{"ref", Value::text_like("refs/tags/v")},
                                               {"event_name", Value::text("push")},
                                               {"actor", Value::some(Value::Kind::text)}})}});
  EXPECT_EQ(truth("github.ref == 'refs/heads/main'", contexts), Truth::no);
  EXPECT_EQ(truth("startsWith(github.ref, 'refs/tags/')", contexts), Truth::yes);
  EXPECT_EQ(truth("github.ref == 'refs/tags/v1'", contexts), Truth::maybe);
  EXPECT_EQ(truth("contains(github.ref, 'beta')", contexts), Truth::maybe);
  EXPECT_EQ(truth("github.ref == 'refs/heads/main' && github.actor == 'x'", contexts), Truth::no);
  EXPECT_EQ(truth("github.actor == 'x' && github.ref == 'refs/heads/main'", contexts), Truth::no);
  EXPECT_EQ(truth("github.actor == 'x' || github.event_name == 'push'", contexts), Truth::yes);
  EXPECT_EQ(truth("github.ref == 3", contexts), Truth::no);
  EXPECT_EQ(truth("github.ref_name || 'x'", contexts), Truth::yes);
}

TEST(GithubExpression, NamesWhatAnObjectLacks) {
  const Parsed parsed = parse("steps.build.outputs.x && steps.biuld.outcome");
  Scope scope;
  std::vector<std::string> missing;
  scope.context = [](std::string_view) {
    return Value::object(
        {{"build", Value::object({{"outputs", Value::some(Value::Kind::object)}})}});
  };
  scope.missing = [&](const Expression& object, const std::string& name, const Range& range,
                      const Value&) {
    missing.push_back(fmt::format("{}.{}@{}", path_of(object), name, range.begin));
  };
  (void)evaluate(*parsed.root, scope);
  EXPECT_EQ(missing, std::vector<std::string>{"steps.biuld@31"});
}

TEST(GithubExpression, RefusesWhatGithubRefuses) {
  using Kind = Problem::Kind;
  EXPECT_EQ(problem(""), Kind::empty);
  EXPECT_EQ(problem("a ="), Kind::unexpected);
  EXPECT_EQ(problem("a = 'b'"), Kind::unexpected);
  EXPECT_EQ(problem("'a"), Kind::unclosed_text);
  EXPECT_EQ(problem("\"a\""), Kind::unexpected);
  EXPECT_EQ(problem("(a"), Kind::unexpected_end);
  EXPECT_EQ(problem("a b"), Kind::unexpected);
  EXPECT_EQ(problem("a ||"), Kind::unexpected_end);
  EXPECT_EQ(problem("a +1"), Kind::unexpected);
  EXPECT_EQ(problem("github."), Kind::unexpected_end);
  EXPECT_EQ(problem("'a'.b"), Kind::unexpected);
  EXPECT_EQ(problem("github.ref"), std::nullopt);
  EXPECT_EQ(checked("gihub.ref", {"github"}), std::vector{Kind::unknown_context});
  EXPECT_EQ(checked("secrets.X != ''", {"github"}), std::vector{Kind::unavailable_context});
  EXPECT_EQ(checked("hashFiles('a')", {"github"}), std::vector{Kind::unavailable_function});
  EXPECT_EQ(checked("hashFiles()", {"hashFiles(1,255)"}), std::vector{Kind::too_few_arguments});
  EXPECT_EQ(checked("failure('a')", {"failure(0,MAX)"}), std::vector<Kind>{});
  EXPECT_EQ(checked("contain('a', 'b')", {}), std::vector{Kind::unknown_function});
  EXPECT_EQ(checked("join('a', 'b', 'c')", {}), std::vector{Kind::too_many_arguments});
}

TEST(GithubExpression, StaysBoundedOnHostileInput) {
  using Kind = Problem::Kind;
  const auto repeated = [](std::string_view text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
  };
  EXPECT_EQ(problem(repeated("(", 20'000)), Kind::too_deep);
  EXPECT_EQ(problem(repeated("!", 20'000) + "a"), Kind::too_deep);
  EXPECT_EQ(problem("a" + repeated(".a", 10'000)), Kind::too_deep);
  EXPECT_EQ(problem("a" + repeated("[a", 9'000)), Kind::too_deep);
  EXPECT_EQ(problem("1" + repeated("==1", 6'000)), Kind::too_many);
  EXPECT_EQ(problem(repeated(" ", 22'000)), Kind::too_long);
  EXPECT_EQ(truth("1" + repeated("||1", 6'000)), Truth::yes);
  std::string nested = "'x'";
  for (int i = 0; i < 45; ++i) nested = "format('{0}{0}{0}', " + nested + ")";
  EXPECT_EQ(run(nested).kind(), Value::Kind::text);
  EXPECT_FALSE(parse_json(repeated("[", 100'000)));
  EXPECT_FALSE(parse_json("{\"a\": }"));
  EXPECT_TRUE(parse_json(" [1, {\"a\\u00e9\": -1.5e3}] "));
}

// The cases of GitHub's own parser: expressions/testdata of github.com/actions/languageservices
// (MIT). Not part of this repository; AETHEL_GITHUB_EXPRESSIONS names the folder.
TEST(GithubExpression, AgreesWithGithubsCases) {
  const char* folder = std::getenv("AETHEL_GITHUB_EXPRESSIONS");
  if (folder == nullptr) GTEST_SKIP() << "AETHEL_GITHUB_EXPRESSIONS is not set";
  int count = 0, open = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const auto file = parse_json(text.str());
    ASSERT_TRUE(file) << entry.path();
    for (const auto& [group, cases] : file->members())
      for (const Value& each : cases.items()) {
        const std::string source = each.member("expr")->text();
        const Value* error = each.member("err");
        const Value* result = each.member("result");
        const Parsed parsed = parse(source);
        const std::string where = entry.path().filename().string() + " " + group + ": " + source;
        ++count;
        const bool parsing = error != nullptr && error->member("kind") != nullptr &&
                             error->member("kind")->text() != "evaluation";
        if (parsing) {
          std::vector<std::string_view> allowed;
          if (const Value* contexts = each.member("contexts"))
            for (const auto& [name, value] : contexts->members()) allowed.push_back(name);
          EXPECT_TRUE(parsed.problem || !check(*parsed.root, allowed).empty()) << where;
          continue;
        }
        if (result == nullptr) continue;
        if (source.find_first_not_of(' ') == std::string::npos) continue;
        EXPECT_TRUE(parsed.root) << where;
        if (!parsed.root) continue;
        const Value* contexts = each.member("contexts");
        const Value value = run(source, contexts != nullptr ? *contexts : Value::object({}));
        const std::string kind = result->member("kind")->text();
        const Value* expected = result->member("value");
        if (value.kind() == Value::Kind::any || !value.known()) {
          ++open;
          continue;
        }
        using Kind = Value::Kind;
        if (kind == "Null") {
          EXPECT_EQ(value.kind(), Kind::null) << where;
        } else if (kind == "Boolean") {
          EXPECT_EQ(value.kind(), Kind::boolean) << where;
          EXPECT_EQ(value.boolean(), expected->boolean()) << where;
        } else if (kind == "String") {
          EXPECT_EQ(value.text(), expected->text()) << where;
        } else if (kind == "Number") {
          EXPECT_EQ(value.kind(), Kind::number) << where;
          if (expected->kind() == Kind::number) {
            EXPECT_EQ(value.number(), expected->number()) << where;
          }
        } else {
          EXPECT_EQ(value.kind(), kind == "Array" ? Kind::array : Kind::object) << where;
        }
      }
  }
  fmt::print("{} cases, {} left open\n", count, open);
}

} // namespace
} // namespace aethel::github
