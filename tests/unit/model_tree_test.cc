#include "model/tree.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

Tree tree_of(std::vector<TreeEntry> entries,
             std::vector<std::pair<std::string, std::string>> links = {}, std::string ignore = "") {
  TreeParts parts;
  parts.entries = std::move(entries);
  parts.links = std::move(links);
  parts.ignore.add("", IgnoreFile(ignore));
  return Tree(std::move(parts));
}

TEST(Tree, directories_exist_by_their_files) {
  const Tree tree = tree_of({{.path = "a-b"}, {.path = "a.b"}, {.path = "a/c/d"}, {.path = "a0"}});
  EXPECT_EQ(tree.exists("a"), Existence::directory);
  EXPECT_EQ(tree.exists("./a/c/"), Existence::directory);
  EXPECT_EQ(tree.exists("a/c/d"), Existence::file);
  EXPECT_EQ(tree.exists("a/../a0"), Existence::file);
  EXPECT_EQ(tree.exists("a/c/d/e"), Existence::absent);
  EXPECT_EQ(tree.exists("a/x"), Existence::absent);
  EXPECT_EQ(tree.exists("../x"), Existence::outside);
  EXPECT_EQ(tree.exists("."), Existence::directory);
  EXPECT_EQ(tree.under("a").size(), 1u);
}

TEST(Tree, children_are_in_order_of_names) {
  const Tree tree =
      tree_of({{.path = "a-b"}, {.path = "a/c/d"}, {.path = "a/c/e"}, {.path = "a/f"}});
  const auto top = tree.children("");
  ASSERT_EQ(top.size(), 2u);
  EXPECT_EQ(top[0].name, "a");
  EXPECT_EQ(top[0].entry, nullptr);
  EXPECT_EQ(top[1].name, "a-b");
  EXPECT_EQ(tree.children("a").size(), 2u);
  EXPECT_TRUE(tree.children("x").empty());
}

TEST(Tree, symlinks_are_followed_inside_the_tree) {
  const Tree tree = tree_of({{.path = "current", .type = EntryType::symlink},
                             {.path = "deep/up", .type = EntryType::symlink},
                             {.path = "host", .type = EntryType::symlink},
                             {.path = "loop1", .type = EntryType::symlink},
                             {.path = "loop2", .type = EntryType::symlink},
                             {.path = "lost", .type = EntryType::symlink},
                             {.path = "v1/app.yml"}},
                            {{"current", "v1"},
                             {"deep/up", "../current"},
                             {"host", "/etc/hosts"},
                             {"loop1", "loop2"},
                             {"loop2", "loop1"},
                             {"lost", "nowhere"}});
  EXPECT_EQ(tree.exists("current"), Existence::directory);
  EXPECT_EQ(tree.exists("current/app.yml"), Existence::file);
  EXPECT_EQ(tree.exists("deep/up/app.yml"), Existence::file);
  EXPECT_EQ(tree.resolve("deep/up/app.yml"), "v1/app.yml");
  EXPECT_EQ(tree.exists("host"), Existence::outside);
  EXPECT_EQ(tree.exists("loop1/x"), Existence::absent);
  EXPECT_EQ(tree.exists("lost"), Existence::absent);
}

TEST(Tree, what_is_ignored_is_not_missing) {
  const Tree tree = tree_of({{.path = "web/index.js"}}, {}, ".env\nnode_modules/\n!.env.example\n");
  EXPECT_EQ(tree.exists(".env"), Existence::ignored_by_design);
  EXPECT_EQ(tree.exists("web/.env"), Existence::ignored_by_design);
  EXPECT_EQ(tree.exists("web/node_modules"), Existence::ignored_by_design);
  EXPECT_EQ(tree.exists("node_modules/a/b.js"), Existence::ignored_by_design);
  EXPECT_EQ(tree.exists(".env.example"), Existence::absent);
}

TEST(Tree, submodules_and_unlisted_directories_are_unknown_inside) {
  TreeEntry sparse{.path = "docs", .type = EntryType::directory, .tracked = true};
  sparse.content_known = false;
  TreeEntry nested{.path = "other", .type = EntryType::directory};
  nested.content_known = false;
  const Tree tree = tree_of({sparse, {.path = "libs/core", .type = EntryType::submodule}, nested});
  EXPECT_EQ(tree.exists("docs"), Existence::directory);
  EXPECT_EQ(tree.exists("docs/a.md"), Existence::unknown);
  EXPECT_EQ(tree.exists("libs/core"), Existence::submodule);
  EXPECT_EQ(tree.exists("libs/core/x"), Existence::unknown);
  EXPECT_EQ(tree.exists("other"), Existence::unknown);
}

TEST(Tree, a_path_that_differs_in_case_is_found) {
  const Tree tree = tree_of({{.path = "Docker/Web.dockerfile"},
                             {.path = "docs/Relat\xC3\xB3rio.md"},
                             {.path = "src/a"},
                             {.path = "src/b"}});
  EXPECT_EQ(tree.exists_ignoring_case("docker/web.Dockerfile"), "Docker/Web.dockerfile");
  EXPECT_EQ(tree.exists_ignoring_case("docs/RELAT\xC3\x93RIO.md"), "docs/Relat\xC3\xB3rio.md");
  EXPECT_EQ(tree.exists_ignoring_case("SRC"), "src");
  EXPECT_EQ(tree.exists_ignoring_case("src/a"), std::nullopt);
  EXPECT_EQ(tree.exists_ignoring_case("src/c"), std::nullopt);
}

TEST(Tree, both_cases_of_a_directory_are_searched) {
  const Tree tree = tree_of({{.path = "Src/x"}, {.path = "src/Y"}});
  EXPECT_EQ(tree.exists_ignoring_case("Src/y"), "src/Y");
}

} // namespace
} // namespace aethel
