#include "syntax/compose_template.h"

#include "support/answers.h"

#include <gtest/gtest.h>

#include <map>

namespace aethel::compose_template {
namespace {

std::string_view raw(std::string_view text, Range range) {
  return text.substr(range.begin, range.end - range.begin);
}

std::optional<std::string> environment(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> values = {
      {"FOO", "first"}, {"BAR", ""}, {"JSON", "{\"json\":2}"}, {"A", "a"}};
  const auto found = values.find(name);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

TEST(ComposeTemplate, keeps_the_place_of_every_piece) {
  const std::string_view text = "postgres://${USER:-app}:$PASSWORD@$$db/${DB:?set ${X}}";
  const Template result = parse(text);
  EXPECT_TRUE(result.problems.empty());
  ASSERT_EQ(result.pieces.size(), 8u);
  EXPECT_EQ(result.pieces[0].text, "postgres://");
  const Piece& user = result.pieces[1];
  EXPECT_EQ(user.kind, Kind::hole);
  EXPECT_EQ(user.text, "USER");
  EXPECT_EQ(user.form, Form::default_if_empty);
  EXPECT_EQ(raw(text, user.range), "${USER:-app}");
  EXPECT_EQ(raw(text, user.name_range), "USER");
  EXPECT_EQ(raw(text, user.operand_range), "app");
  EXPECT_EQ(raw(text, result.pieces[3].range), "$PASSWORD");
  EXPECT_EQ(result.pieces[3].form, Form::plain);
  EXPECT_EQ(result.pieces[5].text, "$");
  EXPECT_EQ(raw(text, result.pieces[5].range), "$$");
  const Piece& database = result.pieces[7];
  EXPECT_EQ(database.form, Form::required_if_empty);
  ASSERT_EQ(database.operand.size(), 2u);
  EXPECT_EQ(raw(text, database.operand[1].range), "${X}");
}

TEST(ComposeTemplate, tells_what_is_wrong_and_where) {
  const std::string_view text = "a ${} ${1} ${X!} ${Y:-";
  const Template result = parse(text);
  ASSERT_EQ(result.problems.size(), 4u);
  EXPECT_EQ(result.problems[0].kind, Problem::Kind::no_name);
  EXPECT_EQ(raw(text, result.problems[0].range), "${}");
  EXPECT_EQ(result.problems[1].kind, Problem::Kind::bad_name);
  EXPECT_EQ(result.problems[2].kind, Problem::Kind::bad_operator);
  EXPECT_EQ(raw(text, result.problems[2].range), "${X!");
  EXPECT_EQ(result.problems[3].kind, Problem::Kind::unclosed);
  EXPECT_EQ(result.problems[3].where, Problem::Where::text);
  EXPECT_FALSE(describe(result.problems[3].kind).empty());
}

TEST(ComposeTemplate, a_problem_in_an_operand_waits_for_its_use) {
  const Template result = parse("${A:-${}}");
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_EQ(result.problems[0].where, Problem::Where::operand);
}

TEST(ComposeTemplate, an_operand_ends_with_its_line) {
  EXPECT_EQ(parse("${X:-a\nb}").problems.size(), 1u);
  EXPECT_EQ(parse("${X:-{}} ${Y}").problems.size(), 1u);
}

TEST(ComposeTemplate, reads_a_line_of_many_holes_and_many_levels_in_linear_time) {
  std::string wide, deep;
  for (int i = 0; i < 100'000; ++i) {
    wide += "${X:-a} ";
    deep += "${X:-";
  }
  EXPECT_EQ(parse(wide).pieces.size(), 200'000u);
  EXPECT_EQ(parse(deep).problems.size(), 100'000u);
  const Template closed = parse(deep + std::string(100'000, '}'));
  ASSERT_EQ(closed.problems.size(), 1u);
  EXPECT_EQ(closed.problems[0].kind, Problem::Kind::too_deep);
}

TEST(ComposeTemplate, bounds_what_grows_by_doubling) {
  const Template doubled = parse("$A$A");
  std::string value = "x";
  for (int i = 0; i < 40; ++i)
    value = substitute(doubled.pieces, [&](std::string_view) { return value; }).value;
  EXPECT_LE(value.size(), value_limit * 3);
}

TEST(ComposeTemplate, agrees_with_compose_go) {
  int checked = 0;
  for (const auto& [input, answer] : test::read_answers("compose_template")) {
    SCOPED_TRACE(input);
    const Template result = parse(input);
    const Substitution substitution = substitute(result.pieces, environment);
    std::string ours = "ok " + test::hexadecimal(substitution.value);
    if (!substitution.missing.empty())
      ours = "missing " + test::hexadecimal(substitution.missing) + " " +
             test::hexadecimal(substitution.reason);
    bool invalid = false, perhaps = false;
    for (const Problem& problem : result.problems)
      (problem.where == Problem::Where::text ? invalid : perhaps) = true;
    ++checked;
    // Of several errors compose-go tells the first.
    if (perhaps) continue;
    if (invalid)
      EXPECT_TRUE(answer == "invalid" || answer == ours);
    else
      EXPECT_EQ(answer, ours);
  }
  EXPECT_GT(checked, 300);
}

} // namespace
} // namespace aethel::compose_template
