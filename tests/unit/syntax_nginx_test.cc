#include "syntax/nginx.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace aethel::nginx {
namespace {

using Kind = Problem::Kind;

std::vector<Kind> problems(std::string_view text) {
  std::vector<Kind> kinds;
  for (const Problem& problem : parse(text).problems) kinds.push_back(problem.kind);
  return kinds;
}

TEST(Nginx, reads_words_quotes_escapes_and_blocks) {
  constexpr std::string_view text = R"(user www; # who
http {
  map $http_upgrade $connection { default "a \"b\";"; '' 'c;d'; }
  server {
    location ~ \.(gif|jpg)$ { return 200 "x\ty"; }
    if ($host = "a") { rewrite "^/([a-z]{2})/" /$1${uri}x; }
  }
})";
  const File file = parse(text);
  EXPECT_TRUE(file.problems.empty());
  ASSERT_EQ(file.directives.size(), 10u);
  EXPECT_EQ(file.directives[0].words[1].text, "www");
  EXPECT_EQ(file.directives[1].end, 10u);
  EXPECT_EQ(file.directives[3].words[1].text, "a \"b\";");
  EXPECT_EQ(file.directives[4].words[0].text, "");
  EXPECT_EQ(file.directives[4].words[1].text, "c;d");
  EXPECT_EQ(file.directives[6].words[2].text, "\\.(gif|jpg)$");
  EXPECT_EQ(file.directives[7].words[2].text, "x\ty");
  EXPECT_EQ(file.directives[8].words.size(), 5u); // if ($host = "a" )
  ASSERT_EQ(file.comments.size(), 1u);
  EXPECT_EQ(text.substr(file.comments[0].begin, 5), "# who");
}

// A brace of a quantifier ends the word, as in nginx: such expressions must be quoted.
TEST(Nginx, ends_a_word_at_a_brace_unless_a_variable_begins_there) {
  EXPECT_EQ(problems("location ~ ^/[a-z]{2}/ { }").front(), Kind::unclosed_block);
  EXPECT_TRUE(problems("location ~ \"^/[a-z]{2}/\" { }").empty());
  EXPECT_TRUE(problems("set $a ${b}c;").empty());
  EXPECT_EQ(parse("set $a ${b}c;").directives[0].words[2].text, "${b}c");
}

TEST(Nginx, names_what_nginx_rejects) {
  EXPECT_EQ(problems("}"), std::vector{Kind::unexpected_close});
  EXPECT_EQ(problems("a b }"), (std::vector{Kind::unexpected_close, Kind::unexpected_close}));
  EXPECT_EQ(problems("{ }"), std::vector{Kind::unexpected_open});
  EXPECT_EQ(problems("a { b; };"), std::vector{Kind::unexpected_semicolon});
  EXPECT_EQ(problems("a \"b\"c;"), std::vector{Kind::unexpected_character});
  EXPECT_EQ(problems("a b"), std::vector{Kind::unexpected_end});
  EXPECT_EQ(problems("a 'b;"), std::vector{Kind::unexpected_end});
  EXPECT_EQ(problems("a { b;"), std::vector{Kind::unclosed_block});
  EXPECT_EQ(problems("a " + std::string(4096, 'x') + ";"), std::vector{Kind::too_long});
  EXPECT_TRUE(problems("a " + std::string(4095, 'x') + ";").empty());
}

TEST(Nginx, leaves_lua_alone) {
  const File file = parse("content_by_lua_block { local t = {'}', [[ } ]]} -- }\n } a;");
  EXPECT_TRUE(file.problems.empty());
  ASSERT_EQ(file.directives.size(), 2u);
  EXPECT_TRUE(file.directives[0].foreign);
  EXPECT_EQ(file.directives[1].name(), "a");
}

TEST(Nginx, takes_a_variable_alone_on_its_line_of_a_template_for_any_text) {
  const File file =
      parse("${BEFORE}\nserver {\n  $INSIDE\n  listen ${PORT};\n}\n", Dialect::envsubst_template);
  EXPECT_TRUE(file.problems.empty());
  ASSERT_EQ(file.directives.size(), 4u);
  EXPECT_TRUE(file.directives[0].substituted);
  EXPECT_TRUE(file.directives[2].substituted);
  EXPECT_EQ(file.directives[3].words[1].text, "${PORT}");
}

TEST(Nginx, finds_variables_in_words) {
  const auto uses = variables_of("http://$host${uri}/$1:$a-b${X:-y}$");
  ASSERT_EQ(uses.size(), 4u);
  EXPECT_EQ(uses[0].name, "host");
  EXPECT_TRUE(uses[1].braces);
  EXPECT_EQ(uses[2].name, "1");
  EXPECT_EQ(uses[3].name, "a");
}

TEST(Nginx, is_bounded_in_depth_and_size) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "a {";
  const File file = parse(deep);
  EXPECT_EQ(file.directives.size(), 64u);
  EXPECT_LE(file.problems.size(), 100u);
  std::string wide;
  for (int i = 0; i < 1000; ++i) wide += "a;";
  const File some = parse(wide, Dialect::plain, {.directives = 10});
  EXPECT_EQ(some.directives.size(), 10u);
  EXPECT_EQ(some.problems.front().kind, Kind::too_large);
}

} // namespace
} // namespace aethel::nginx
