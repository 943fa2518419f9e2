// Every case of tests/compose/cases, against what compose-go says about it.
#include "link/render/compose.h"
#include "link/render/compose_files.h"
#include "support/txtar.h"
#include "syntax/yaml.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace aethel {
namespace {

using testing::Txtar;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

struct Case {
  MemoryFiles files;
  std::vector<std::string> paths;
  ComposeRequest request;
  bool interpolated = true;
  bool files_named = false;
};

std::vector<std::string> strings(const yaml::Node* node) {
  std::vector<std::string> result;
  if (node != nullptr)
    for (const yaml::Node* item : node->items) result.push_back(item->value);
  return result;
}

// tools/compose-oracle/bless says what a case is.
void lay_out(const Txtar& archive, Case& test) {
  std::vector<std::string> no_newline;
  test.request.directory = "project";
  test.request.root_name = "root";
  if (const std::string* options = archive.find("options.json")) {
    const yaml::Stream stream = yaml::parse(*options);
    const yaml::Node& root = *stream.documents.at(0)->root;
    if (const yaml::Node* directory = yaml::find(root, "project_directory"))
      test.request.directory = join_path("project", directory->value);
    for (const std::string& file : strings(yaml::find(root, "files")))
      test.request.files.push_back(join_path("project", file));
    if (yaml::find(root, "project_directory") == nullptr && !test.request.files.empty())
      test.request.directory = parent_path(test.request.files.front());
    for (const std::string& file : strings(yaml::find(root, "env_files")))
      test.request.env_files.push_back(join_path("project", file));
    if (const yaml::Node* profiles = yaml::find(root, "profiles"))
      test.request.profiles = strings(profiles);
    if (const yaml::Node* name = yaml::find(root, "name")) test.request.name = name->value;
    if (const yaml::Node* env = yaml::find(root, "env"))
      for (const yaml::Pair& pair : env->pairs)
        test.request.environment.emplace_back(pair.key->value, pair.value->value);
    test.interpolated = yaml::find(root, "no_interpolate") == nullptr;
    no_newline = strings(yaml::find(root, "no_final_newline"));
  }
  for (const auto& [name, bytes] : archive.files) {
    if (name == "options.json" || name == "expected.json") continue;
    std::string text = bytes;
    if (std::ranges::find(no_newline, name) != no_newline.end()) text.pop_back();
    const std::string path = join_path("project", name);
    test.files.write(path, std::move(text));
    test.paths.push_back(path);
  }
  std::ranges::sort(test.paths);
}

class ComposeCase : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(ComposeCase, is_what_compose_go_says) {
  const Txtar archive = testing::parse_txtar(read_file(GetParam()));
  const std::string* expected = archive.find("expected.json");
  ASSERT_NE(expected, nullptr);
  Case test;
  lay_out(archive, test);
  if (!test.interpolated) GTEST_SKIP() << "Aethel always interpolates";
  const Sources sources(test.files, test.paths);
  if (test.request.files.empty()) {
    auto named = compose_file_variable(sources, test.request.directory, test.request.environment,
                                       test.request.env_files);
    test.request.files = named ? *named : default_compose_files(sources, test.request.directory);
    if (!test.request.files.empty())
      test.request.directory = parent_path(test.request.files.front());
  }
  const ComposeProject project = render_compose(sources, {}, test.request);
  std::string problems;
  for (const ComposeProblem& problem : project.problems) problems += problem.message + "\n";
  const bool rejected = std::ranges::any_of(project.problems, [](const ComposeProblem& problem) {
    return problem.kind != ComposeProblem::Kind::unreadable;
  });
  if (expected->starts_with("{\n  \"error\"")) {
    EXPECT_TRUE(rejected) << "compose-go says " << *expected << "and we render "
                          << compose_json(project, test.request);
    return;
  }
  EXPECT_FALSE(rejected) << problems;
  EXPECT_EQ(compose_json(project, test.request), *expected);
}

std::vector<std::filesystem::path> cases() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(AETHEL_SOURCE_DIR "/tests/compose/cases"))
    if (entry.path().extension() == ".txtar") paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

INSTANTIATE_TEST_SUITE_P(All, ComposeCase, ::testing::ValuesIn(cases()), [](const auto& parameter) {
  std::string name = parameter.param.stem().string();
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

} // namespace
} // namespace aethel
