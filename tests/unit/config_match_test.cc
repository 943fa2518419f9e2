#include "config/match.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

Config read(std::string_view text) {
  ConfigResult result = read_config(text);
  EXPECT_TRUE(result.ok());
  return std::move(result.config);
}

TEST(FindStage, the_last_entry_that_matches_decides) {
  const Config config = read("stages:\n"
                             "  - {path: deploy, stage: production}\n"
                             "  - {path: deploy/local/**, stage: development}\n");
  EXPECT_EQ(find_stage(config, "deploy/a.yml")->stage, Stage::production);
  EXPECT_EQ(find_stage(config, "deploy/local/a.yml")->stage, Stage::development);
  EXPECT_EQ(find_stage(config, "a.yml"), nullptr);
}

TEST(FindExtern, asks_for_kind_name_and_scope) {
  const Config config = read("externs:\n"
                             "  - {kind: network, name: traefik*, in: deploy}\n"
                             "  - {kind: path, name: ./certs/**}\n");
  const auto index = [&](ExternQuery query) {
    const ExternEntry* entry = find_extern(config, query);
    return entry == nullptr ? -1 : static_cast<int>(entry->at.index);
  };
  EXPECT_EQ(index({.kind = "network", .name = "traefik_web", .path = "deploy/a.yml"}), 0);
  EXPECT_EQ(index({.kind = "network", .name = "traefik_web", .path = "a.yml"}), -1);
  EXPECT_EQ(index({.kind = "volume", .name = "traefik", .path = "deploy/a.yml"}), -1);
  EXPECT_EQ(index({.kind = "path", .name = "certs/a/b.pem", .path = "a.yml"}), 1);
  EXPECT_EQ(index({.kind = "path", .name = "./certs/a.pem", .path = "a.yml"}), 1);
}

TEST(FindExtern, a_folder_brings_what_lies_in_it) {
  const Config config =
      read("externs: [{kind: path, name: ./ssl}, {kind: path, name: /srv/data}]\n");
  const auto found = [&](std::string_view name) {
    return find_extern(config, {.kind = "path", .name = name, .path = "a.yml"}) != nullptr;
  };
  EXPECT_TRUE(found("./ssl/live/a.pem"));
  EXPECT_TRUE(found("ssl/a.pem"));
  EXPECT_TRUE(found("/srv/data/a"));
  EXPECT_FALSE(found("sslx"));
  EXPECT_FALSE(found("."));
  EXPECT_FALSE(found("/"));
}

TEST(FindIgnore, holds_through_its_last_day) {
  const Config config =
      read("ignore: [{rule: undefined-path, name: ./ssl, reason: x, until: 2027-01-31}]\n");
  const IgnoreQuery query{
      .rule = "undefined-path", .id = "AE0101", .path = "a.yml", .name = "./ssl/"};
  EXPECT_NE(find_ignore(config, query, *parse_date("2027-01-31")), nullptr);
  EXPECT_EQ(find_ignore(config, query, *parse_date("2027-02-01")), nullptr);
  EXPECT_TRUE(is_expired(config.ignores[0], *parse_date("2027-02-01")));
}

TEST(FindIgnore, takes_the_rule_by_name_or_id) {
  const Config config = read("ignore: [{rule: AE0101, path: a.yml, reason: x}]\n");
  const Date day = *parse_date("2026-01-01");
  const auto found = [&](std::string_view id, std::string_view path) {
    return find_ignore(config, {.rule = "undefined-path", .id = id, .path = path}, day) != nullptr;
  };
  EXPECT_TRUE(found("AE0101", "a.yml"));
  EXPECT_FALSE(found("AE0102", "a.yml"));
  EXPECT_FALSE(found("AE0101", "sub/a.yml"));
}

} // namespace
} // namespace aethel
