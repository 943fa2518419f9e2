#include "syntax/expression.h"

#include <gtest/gtest.h>
#include <string>

namespace aethel {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  const Found found = search_expression(pattern, text);
  EXPECT_NE(found, Found::unknown) << pattern;
  return found == Found::yes;
}

TEST(Expression, matches_as_pcre_does) {
  EXPECT_TRUE(matches("^/api", "/api/x"));
  EXPECT_FALSE(matches("^/api$", "/api/x"));
  EXPECT_TRUE(matches("\\.(gif|jpe?g|png)$", "/a.jpeg"));
  EXPECT_TRUE(matches("\\.(gif|jpe?g|png)$", "/a.png"));
  EXPECT_FALSE(matches("\\.(gif|jpe?g|png)$", "/a.pngx"));
  EXPECT_TRUE(matches("^/(?:ws|socket\\.io)(/|$)", "/ws"));
  EXPECT_TRUE(matches("^/(?:ws|socket\\.io)(/|$)", "/socket.io/a"));
  EXPECT_FALSE(matches("^/(?:ws|socket\\.io)(/|$)", "/wsx"));
  EXPECT_TRUE(matches("^/[a-z]{2,3}/", "/abc/"));
  EXPECT_FALSE(matches("^/[a-z]{2,3}/", "/abcd/"));
  EXPECT_FALSE(matches("^/[a-z]{2}/", "/a/"));
  EXPECT_TRUE(matches("^/a{0,2}b", "/aab"));
  EXPECT_FALSE(matches("^/a{0,2}b", "/aaab"));
  EXPECT_TRUE(matches("^(?<name>.+\\.php)(/.*)?$", "/index.php/x"));
  EXPECT_TRUE(matches("/\\.", "/.git"));
  EXPECT_TRUE(matches("[^/]+$", "/a"));
  EXPECT_FALSE(matches("[^/]$", "/"));
  EXPECT_TRUE(matches("a|b|", ""));
  EXPECT_TRUE(matches("^(a+)+$", std::string(60, 'a')));
  EXPECT_FALSE(matches("^(a+)+$", std::string(60, 'a') + "!"));
  EXPECT_TRUE(matches("[]x]", "]"));
  EXPECT_TRUE(matches("\\bws\\b", "/ws/"));
  EXPECT_EQ(search_expression("^/A", "/a", Case::ignored), Found::yes);
  EXPECT_EQ(search_expression("(?i)^/A", "/a"), Found::yes);
}

TEST(Expression, says_when_it_does_not_understand) {
  for (const std::string_view pattern : {"(?!a)b", "(?<=a)b", "(a)\\1", "a++", "(", "[a", "\\p{L}",
                                         "[[:alpha:]]", "*", "a)", "b{3,2}"})
    EXPECT_EQ(search_expression(pattern, "a"), Found::unknown) << pattern;
}

TEST(Expression, is_bounded) {
  std::string nested = "a";
  for (int i = 0; i < 8; ++i) nested = "(" + nested + "){9}";
  EXPECT_EQ(search_expression(nested, "a"), Found::unknown);
  EXPECT_EQ(search_expression(std::string(3000, '('), "a"), Found::unknown);
  EXPECT_EQ(search_expression("(x*)*(x*)*(x*)*y", std::string(5000, 'x')), Found::no);
}

} // namespace
} // namespace aethel
