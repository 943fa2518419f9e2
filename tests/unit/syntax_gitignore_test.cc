#include "syntax/gitignore.h"

#include "syntax/gitattributes.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

bool path_match(std::string_view pattern, std::string_view text) {
  return wildmatch(pattern, text, Slashes::separate);
}

// The answer of a single ignore file at the top.
bool ignored(std::string_view text, std::string_view path, PathKind kind = PathKind::file) {
  IgnoreRules rules;
  rules.add("", IgnoreFile(text));
  return rules.ignored(path, kind).has_value();
}

// From git's t3070-wildmatch.sh.
TEST(Wildmatch, one_star_stays_in_its_component) {
  EXPECT_TRUE(path_match("foo*", "foobar"));
  EXPECT_TRUE(path_match("*/foo", "bar/foo"));
  EXPECT_FALSE(path_match("*/foo", "foo"));
  EXPECT_FALSE(path_match("foo/*", "foo/bar/baz"));
  EXPECT_TRUE(path_match("*ob*a*r*", "foobar"));
  EXPECT_FALSE(path_match("foo?bar", "foo/bar"));
  EXPECT_FALSE(path_match("foo[/]bar", "foo/bar"));
  EXPECT_FALSE(path_match("f[^eiu][^eiu][^eiu][^eiu][^eiu]r", "foo/bar"));
  EXPECT_TRUE(wildmatch("foo*bar", "foo/bar", Slashes::ordinary));
}

TEST(Wildmatch, two_stars_cross_components_only_when_alone_between_slashes) {
  EXPECT_TRUE(path_match("**/foo", "foo"));
  EXPECT_TRUE(path_match("**/foo", "bar/baz/foo"));
  EXPECT_FALSE(path_match("**/foo", "bar/baz/xfoo"));
  EXPECT_TRUE(path_match("foo/**/bar", "foo/bar"));
  EXPECT_TRUE(path_match("foo/**/bar", "foo/b/a/z/bar"));
  EXPECT_TRUE(path_match("foo/**/**/bar", "foo/b/a/z/bar"));
  EXPECT_TRUE(path_match("foo/**", "foo/bar/baz"));
  EXPECT_FALSE(path_match("foo/**", "foo"));
  EXPECT_FALSE(path_match("foo/**", "foobar"));
  EXPECT_FALSE(path_match("foo**bar", "foo/baz/bar"));
  EXPECT_TRUE(path_match("foo**bar", "foobazbar"));
  EXPECT_FALSE(path_match("foo**/bar", "foo/baz/bar"));
  EXPECT_TRUE(path_match("**/bar/*", "deep/foo/bar/baz"));
  EXPECT_FALSE(path_match("**/bar/*", "deep/foo/bar/baz/x"));
  EXPECT_TRUE(path_match("**/bar/*/*", "deep/foo/bar/baz/x"));
  EXPECT_TRUE(path_match("**/t[o]", "foo/bar/baz/to"));
  EXPECT_TRUE(path_match("*/**/a*c", "x/y/a/abc"));
}

TEST(Wildmatch, character_classes) {
  EXPECT_TRUE(path_match("t[a-g]n", "ten"));
  EXPECT_TRUE(path_match("t[!a-g]n", "ton"));
  EXPECT_FALSE(path_match("t[^a-g]n", "ten"));
  EXPECT_TRUE(path_match("a[]]b", "a]b"));
  EXPECT_TRUE(path_match("a[]-]b", "a-b"));
  EXPECT_TRUE(path_match("a[]a-]b", "aab"));
  EXPECT_TRUE(path_match("[[:alpha:]][[:digit:]][[:upper:]]", "a1B"));
  EXPECT_FALSE(path_match("[[:digit:][:upper:][:space:]]", "a"));
  EXPECT_TRUE(path_match("[[:digit:][:punct:][:space:]]", "."));
  EXPECT_TRUE(path_match("[a-c[:digit:]x-z]", "5"));
  EXPECT_FALSE(path_match("[a-c[:digit:]x-z]", "q"));
  EXPECT_TRUE(path_match("[\\\\-^]", "]"));
  EXPECT_TRUE(path_match("[\\]]", "]"));
  EXPECT_TRUE(path_match("[,-.]", "-"));
  EXPECT_TRUE(path_match("[--A]", "-"));
  EXPECT_FALSE(path_match("[[:unknown:]]", "a"));
  EXPECT_FALSE(path_match("a[", "a["));
  EXPECT_FALSE(path_match("[!", "ab"));
  EXPECT_TRUE(path_match("\\[ab]", "[ab]"));
  EXPECT_FALSE(path_match("foo\\", "foo\\"));
}

TEST(Wildmatch, many_stars_take_no_exponential_time) {
  const std::string text(4000, 'a');
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  EXPECT_FALSE(path_match(pattern + "*b", text));
  std::string directories, deep;
  for (int i = 0; i < 200; ++i) {
    directories += "**/a/";
    deep += "a/";
  }
  EXPECT_FALSE(path_match(directories + "b", deep + "c"));
}

TEST(Gitignore, comments_blanks_and_escapes) {
  EXPECT_FALSE(ignored("#a\n\n", "#a"));
  EXPECT_TRUE(ignored("\\#a\n", "#a"));
  EXPECT_TRUE(ignored("\\!a\n", "!a"));
  EXPECT_TRUE(ignored("a   \n", "a"));
  EXPECT_TRUE(ignored("a\\ \n", "a "));
  EXPECT_TRUE(ignored("a\\  \n", "a "));
  EXPECT_TRUE(ignored(" a\n", " a"));
  EXPECT_TRUE(ignored("a\t\n", "a\t"));
  EXPECT_TRUE(ignored("a\\*b", "a*b"));
  EXPECT_FALSE(ignored("a\\*b", "axb"));
}

TEST(Gitignore, carriage_returns_and_byte_order_marks_do_not_count) {
  EXPECT_TRUE(ignored("\xEF\xBB\xBF"
                      "dist/\r\n*.log\r\n",
                      "dist/a"));
  EXPECT_TRUE(ignored("dist/\r\n*.log\r\n", "x/y.log"));
  EXPECT_TRUE(ignored("last.txt", "last.txt")) << "without a line end";
}

TEST(Gitignore, a_slash_inside_anchors) {
  EXPECT_TRUE(ignored("a", "x/a"));
  EXPECT_FALSE(ignored("/a", "x/a"));
  EXPECT_TRUE(ignored("/a", "a"));
  EXPECT_FALSE(ignored("x/a", "y/x/a"));
  EXPECT_TRUE(ignored("**/x/a", "y/x/a"));
  EXPECT_TRUE(ignored("a/", "x/a", PathKind::directory));
  EXPECT_FALSE(ignored("a/", "x/a"));
  EXPECT_TRUE(ignored("a/", "x/a/b/c"));
  EXPECT_FALSE(ignored("/", "a"));
}

TEST(Gitignore, the_last_line_wins) {
  EXPECT_FALSE(ignored("*.log\n!keep.log\n", "keep.log"));
  EXPECT_TRUE(ignored("!keep.log\n*.log\n", "keep.log"));
}

TEST(Gitignore, nothing_below_an_ignored_directory_comes_back) {
  EXPECT_TRUE(ignored("logs/\n!logs/keep\n", "logs/keep"));
  EXPECT_FALSE(ignored("logs/*\n!logs/keep\n", "logs/keep"));
  EXPECT_FALSE(ignored("/*\n!/foo\n/foo/*\n!/foo/bar\n", "foo/bar/x"));
  EXPECT_TRUE(ignored("/*\n!/foo\n/foo/*\n!/foo/bar\n", "foo/baz"));
}

TEST(Gitignore, a_nearer_file_has_the_last_word) {
  IgnoreRules rules;
  rules.add("", IgnoreFile("*.env\n/only-top\n"));
  rules.add("web", IgnoreFile("!test.env\n/build\n"));
  EXPECT_TRUE(rules.ignored("test.env", PathKind::file));
  EXPECT_FALSE(rules.ignored("web/test.env", PathKind::file));
  EXPECT_FALSE(rules.ignored("web/deep/test.env", PathKind::file));
  EXPECT_TRUE(rules.ignored("web/prod.env", PathKind::file));
  EXPECT_TRUE(rules.ignored("web/build", PathKind::file));
  EXPECT_FALSE(rules.ignored("web/x/build", PathKind::file));
  EXPECT_FALSE(rules.ignored("web/only-top", PathKind::file));
}

TEST(Gitignore, the_reason_is_a_line) {
  IgnoreRules rules;
  rules.add("", IgnoreFile("# one\n\nnode_modules/\n.env*\n"));
  const auto reason = rules.ignored("web/node_modules/x/y.js", PathKind::file);
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->file, ".gitignore");
  EXPECT_EQ(reason->line, 3u);
  EXPECT_EQ(reason->path, "web/node_modules");
}

TEST(Gitattributes, linguist_lfs_and_binary) {
  AttributeRules rules;
  rules.add("", "*.psd filter=lfs diff=lfs merge=lfs -text\n"
                "/api/*.go linguist-generated\n"
                "libs/** linguist-vendored=true\n"
                "libs/ours/** -linguist-vendored\n"
                "*.bin binary\n"
                "\"with space/*\" linguist-documentation\n");
  rules.add("libs/ours", "x.psd -filter\n");
  EXPECT_EQ(rules.of("a/b.psd").lfs, Attribute::yes);
  EXPECT_EQ(rules.of("a/b.psd").text, Attribute::no);
  EXPECT_EQ(rules.of("api/x.go").generated, Attribute::yes);
  EXPECT_EQ(rules.of("x/api/x.go").generated, Attribute::unspecified);
  EXPECT_EQ(rules.of("libs/a/b").vendored, Attribute::yes);
  EXPECT_EQ(rules.of("libs/ours/b").vendored, Attribute::no);
  EXPECT_EQ(rules.of("libs/ours/x.psd").lfs, Attribute::no);
  EXPECT_EQ(rules.of("x.bin").text, Attribute::no);
  EXPECT_EQ(rules.of("with space/a").documentation, Attribute::yes);
}

TEST(Gitattributes, macros_of_the_top_apply_everywhere) {
  AttributeRules rules;
  rules.add("", "[attr]asset -text filter=lfs\n");
  rules.add("web", "[attr]other filter=lfs\n*.png asset\n*.gif other\n");
  EXPECT_EQ(rules.of("web/a.png").lfs, Attribute::yes);
  EXPECT_EQ(rules.of("web/a.gif").lfs, Attribute::unspecified);
}

TEST(Gitattributes, line_endings_alone_change_nothing) {
  AttributeRules rules;
  rules.add("", "* text=auto eol=lf\n");
  EXPECT_TRUE(rules.empty());
}

} // namespace
} // namespace aethel
