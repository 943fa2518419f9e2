#include "syntax/yaml.h"

#include <gtest/gtest.h>

namespace aethel::yaml {
namespace {

std::string_view raw(std::string_view bytes, Range range) {
  return bytes.substr(range.begin, range.end - range.begin);
}

TEST(Yaml, gives_values_with_their_bytes) {
  const std::string_view text = "a: one # note\nb:\n  - 'it''s'\n  - \"x\\ty\"\n";
  const Stream stream = parse(text);
  ASSERT_EQ(stream.documents.size(), 1u);
  const Node& root = *stream.documents[0]->root;
  EXPECT_EQ(raw(text, find(root, "a")->range), "one");
  const Node& list = *find(root, "b");
  EXPECT_EQ(list.items[0]->value, "it's");
  EXPECT_EQ(raw(text, list.items[0]->range), "'it''s'");
  EXPECT_EQ(list.items[1]->value, "x\ty");
  ASSERT_EQ(stream.documents[0]->comments.size(), 1u);
  EXPECT_EQ(raw(text, stream.documents[0]->comments[0].range), "# note");
}

TEST(Yaml, counts_bytes_not_characters) {
  const std::string_view text = "# ação\nkey: \"não\" # é\nnext: v\n";
  const Stream stream = parse(text);
  ASSERT_EQ(stream.documents.size(), 1u);
  EXPECT_EQ(raw(text, find(*stream.documents[0]->root, "key")->range), "\"não\"");
  EXPECT_EQ(raw(text, find(*stream.documents[0]->root, "next")->range), "v");
}

TEST(Yaml, one_bad_document_costs_one_document) {
  const std::string_view text = "a: 1\n---\nb: [\n---\nc: 3\n";
  const Stream stream = parse(text);
  EXPECT_EQ(stream.documents.size(), 2u);
  ASSERT_EQ(stream.problems.size(), 1u);
  EXPECT_GE(stream.problems[0].at, 9u);
  EXPECT_EQ(find(*stream.documents[1]->root, "c")->value, "3");
}

TEST(Yaml, byte_order_mark_and_crlf) {
  const std::string_view text = "\xef\xbb\xbf"
                                "a: 1\r\nb: two\r\n";
  const Stream stream = parse(text);
  ASSERT_EQ(stream.documents.size(), 1u);
  EXPECT_EQ(raw(text, find(*stream.documents[0]->root, "b")->range), "two");
}

TEST(Yaml, aliases_are_shared_and_cycles_are_refused) {
  EXPECT_EQ(parse("a: &x {k: v}\nb: *x\n").documents.size(), 1u);
  EXPECT_EQ(parse("a: &x [*x]\n").documents.size(), 0u);
}

TEST(Yaml, anchors_and_tags_are_not_part_of_the_value) {
  const std::string_view text = "a: &x !reset val\nm: &y\n  k: v\n";
  const Stream stream = parse(text);
  const Node& root = *stream.documents[0]->root;
  EXPECT_EQ(raw(text, find(root, "a")->range), "val");
  EXPECT_EQ(find(root, "a")->tag, "!reset");
  EXPECT_EQ(raw(text, find(root, "m")->range), "k: v");
}

TEST(Yaml, depth_and_bytes_that_are_not_text_are_problems) {
  EXPECT_EQ(parse(std::string(10000, '[')).problems.size(), 1u);
  EXPECT_EQ(parse(std::string_view("a: \0b\n", 7)).problems.size(), 1u);
  EXPECT_EQ(parse("a: caf\xe9\n").problems.size(), 1u);
}

TEST(Yaml, locate_maps_back_through_styles) {
  const auto found = [](std::string_view text, std::string_view needle) {
    const Stream stream = parse(text);
    const Node& node = *find(*stream.documents.at(0)->root, "k");
    return text.substr(locate(text, node, node.value.find(needle)), needle.size());
  };
  EXPECT_EQ(found("k: plain ${X} end\n", "${X}"), "${X}");
  EXPECT_EQ(found("k: 'it''s ${X}'\n", "${X}"), "${X}");
  EXPECT_EQ(found("k: \"a\\n\\u00e9 ${X}\"\n", "${X}"), "${X}");
  EXPECT_EQ(found("k: |\n  one\n    two ${X}\n\n  three ${Y}\n", "${X}"), "${X}");
  EXPECT_EQ(found("k: |\n  one\n    two ${X}\n\n  three ${Y}\n", "${Y}"), "${Y}");
  EXPECT_EQ(found("k: >-\n  one\n  two ${X}\n", "${X}"), "${X}");
  EXPECT_EQ(found("k: one\n  two ${X}\n", "${X}"), "${X}");
  EXPECT_EQ(found("k: \"one\n  two ${X}\"\n", "${X}"), "${X}");
}

} // namespace
} // namespace aethel::yaml
