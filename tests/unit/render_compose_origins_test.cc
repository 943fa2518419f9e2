// Where the values of a rendered project come from: what rules point at.
#include "link/render/compose.h"
#include "link/render/compose_mask.h"
#include "support/txtar.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>

namespace aethel {
namespace {

struct Rendered {
  MemoryFiles files;
  std::unique_ptr<Sources> sources;
  ComposeProject project;

  std::string place(Span span) const {
    if (!span.file) return "nowhere";
    const Source& source = **sources->load(span.file);
    const Place place = source.place(span.range.begin);
    return source.path() + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  }
  std::string words(Span span) const {
    const Source& source = **sources->load(span.file);
    return std::string(source.bytes().substr(span.range.begin, span.range.end - span.range.begin));
  }
  const Node& at(std::initializer_list<std::string_view> keys) const {
    static const Node missing;
    const Node* node = project.root.at(keys);
    EXPECT_NE(node, nullptr);
    return node == nullptr ? missing : *node;
  }
};

std::unique_ptr<Rendered> render(std::string_view archive, const ComposeRequest& request) {
  auto rendered = std::make_unique<Rendered>();
  std::vector<std::string> paths;
  for (auto& [name, bytes] : testing::parse_txtar(archive).files) {
    rendered->files.write(name, bytes);
    paths.push_back(name);
  }
  std::ranges::sort(paths);
  rendered->sources = std::make_unique<Sources>(rendered->files, paths);
  rendered->project = render_compose(*rendered->sources, {}, request);
  return rendered;
}

const ComposeRequest one_file{.files = {"compose.yaml"}, .directory = "", .root_name = "root"};

TEST(ComposeOrigins, an_override_names_what_it_replaced) {
  const auto it = render("-- a.yaml --\nservices:\n  web:\n    image: one\n"
                         "-- b.yaml --\nservices: {web: {image: two}}\n",
                         {.files = {"a.yaml", "b.yaml"}, .directory = "", .root_name = "root"});
  const Node& image = it->at({"services", "web", "image"});
  EXPECT_EQ(image.value(), "two");
  EXPECT_EQ(it->place(image.origin.written), "b.yaml:1:25");
  ASSERT_NE(image.origin.last, nullptr);
  EXPECT_EQ(image.origin.last->operation, Operation::override_file);
  EXPECT_EQ(it->place(image.origin.last->span), "a.yaml:3:12");
}

TEST(ComposeOrigins, an_inherited_value_is_written_in_the_base) {
  const auto it = render("-- compose.yaml --\n"
                         "services:\n  web:\n    extends: {file: base/b.yaml, service: base}\n"
                         "-- base/b.yaml --\n"
                         "services:\n  base:\n    image: x\n    env_file: e.env\n",
                         one_file);
  const Node& image = it->at({"services", "web", "image"});
  EXPECT_EQ(it->place(image.origin.written), "base/b.yaml:3:12");
  ASSERT_NE(image.origin.last, nullptr);
  EXPECT_EQ(image.origin.last->operation, Operation::extends);
  EXPECT_EQ(it->place(image.origin.last->span), "compose.yaml:3:14");
  const auto env =
      std::ranges::find(it->project.uses, ComposeFileUse::Role::env_file, &ComposeFileUse::role);
  ASSERT_NE(env, it->project.uses.end());
  EXPECT_EQ(env->path, "base/e.env"); // relative to the file that says it
  EXPECT_EQ(it->place(env->origin.written), "base/b.yaml:4:15");
}

TEST(ComposeOrigins, included_values_say_which_include_brought_them) {
  const auto it = render("-- compose.yaml --\n"
                         "include:\n  - sub/compose.yaml\nservices: {a: {image: x}}\n"
                         "-- sub/compose.yaml --\n"
                         "services:\n  b:\n    image: y\n    volumes: ['./d:/d']\n",
                         one_file);
  const Node& image = it->at({"services", "b", "image"});
  ASSERT_NE(image.origin.last, nullptr);
  EXPECT_EQ(image.origin.last->operation, Operation::include);
  EXPECT_EQ(it->place(image.origin.last->span), "compose.yaml:2:5");
  EXPECT_EQ(it->at({"services", "b", "volumes"}).items.at(0).find("source")->value(), "sub/d");
}

TEST(ComposeOrigins, variables_keep_their_words_and_who_gave_them) {
  const auto it = render("-- compose.yaml --\n"
                         "services:\n  web:\n    image: \"x:${TAG:-latest}\"\n"
                         "    ports: [\"127.0.0.1:${PORT}:3000\"]\n"
                         "    volumes: [\"${DIR:-./data}/db:/d\"]\n"
                         "-- .env --\nPORT=8080\n",
                         one_file);
  const Node& image = it->at({"services", "web", "image"});
  const Hole* tag = image.text.holes().at(0);
  EXPECT_EQ(tag->from, Hole::From::operand);
  EXPECT_EQ(it->words(tag->span), "${TAG:-latest}");
  const Node& port = it->at({"services", "web", "ports"}).items.at(0);
  const Hole* published = port.find("published")->text.single_hole();
  ASSERT_NE(published, nullptr);
  EXPECT_EQ(published->name, "PORT");
  EXPECT_EQ(published->from, Hole::From::file);
  EXPECT_EQ(it->place(published->given), ".env:1:1");
  EXPECT_EQ(it->words(port.find("target")->origin.written), "3000");
  const Node& source = *it->at({"services", "web", "volumes"}).items.at(0).find("source");
  EXPECT_EQ(source.value(), "data/db");
  EXPECT_TRUE(source.text.has_holes());
  ASSERT_EQ(it->project.variables.size(), 3u);
  EXPECT_EQ(it->project.variables[0].where, "services.web.image");
}

TEST(ComposeOrigins, missing_files_are_uses_and_the_rest_is_rendered) {
  const auto it =
      render("-- compose.yaml --\ninclude: [gone.yaml]\nservices:\n"
             "  a: {image: x, env_file: [gone.env, {path: maybe.env, required: false}]}\n"
             "  b: {extends: {file: gone.yml, service: z}, image: y}\n"
             "  c: {image: z, env_file: \"${STAGE}.env\"}\n",
             one_file);
  EXPECT_EQ(it->at({"services", "b", "image"}).value(), "y");
  std::vector<std::string> paths;
  for (const ComposeFileUse& use : it->project.uses)
    if (use.role != ComposeFileUse::Role::root && use.role != ComposeFileUse::Role::interpolation)
      paths.push_back(use.path + (use.required ? "" : "?") + (use.known ? "" : "*"));
  EXPECT_EQ(paths,
            (std::vector<std::string>{"gone.yaml", "gone.yml", "gone.env", "maybe.env?", ".env*"}));
}

TEST(ComposeOrigins, env_files_stay_apart_from_the_environment) {
  const auto it = render("-- compose.yaml --\nservices:\n"
                         "  a: {image: x, env_file: e.env, environment: {B: '2', C: }}\n"
                         "-- e.env --\nA=1\nB=${A}1\n",
                         one_file);
  const auto& given = it->project.env_file_variables;
  ASSERT_EQ(given.size(), 2u);
  EXPECT_EQ(given[1].entry.name, "B");
  EXPECT_EQ(given[1].entry.value.value(), "11");
  EXPECT_EQ(it->place(given[1].origin.written), "e.env:2:1");
  ASSERT_NE(given[1].origin.last, nullptr);
  EXPECT_EQ(given[1].origin.last->operation, Operation::env_file);
  EXPECT_EQ(it->at({"services", "a", "environment", "B"}).value(), "2");
  EXPECT_TRUE(it->at({"services", "a", "environment", "C"}).is_null());
  EXPECT_EQ(it->project.root.at({"services", "a", "environment", "A"}), nullptr);
}

TEST(ComposeOrigins, what_compose_adds_is_a_default_of_the_tool) {
  const auto it = render("-- compose.yaml --\nservices: {a: {build: ./app}}\n", one_file);
  const Node& dockerfile = it->at({"services", "a", "build", "dockerfile"});
  EXPECT_EQ(dockerfile.value(), "Dockerfile");
  ASSERT_NE(dockerfile.origin.last, nullptr);
  EXPECT_EQ(dockerfile.origin.last->operation, Operation::tool_default);
  EXPECT_EQ(it->place(dockerfile.origin.written), "compose.yaml:1:23");
}

TEST(ComposeOrigins, an_unset_source_leaves_the_target_of_a_mount) {
  const auto it = render("-- compose.yaml --\n"
                         "services: {a: {image: x, volumes: ['${NOPE}:/data:ro']}}\n",
                         one_file);
  const Node& volume = it->at({"services", "a", "volumes"}).items.at(0);
  EXPECT_EQ(volume.find("target")->value(), "/data");
  EXPECT_EQ(volume.find("source"), nullptr);
  EXPECT_EQ(it->project.problems.size(), 1u); // said once
}

TEST(ComposeMask, secrets_are_not_printed) {
  const auto it = render("-- compose.yaml --\nservices:\n  a:\n    image: x\n"
                         "    env_file: e.env\n    command: serve --key s3cr3t-v4lue\n"
                         "    environment:\n      DB_PASSWORD: s3cr3t-v4lue\n"
                         "      DATABASE_URL: postgres://me:hunter2@db/x\n"
                         "-- e.env --\nAPI_TOKEN=abcdef0123\n",
                         one_file);
  mask_secrets(it->project);
  const std::string json = compose_json(it->project, one_file);
  for (const std::string_view secret : {"s3cr3t-v4lue", "hunter2", "abcdef0123"})
    EXPECT_EQ(json.find(secret), std::string::npos) << json;
  EXPECT_NE(json.find("postgres://me:********@db/x"), std::string::npos) << json;
}

} // namespace
} // namespace aethel
