// What moby's patternmatcher answers; the cases are those of its tests, rewritten.
#include "syntax/dockerignore.h"

#include "support/answers.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

using Answer = DockerIgnore::Answer;

bool excluded(std::string_view file, std::string_view path) {
  const auto match = DockerIgnore(file).match(path);
  EXPECT_NE(match.answer, Answer::unknown) << file;
  return match.answer == Answer::excluded;
}

struct Case {
  std::string_view pattern, path;
  bool excluded;
};

constexpr Case cases[] = {
    {"**", "a", true},
    {"**", "a/b", true},
    {"**", "/", true},
    {"**/", "a", true},
    {"**/", "a/b", true},
    {"**/**", "a/b", true},
    {"dir/**", "dir/a", true},
    {"dir/**", "dir/a/b", true},
    {"dir/**", "other/a", false},
    {"dir/**", "dir", false},
    {"dir**", "dirty", true},
    {"dir**", "dir/x", true},
    {"**/dir", "dir", true},
    {"**/dir", "a/dir", true},
    {"**/dir", "a/b/dir/x", true},
    {"**/dir2/*", "dir/dir2/file", true},
    {"**/dir2/**", "dir/dir2/dir2/file", true},
    {"**/file", "afile", false},
    {"**file", "afile", true},
    {"**.txt", "a/b.txt", true},
    {"**/*.txt", "b.txt", true},
    {"a/**/b", "a/b", true},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "ab", false},
    {"a/*", "a/x", true},
    {"a/*", "a/x/y", true}, // through the folder a/x
    {"a/*", "a", false},
    {"*", "a", true},
    {"*c", "abc", true},
    {"a*", "ab/c", true},
    {"a*/b", "abc/b", true},
    {"a*/b", "a/c/b", false},
    {"a*b?c*x", "abxbbxdbxebxczzx", true},
    {"a*b?c*x", "abxbbxdbxebxczzy", false},
    {"ab[c]", "abc", true},
    {"ab[b-d]", "abc", true},
    {"ab[e-g]", "abc", false},
    {"ab[^c]", "abc", false},
    {"ab[^e-g]", "abc", true},
    {"a\\*b", "a*b", true},
    {"a\\*b", "ab", false},
    {"a?b",
     "a\xE2\x98\xBA"
     "b",
     true}, // one character
    {"a???b",
     "a\xE2\x98\xBA"
     "b",
     false},
    {"[a-\xCE\xB6]*", "\xCE\xB1", true},
    {"a?b", "a/b", false},
    {"a(b)c/def", "a(b)c/def", true},
    {"a(b)c/def", "a(b)c/xyz", false},
    {"a.b", "axb", false},
    {".git", ".git/config", true},
    {".git", "web/.git", false},
    {"/web", "web/x", true},
    {"./web/", "web/x", true},
    {"web/../api", "api/x", true},
    {"#web", "#web", false},
    {" # web", "# web", true}, // only the first byte of a line makes a remark
    {"node_modules", "web/node_modules/x", false},
};

TEST(DockerIgnore, patterns_match_as_in_moby) {
  for (const Case& each : cases)
    EXPECT_EQ(excluded(each.pattern, each.path), each.excluded)
        << each.pattern << " and " << each.path;
}

// Ignore files and paths of tests/oracle/dockerignore, with patternmatcher's own answers.
TEST(DockerIgnore, answers_as_patternmatcher_does) {
  std::ifstream table(AETHEL_SOURCE_DIR "/tests/syntax/dockerignore.tsv");
  std::size_t agreed = 0, unknown = 0;
  for (std::string line; std::getline(table, line);) {
    const std::size_t first = line.find('\t'), second = line.rfind('\t');
    const std::string file = test::unescaped(line.substr(0, first));
    const std::string path = test::unescaped(line.substr(first + 1, second - first - 1));
    const std::string wanted = line.substr(second + 1);
    const auto answer = DockerIgnore(file).match(path).answer;
    if (answer == Answer::unknown) {
      // Refused by Docker, or an expression that works by accident.
      unknown += wanted == "error" ? 0 : 1;
      agreed += wanted == "error" ? 1 : 0;
      continue;
    }
    EXPECT_EQ(answer == Answer::excluded ? "excluded" : "kept", wanted) << line;
    ++agreed;
  }
  std::printf("%zu agree, %zu are left open\n", agreed, unknown);
  EXPECT_GT(agreed, 3000u);
  EXPECT_LT(unknown, agreed / 5);
}

TEST(DockerIgnore, the_last_pattern_decides) {
  EXPECT_FALSE(excluded("**\n!util/web", "util/web/foo"));
  EXPECT_TRUE(excluded("**\n!util/web\nutil/web/foo", "util/web/foo"));
  EXPECT_FALSE(excluded("docs\n! docs/README.md", "docs/README.md"));
  EXPECT_TRUE(excluded("docs\n!docs/README.md", "docs/other.md"));
  EXPECT_FALSE(excluded("!docs", "docs"));
  EXPECT_TRUE(excluded("!docs\ndocs", "docs"));
}

TEST(DockerIgnore, says_which_line_decided) {
  EXPECT_EQ(DockerIgnore("# remark\n\na\nb").match("b/c").line, 4u);
  EXPECT_EQ(DockerIgnore("a").match("b").line, 0u);
  EXPECT_TRUE(DockerIgnore("a\n!a/b").may_keep_below("a"));
  EXPECT_TRUE(DockerIgnore("*\n!a*/b").may_keep_below("abc"));
  EXPECT_FALSE(DockerIgnore("*\n!c/b").may_keep_below("abc"));
  EXPECT_FALSE(DockerIgnore("a").may_keep_below("a"));
}

TEST(DockerIgnore, what_docker_refuses_is_unknown) {
  for (const std::string_view text : {"!", "a\n!\n", "[", "[]", "[-]", "a[", "[a-]", "[x-]", "a\\"})
    EXPECT_EQ(DockerIgnore(text).match("a").answer, Answer::unknown) << text;
  // Expressions by accident.
  EXPECT_EQ(DockerIgnore("*.c++").match("a").answer, Answer::unknown);
}

TEST(DockerIgnore, is_bounded) {
  std::string hostile;
  for (int i = 0; i < 20'000; ++i) hostile += "**/*a*b*c*d\n";
  EXPECT_TRUE(DockerIgnore(hostile).unknown());
  const std::string stars(4000, '*');
  EXPECT_EQ(DockerIgnore(stars + "b").match(std::string(4000, 'a')).answer, Answer::kept);
  EXPECT_TRUE(DockerIgnore(std::string(10'000, 'a')).unknown());
  EXPECT_EQ(DockerIgnore("\xFF\xFE[\xFF]*").match("\xFF").answer, Answer::kept);
}

} // namespace
} // namespace aethel
