#include "config/config.h"

#include "config/schema.h"
#include "config/section.h"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>

namespace aethel {
namespace {

constexpr std::string_view kinds[] = {"path", "service", "network", "volume", "variable"};
constexpr std::string_view rules[] = {"undefined-path", "undefined-service", "AE0101", "a", "b"};
constexpr Vocabulary vocabulary{.kinds = kinds, .rules = rules};

std::string slurp(const std::string& path) {
  std::ifstream in(std::string(AETHEL_SOURCE_DIR "/") + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Case {
  std::string name;
  std::string text;
};

std::vector<Case> cases() {
  std::vector<Case> found;
  const std::string archive = slurp("tests/cases/config.txtar");
  for (std::size_t at = archive.find("\n-- "); at != std::string::npos;) {
    const std::size_t end = archive.find(" --\n", at), next = archive.find("\n-- ", end);
    const std::size_t begin = end + 4;
    const std::size_t size =
        next == std::string::npos ? next : next + 1 - std::min(begin, next + 1);
    found.push_back({archive.substr(at + 4, end - at - 4), archive.substr(begin, size)});
    at = next;
  }
  return found;
}

using Lines = std::multiset<std::pair<std::uint32_t, std::string>>;

Lines expected(const std::string& text) {
  Lines lines;
  std::uint32_t number = 1;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    constexpr std::string_view word = "# error: ";
    for (std::size_t mark = line.find(word); mark != std::string::npos;) {
      const std::size_t next = line.find(word, mark + 1);
      const std::size_t stop = next == std::string::npos ? next : next - mark - word.size() - 1;
      lines.emplace(number, line.substr(mark + word.size(), stop));
      mark = next;
    }
    at = end + 1;
  }
  return lines;
}

TEST(Config, reports_what_the_cases_say_on_their_lines) {
  ASSERT_GE(cases().size(), 25u);
  for (const Case& test : cases()) {
    SCOPED_TRACE(test.name);
    Lines reported;
    for (const ConfigProblem& problem : read_config(test.text, vocabulary).problems)
      reported.emplace(problem.line, problem.message);
    EXPECT_EQ(reported, expected(test.text));
    EXPECT_EQ(reported.empty(), test.name.starts_with("valid/"));
  }
}

TEST(Config, gives_what_is_declared) {
  const std::string text = "targets:\n"
                           "  - compose: [./deploy/a.yml, deploy//b.yml]\n"
                           "    stage: staging\n"
                           "    profiles: web\n"
                           "stages:\n"
                           "  - {path: local/**, stage: development}\n"
                           "externs:\n"
                           "  - kind: network\n"
                           "    name: traefik\n"
                           "ignore:\n"
                           "  - {rule: a, reason: because, until: 2027-01-31}\n"
                           "  - {rule: b, reason: because}\n";
  const ConfigResult result = read_config(text, vocabulary);
  ASSERT_TRUE(result.ok());
  const Config& config = result.config;
  ASSERT_EQ(config.targets.size(), 1u);
  const TargetEntry& target = config.targets[0];
  ASSERT_EQ(target.compose.size(), 2u);
  EXPECT_EQ(target.compose[0].value, "deploy/a.yml");
  EXPECT_EQ(target.compose[1].value, "deploy/b.yml");
  EXPECT_EQ(text.substr(target.compose[1].range.begin, 13), "deploy//b.yml");
  EXPECT_EQ(target.directory, "deploy");
  EXPECT_EQ(target.stage, Stage::staging);
  EXPECT_EQ(target.profiles.at(0).value, "web");
  EXPECT_EQ(config.stages.at(0).stage, Stage::development);
  EXPECT_EQ(config.externs.at(0).name.value, "traefik");
  EXPECT_EQ(config.externs.at(0).in.value, "");
  EXPECT_EQ(config.ignores.at(0).until, parse_date("2027-01-31"));
  EXPECT_EQ(config.ignores.at(1).until, std::nullopt);
  EXPECT_EQ(config.entries, 5u);
  EXPECT_EQ(config.externs.at(0).at.index, 2u);
  EXPECT_EQ(config.ignores.at(1).at.index, 4u);
  EXPECT_EQ(text.substr(config.ignores.at(1).at.range.begin, 4), "{rul");
}

TEST(Config, directory_of_the_root_is_not_the_default) {
  const ConfigResult result =
      read_config("targets:\n- {compose: d/a.yml, directory: .}\n- {compose: a.yml}\n");
  EXPECT_EQ(result.config.targets.at(0).directory, "");
  EXPECT_EQ(result.config.targets.at(1).directory, "");
}

TEST(Config, hints_help) {
  const ConfigResult result = read_config("targts: []\n"
                                          "stages: [{path: a, stage: live}]\n"
                                          "externs: [{kind: netwrok, name: 12}]\n",
                                          vocabulary);
  ASSERT_EQ(result.problems.size(), 4u);
  EXPECT_EQ(result.problems[0].hint, "did you mean \"targets\"?");
  EXPECT_EQ(result.problems[1].hint, "known are production, staging, development, test, example");
  EXPECT_EQ(result.problems[2].hint, "did you mean \"network\"?");
  EXPECT_EQ(result.problems[3].hint, "write it in quotes: '12'");
  EXPECT_EQ(result.problems[2].line, 3u);
  EXPECT_EQ(result.problems[2].column, 18u);
}

TEST(Config, without_a_vocabulary_every_name_is_taken) {
  EXPECT_TRUE(read_config("externs: [{kind: moon, name: x}]\n").ok());
}

TEST(Config, malformed_yaml_is_one_problem_with_its_place) {
  const ConfigResult result = read_config("version: 1\ntargets: [\n");
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_TRUE(result.problems[0].message.starts_with("not valid YAML: "));
  EXPECT_GE(result.problems[0].line, 2u);
}

TEST(Config, a_second_document_is_a_problem) {
  const ConfigResult result = read_config("version: 1\n---\nversion: 1\n");
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_EQ(result.problems[0].message, "more than one document");
  EXPECT_EQ(result.problems[0].line, 2u);
}

TEST(Config, byte_order_mark_and_crlf_keep_lines_and_columns) {
  const ConfigResult result = read_config("\xef\xbb\xbfverzion: 1\r\nstagez: []\r\n");
  ASSERT_EQ(result.problems.size(), 2u);
  EXPECT_EQ(result.problems[0].line, 1u);
  EXPECT_EQ(result.problems[0].column, 1u);
  EXPECT_EQ(result.problems[1].line, 2u);
  EXPECT_EQ(result.problems[1].column, 1u);
}

TEST(Config, repeated_aliases_do_not_multiply_without_end) {
  std::string text = "targets:\n  - &t\n    compose: [a";
  for (int i = 0; i < 1000; ++i) text += ", a";
  text += "]\n";
  for (int i = 0; i < 10000; ++i) text += "  - *t\n";
  const ConfigResult result = read_config(text);
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_EQ(result.problems[0].message, "more than 100000 values");
}

TEST(Config, a_file_of_mistakes_is_read_in_time) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += fmt::format("unknown-{}: x\n", i);
  EXPECT_EQ(read_config(text).problems.size(), 20000u);
}

// docs/aethel.schema.json is written from the reader's tables; AETHEL_BLESS=1 writes it.
TEST(ConfigSchema, is_current) {
  const std::string path = "docs/aethel.schema.json";
  if (std::getenv("AETHEL_BLESS") != nullptr)
    std::ofstream(std::string(AETHEL_SOURCE_DIR "/") + path, std::ios::binary) << config_schema();
  EXPECT_EQ(slurp(path), config_schema()) << "run with AETHEL_BLESS=1 to write " << path;
}

TEST(ConfigDocs, every_key_is_explained_in_both_languages_and_in_the_schema) {
  const std::string schema = slurp("docs/aethel.schema.json");
  for (const std::string path : {"docs/configuration.md", "docs/configuration.pt-BR.md"}) {
    const std::string page = slurp(path);
    for (const Section* section : sections::all()) {
      EXPECT_NE(page.find(fmt::format("## `{}`", section->name)), std::string::npos)
          << path << ": " << section->name;
      EXPECT_NE(schema.find(fmt::format("\"{}\": {{", section->name)), std::string::npos);
      for (const Key& key : section->keys) {
        EXPECT_NE(page.find(fmt::format("| `{}` |", key.name)), std::string::npos)
            << path << ": " << section->name << "." << key.name;
        EXPECT_NE(schema.find(fmt::format("\"{}\": {{\"description\"", key.name)),
                  std::string::npos);
      }
    }
  }
}

// Every YAML block of the pages is a file that the reader takes.
TEST(ConfigDocs, examples_are_valid) {
  for (const std::string path : {"docs/configuration.md", "docs/configuration.pt-BR.md"}) {
    const std::string page = slurp(path);
    int examples = 0;
    for (std::size_t at = page.find("```yaml\n"); at != std::string::npos;
         at = page.find("```yaml\n", at)) {
      const std::size_t end = page.find("\n```\n", at);
      const std::string example = page.substr(at + 8, end - at - 7);
      at = end;
      if (example.find("services:") != std::string::npos) continue; // of a compose file
      for (const ConfigProblem& problem : read_config(example).problems)
        ADD_FAILURE() << path << ": " << problem.message << "\n" << example;
      ++examples;
    }
    EXPECT_GE(examples, 5) << path;
  }
}

} // namespace
} // namespace aethel
