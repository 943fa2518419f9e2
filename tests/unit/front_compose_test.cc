// What the reader of compose files says of one file.
#include "front/reader.h"

#include <gtest/gtest.h>

namespace aethel::readers {
extern constinit const Reader compose;
}

namespace aethel {
namespace {

FileFacts read(std::string bytes) {
  const Source source("compose.yaml", std::move(bytes));
  FileFacts facts;
  readers::compose.read(source, FileId{0}, facts);
  return facts;
}

TEST(ComposeReader, claims_by_name) {
  for (const std::string_view path :
       {"compose.yaml", "compose.yml", "a/docker-compose.yml", "compose.prod.yaml",
        "compose-dev.yml", "docker-compose.prod.yml", "docker-compose-x.yaml", "stack.compose.yml",
        "db-compose.yaml"})
    EXPECT_TRUE(readers::compose.claims(path)) << path;
  for (const std::string_view path :
       {"composer.json", "compose.json", "deployment.yaml", "composed.yaml", "compose"})
    EXPECT_FALSE(readers::compose.claims(path)) << path;
}

TEST(ComposeReader, accepts_what_looks_like_compose) {
  const auto accepts = [](std::string_view head) {
    return readers::compose.accepts("compose.yaml", head);
  };
  EXPECT_TRUE(accepts("# web\nservices:\n  a: {}\n"));
  EXPECT_TRUE(accepts("version: '3'\r\n\"services\" :\n"));
  EXPECT_TRUE(accepts("include:\n  - a.yml\n"));
  EXPECT_FALSE(accepts("apiVersion: v1\nkind: Pod\nservices:\n"));
  EXPECT_FALSE(accepts("steps:\n  services: 1\n"));
}

TEST(ComposeReader, keeps_the_words_of_variables_with_their_places) {
  const std::string bytes = "a: \"x\\t${V:-d}\"\nb: |\n  one\n  $W two\n";
  const FileFacts facts = read(bytes);
  ASSERT_EQ(facts.documents.size(), 1u);
  const auto words = [&](const Hole* hole) {
    return bytes.substr(hole->span.range.begin, hole->span.range.end - hole->span.range.begin);
  };
  const auto v = facts.documents[0].find("a")->text.holes();
  EXPECT_EQ(v.at(0)->name, "V");
  EXPECT_EQ(words(v.at(0)), "${V:-d}");
  EXPECT_EQ(v.at(0)->operand->value(), "d");
  EXPECT_EQ(words(facts.documents[0].find("b")->text.holes().at(0)), "$W");
}

TEST(ComposeReader, types_scalars_as_go_does) {
  const FileFacts facts = read("a: 0755\nb: yes\nc: 1.5\nd: true\ne: ~\nf: '1'\ng: 2001-12-14\n");
  const Node& root = facts.documents.at(0);
  EXPECT_EQ(root.find("a")->type, ScalarType::integer);
  EXPECT_EQ(root.find("a")->value(), "0755");
  EXPECT_EQ(root.find("b")->type, ScalarType::string);
  EXPECT_EQ(root.find("c")->type, ScalarType::number);
  EXPECT_EQ(root.find("d")->type, ScalarType::boolean);
  EXPECT_TRUE(root.find("e")->is_null());
  EXPECT_EQ(root.find("f")->type, ScalarType::string);
  EXPECT_EQ(root.find("g")->tag, "tag:yaml.org,2002:timestamp");
}

TEST(ComposeReader, merges_keys_and_names_duplicates) {
  const FileFacts facts = read("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\n"
                               "z: {<<: [*x, *y], a: 0}\nd: 1\nd: 2\n");
  const Node& merged = *facts.documents.at(0).find("z");
  EXPECT_EQ(merged.find("a")->value(), "0");
  EXPECT_EQ(merged.find("b")->value(), "2");
  EXPECT_EQ(merged.find("c")->value(), "4");
  ASSERT_EQ(facts.problems.size(), 1u);
  EXPECT_EQ(facts.problems[0].message, "mapping key \"d\" already defined at line 4");
}

TEST(ComposeReader, an_alias_bomb_costs_the_document) {
  std::string bytes = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'j'; ++c) {
    bytes += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i)
      bytes += std::string(i > 0 ? "," : "") + "*" + static_cast<char>(c - 1);
    bytes += "]\n";
  }
  const FileFacts facts = read(bytes);
  EXPECT_TRUE(facts.documents.empty());
  ASSERT_EQ(facts.problems.size(), 1u);
  EXPECT_EQ(facts.problems[0].message, "excessive use of aliases");
}

TEST(ComposeReader, suppressions_cover_their_line_or_the_next) {
  const FileFacts facts = read("services:\n"
                               "  a: # aethel: ignore[undefined-path, AE0102] made by hand\n"
                               "    # aethel: ignore\n"
                               "    # a word about it\n"
                               "\n"
                               "    image: '# aethel: ignore[x] not a comment'\n");
  ASSERT_EQ(facts.suppressions.size(), 2u);
  EXPECT_EQ(facts.suppressions[0].line, 2u);
  EXPECT_EQ(facts.suppressions[0].rules, (std::vector<std::string>{"undefined-path", "AE0102"}));
  EXPECT_EQ(facts.suppressions[0].reason, "made by hand");
  EXPECT_EQ(facts.suppressions[1].line, 6u);
  EXPECT_TRUE(facts.suppressions[1].rules.empty());
}

} // namespace
} // namespace aethel
