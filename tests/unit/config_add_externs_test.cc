#include "config/add_externs.h"

#include "config/config.h"
#include "config/scalar.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

const NewExtern web{
    .kind = "network", .name = "web", .evidence = "up.sh:3: docker network create web"};
const NewExtern data{.kind = "volume", .name = "data"};

std::string added(std::string_view bytes, std::vector<NewExtern> externs = {web}) {
  const Result<std::string> result = add_externs(bytes, externs);
  EXPECT_TRUE(result) << (result ? "" : result.error().message) << "\n" << bytes;
  return result.value_or("failed");
}

TEST(AddExterns, makes_the_file) {
  EXPECT_EQ(added(""), "version: 1\n"
                       "externs:\n"
                       "  # up.sh:3: docker network create web\n"
                       "  - kind: network\n"
                       "    name: web\n");
  EXPECT_EQ(added("# ours", {data}), "# ours\n"
                                     "version: 1\n"
                                     "externs:\n"
                                     "  - kind: volume\n"
                                     "    name: data\n");
  EXPECT_EQ(added("---\n...\n", {data}),
            "---\nversion: 1\nexterns:\n  - kind: volume\n    name: data\n...\n");
  EXPECT_EQ(added("\xef\xbb\xbf", {data}),
            "\xef\xbb\xbfversion: 1\nexterns:\n  - kind: volume\n    name: data\n");
}

TEST(AddExterns, makes_the_section) {
  EXPECT_EQ(added("version: 1\nignore: # none\n  - {rule: a, reason: b}\n# end"),
            "version: 1\nignore: # none\n  - {rule: a, reason: b}\n# end\n"
            "\n"
            "externs:\n"
            "  # up.sh:3: docker network create web\n"
            "  - kind: network\n"
            "    name: web\n");
  EXPECT_EQ(added("  version: 1\n", {data}),
            "  version: 1\n\n  externs:\n    - kind: volume\n      name: data\n");
}

TEST(AddExterns, keeps_what_ends_in_a_block_scalar) {
  const std::string before = "ignore:\n  - rule: a\n    reason: |+\n      kept\n\n\n";
  const std::string after = added(before, {data});
  EXPECT_EQ(after, before + "externs:\n  - kind: volume\n    name: data\n");
  EXPECT_EQ(read_config(after).config.ignores.at(0).reason.value, "kept\n\n\n");
}

TEST(AddExterns, goes_on_with_the_list_as_it_is_written) {
  EXPECT_EQ(added("externs:\n- kind: path\n  name: a # why\n\n# other\nstages: []\n", {data}),
            "externs:\n- kind: path\n  name: a # why\n- kind: volume\n  name: data\n\n# "
            "other\nstages: []\n");
  EXPECT_EQ(
      added("externs:\n    -   kind: path\n        name: a", {data}),
      "externs:\n    -   kind: path\n        name: a\n    -   kind: volume\n        name: data\n");
  EXPECT_EQ(
      added("externs:\n  - kind: path\n    name: a\n    reason: |\n      long\n\nstages: []\n",
            {data}),
      "externs:\n  - kind: path\n    name: a\n    reason: |\n      long\n\n"
      "  - kind: volume\n    name: data\nstages: []\n");
}

TEST(AddExterns, keeps_the_ends_of_lines) {
  EXPECT_EQ(added("externs:\r\n  - kind: path\r\n    name: a\r\n", {web}),
            "externs:\r\n  - kind: path\r\n    name: a\r\n"
            "  # up.sh:3: docker network create web\r\n  - kind: network\r\n    name: web\r\n");
}

TEST(AddExterns, fills_an_empty_section) {
  const std::string list = "  - kind: volume\n    name: data\n";
  EXPECT_EQ(added("externs: # later\nstages: []\n", {data}),
            "externs: # later\n" + list + "stages: []\n");
  EXPECT_EQ(added("externs: [] # later\n", {data}), "externs: # later\n" + list);
  EXPECT_EQ(added("externs:  ~\n", {data}), "externs:\n" + list);
  EXPECT_EQ(added("externs:", {data}), "externs:\n" + list);
}

TEST(AddExterns, writes_into_brackets) {
  EXPECT_EQ(added("externs: [{kind: path, name: a}]\n", {data, web}),
            "externs: [\n"
            "  {kind: volume, name: data},\n"
            "  # up.sh:3: docker network create web\n"
            "  {kind: network, name: web},{kind: path, name: a}]\n");
  EXPECT_EQ(read_config(added("{\"version\": 1}")).config.externs.size(), 1u);
  EXPECT_EQ(read_config(added("{}")).config.externs.size(), 1u);
  EXPECT_EQ(read_config(added("{externs: }")).config.externs.size(), 1u);
  EXPECT_EQ(read_config(added("externs: [ # none\n  ]\n")).config.externs.size(), 1u);
}

TEST(AddExterns, adds_nothing_twice) {
  const std::string text =
      "externs:\n  - {kind: network, name: w*}\n  - {kind: path, name: a, in: b}\n";
  EXPECT_EQ(added(text), text);
  EXPECT_EQ(added(text, {{.kind = "path", .name = "a", .in = "b"}}), text);
  EXPECT_NE(added(text, {{.kind = "path", .name = "a"}}), text);
  EXPECT_EQ(added("", {web, web}), added(""));
  EXPECT_EQ(added(added("", {web, data}), {data, web}), added("", {web, data}));
  EXPECT_EQ(added("", {}), "");
}

TEST(AddExterns, fails_rather_than_harm) {
  const auto message = [](std::string_view bytes) {
    const auto result = add_externs(bytes, std::vector{web});
    return result ? "added: " + *result : result.error().message;
  };
  EXPECT_EQ(message("- a\n"), "the file is not a mapping");
  EXPECT_EQ(message("externs: traefik\n"), "\"externs\" is not a list");
  EXPECT_EQ(message("stages: &s\nexterns: *s\n"), "\"externs\" is an alias");
  EXPECT_EQ(message("a: 1\n---\nb: 1\n"), "the file has more than one document");
  EXPECT_TRUE(message("a: [\n").starts_with("not valid YAML: "));
  const auto latin = add_externs("", std::vector<NewExtern>{{.kind = "path", .name = "caf\xe9"}});
  ASSERT_FALSE(latin);
  EXPECT_EQ(latin.error().message, "a name that is not UTF-8 cannot stand in aethel.yaml");
}

TEST(AddExterns, names_survive_whatever_they_are) {
  for (const std::string name : {"on",         "NO",    "null",  "1",           "1.5",
                                 "2027-01-01", "12:30", "*.pem", "&a",          "it's",
                                 "a: b",       "a #b",  "a:b",   "[x]",         "{x}",
                                 "\"q\"",      "a\tb",  "a\nb",  " a ",         "-",
                                 "- a",        "?",     "~",     "caf\xc3\xa9", "\xe2\x80\xa8",
                                 "\xc2\x85",   "a,b",   "./ssl", "../x",        ".5",
                                 "@a",         "%a",    "!a",    "|",           "a\\b",
                                 "0x1",        "=",     "<<",    "yes",         "\xf0\x9f\x98\x80",
                                 "a:",         "#a",    "`a`",   "\x7f",        ".inf",
                                 "a\r"}) {
    for (const std::string start : {"", "{}", "externs: [{kind: a, name: b}]"}) {
      const ConfigResult result = read_config(
          added(start, {{.kind = "path", .name = name, .reason = name, .evidence = name}}));
      ASSERT_TRUE(result.ok()) << name;
      EXPECT_EQ(result.config.externs.at(0).name.value, name);
      EXPECT_EQ(result.config.externs.at(0).reason.value, name);
    }
  }
}

TEST(WriteScalar, is_plain_where_that_is_safe) {
  for (const std::string plain :
       {"traefik", "./ssl", "docker-compose.yml", "created by the platform team",
        "criado pela equipe de operação", "ghcr.io/a/b:latest", "a*"})
    EXPECT_EQ(write_scalar(plain, Context::block), plain);
  EXPECT_EQ(write_scalar("it's: x", Context::block), "'it''s: x'");
  EXPECT_EQ(write_scalar("a,b", Context::flow), "'a,b'");
}

} // namespace
} // namespace aethel
