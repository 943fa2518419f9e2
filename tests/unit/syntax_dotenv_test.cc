#include "syntax/dotenv.h"

#include "support/answers.h"

#include <gtest/gtest.h>

#include <map>

namespace aethel::dotenv {
namespace {

std::string_view raw(std::string_view text, Range range) {
  return text.substr(range.begin, range.end - range.begin);
}

std::string literal(const Entry& entry) {
  std::string result;
  for (const auto& piece : entry.value) result += piece.text;
  return result;
}

TEST(Dotenv, keeps_the_place_of_names_values_and_comments) {
  const std::string_view text = "# top\nexport DB_URL=\"postgres://${USER:-app}@db\" # why\n"
                                "TOKEN='a b'\nPLAIN = x y # note\nHOME\n";
  const File file = parse(text, Dialect::compose);
  EXPECT_TRUE(file.problems.empty());
  ASSERT_EQ(file.entries.size(), 4u);
  const Entry& url = file.entries[0];
  EXPECT_EQ(url.key, "DB_URL");
  EXPECT_EQ(raw(text, url.key_range), "DB_URL");
  EXPECT_EQ(raw(text, url.value_range), "postgres://${USER:-app}@db");
  EXPECT_EQ(raw(text, url.range), "export DB_URL=\"postgres://${USER:-app}@db\"");
  EXPECT_EQ(raw(text, url.comment), "# why");
  EXPECT_EQ(url.exported, Export::present);
  EXPECT_EQ(url.quotes, Quotes::double_quotes);
  ASSERT_EQ(url.value.size(), 3u);
  EXPECT_EQ(raw(text, url.value[1].range), "${USER:-app}");
  EXPECT_EQ(raw(text, url.value[1].operand[0].range), "app");
  EXPECT_EQ(file.entries[1].quotes, Quotes::single_quotes);
  EXPECT_EQ(raw(text, file.entries[2].value_range), "x y");
  EXPECT_EQ(raw(text, file.entries[2].comment), "# note");
  EXPECT_EQ(file.entries[3].source, Value::inherited);
  ASSERT_EQ(file.comments.size(), 3u);
  EXPECT_EQ(raw(text, file.comments[0]), "# top");
}

TEST(Dotenv, maps_pieces_through_escapes) {
  const std::string_view text = "A=\"x\\n\\\"${B}\\$C\\0101\"\n";
  const File file = parse(text, Dialect::compose);
  ASSERT_EQ(file.entries.size(), 1u);
  const auto& value = file.entries[0].value;
  ASSERT_EQ(value.size(), 4u);
  EXPECT_EQ(value[0].text, "x\n\"");
  EXPECT_EQ(raw(text, value[0].range), "x\\n\\\"");
  EXPECT_EQ(raw(text, value[1].range), "${B}");
  EXPECT_EQ(value[2].text, "$");
  EXPECT_EQ(raw(text, value[2].range), "\\$");
  EXPECT_EQ(value[3].text, "CA");
  EXPECT_EQ(raw(text, value[3].range), "C\\0101");
}

TEST(Dotenv, byte_order_mark_and_crlf) {
  const std::string_view text = "\xef\xbb\xbf"
                                "A=1\r\nB=\"2\" # c\r\n";
  const File file = parse(text, Dialect::compose);
  ASSERT_EQ(file.entries.size(), 2u);
  EXPECT_EQ(raw(text, file.entries[0].value_range), "1");
  EXPECT_EQ(raw(text, file.entries[1].comment), "# c");
  const File npm = parse(text, Dialect::npm);
  ASSERT_EQ(npm.entries.size(), 2u);
  EXPECT_EQ(raw(text, npm.entries[1].value_range), "2");
}

TEST(Dotenv, goes_on_after_a_line_that_compose_refuses) {
  const std::string_view text = "A=1\nFOO BAR=1 # aethel: ignore[x]\n%=2\nB=\"open\nC=3\nD=${\n";
  const File file = parse(text, Dialect::compose);
  ASSERT_EQ(file.entries.size(), 3u);
  EXPECT_EQ(file.entries[1].key, "C");
  ASSERT_EQ(file.problems.size(), 4u);
  EXPECT_EQ(file.problems[0].kind, Problem::Kind::space_in_name);
  EXPECT_EQ(raw(text, file.problems[0].range), "FOO BAR");
  EXPECT_EQ(file.problems[1].kind, Problem::Kind::bad_character);
  EXPECT_EQ(raw(text, file.problems[1].range), "%");
  EXPECT_EQ(file.problems[2].kind, Problem::Kind::unterminated_quote);
  EXPECT_EQ(raw(text, file.problems[2].range), "\"open");
  EXPECT_EQ(file.problems[3].kind, Problem::Kind::bad_template);
  EXPECT_EQ(file.problems[3].template_kind, compose_template::Problem::Kind::unclosed);
  for (const Problem& problem : file.problems) {
    EXPECT_EQ(problem.fatal_for_compose, Problem::Fatal::yes);
    EXPECT_FALSE(describe(problem.kind).empty());
  }
  ASSERT_EQ(file.comments.size(), 1u);
  EXPECT_EQ(raw(text, file.comments[0]), "# aethel: ignore[x]");
}

TEST(Dotenv, a_bad_operand_is_fatal_only_when_it_is_used) {
  const File file = parse("A=${B:-${}}\n", Dialect::compose);
  ASSERT_EQ(file.problems.size(), 1u);
  EXPECT_EQ(file.problems[0].fatal_for_compose, Problem::Fatal::when_operand_is_used);
}

TEST(Dotenv, a_name_at_the_very_end_is_not_inherited) {
  const File file = parse("A=1\nHOME", Dialect::compose);
  EXPECT_EQ(file.entries.size(), 1u);
  ASSERT_EQ(file.problems.size(), 1u);
  EXPECT_EQ(file.problems[0].kind, Problem::Kind::name_at_end);
  EXPECT_EQ(file.problems[0].fatal_for_compose, Problem::Fatal::no);
}

TEST(Dotenv, the_npm_package_knows_backticks_and_no_variables) {
  const std::string_view text = "A=`x 'y'`\nB=$A#c\nnot an entry\nA=2\n";
  const File file = parse(text, Dialect::npm);
  ASSERT_EQ(file.entries.size(), 3u);
  EXPECT_EQ(file.entries[0].quotes, Quotes::backticks);
  EXPECT_EQ(literal(file.entries[0]), "x 'y'");
  EXPECT_EQ(literal(file.entries[1]), "$A");
  EXPECT_EQ(raw(text, file.entries[1].comment), "#c");
  ASSERT_EQ(file.problems.size(), 1u);
  EXPECT_EQ(raw(text, file.problems[0].range), "not an entry");
  EXPECT_EQ(file.problems[0].fatal_for_compose, Problem::Fatal::no);
  EXPECT_EQ(literal(*find(file, "A")), "2");
  EXPECT_EQ(find(file, "C"), nullptr);
}

TEST(Dotenv, stops_at_the_limit) {
  const File file = parse("A=1\nB=2\nC=3\n", Dialect::compose, {.entries = 2});
  EXPECT_EQ(file.entries.size(), 2u);
  EXPECT_EQ(file.problems[0].kind, Problem::Kind::too_many_entries);
  EXPECT_EQ(parse("A=1\nB=2\nC=3\n", Dialect::npm, {.entries = 2}).entries.size(), 2u);
}

// "ok" and the pairs, in order; "error" when compose would refuse the file.
std::string evaluate(const File& file, bool& perhaps) {
  std::map<std::string, std::string> values;
  const std::map<std::string, std::string, std::less<>> environment = {
      {"FOO", "first"}, {"BAR", ""}, {"JSON", "{\"json\":2}"}, {"A", "a"}};
  const auto lookup = [&](std::string_view name) -> std::optional<std::string> {
    if (const auto found = environment.find(name); found != environment.end()) return found->second;
    if (const auto found = values.find(std::string(name)); found != values.end())
      return found->second;
    return std::nullopt;
  };
  for (const Problem& problem : file.problems) {
    if (problem.fatal_for_compose == Problem::Fatal::yes) return "error";
    perhaps |= problem.fatal_for_compose == Problem::Fatal::when_operand_is_used;
  }
  for (const Entry& entry : file.entries) {
    if (entry.source == Value::inherited) {
      if (const auto value = lookup(entry.key)) values[entry.key] = *value;
      continue;
    }
    const auto value = compose_template::substitute(entry.value, lookup);
    if (!value.missing.empty()) return "error";
    values[entry.key] = value.value;
  }
  std::string result = "ok";
  std::map<std::string, std::string> sorted;
  for (const auto& [key, value] : values) sorted[test::hexadecimal(key)] = test::hexadecimal(value);
  for (const auto& [key, value] : sorted) result += " " + key + "=" + value;
  return result;
}

// Values without a name, which compose-go keeps under "", are a problem here and no entry.
std::string without_nameless(std::string answer) {
  const std::size_t at = answer.find(" =");
  if (at != std::string::npos) answer.erase(at, answer.find(' ', at + 1) - at);
  return answer;
}

TEST(Dotenv, agrees_with_compose_go) {
  int checked = 0;
  for (const auto& [input, answer] : test::read_answers("dotenv")) {
    SCOPED_TRACE(input);
    bool perhaps = false;
    const std::string ours = evaluate(parse(input, Dialect::compose), perhaps);
    if (!perhaps) {
      EXPECT_EQ(without_nameless(answer), ours);
      ++checked;
    }
  }
  EXPECT_GT(checked, 300);
}

TEST(Dotenv, agrees_with_the_npm_package) {
  int checked = 0;
  for (const auto& [input, answer] : test::read_answers("dotenv_npm")) {
    SCOPED_TRACE(input);
    bool perhaps = false;
    EXPECT_EQ(answer, evaluate(parse(input, Dialect::npm), perhaps));
    ++checked;
  }
  EXPECT_GT(checked, 300);
}

} // namespace
} // namespace aethel::dotenv
