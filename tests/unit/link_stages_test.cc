// Which stage a target is inferred to be for, and by what evidence.
#include "link/report_format.h"
#include "support/linked.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

using testing::link_text;
using testing::parse_txtar;

constexpr std::string_view compose =
    "-- compose.yaml --\nservices:\n  web:\n    image: nginx:1.28\n";

Stage stage_of(const std::string& files) {
  const auto linked = link_text(parse_txtar(std::string(compose) + files));
  EXPECT_EQ(linked.report.program.targets.size(), 1u);
  return linked.report.program.targets.empty() ? Stage::unknown
                                               : linked.report.program.targets[0].stage;
}

TEST(Stages, a_script_that_starts_it_decides) {
  EXPECT_EQ(stage_of("-- run-tests.sh --\ndocker compose up -d\n"), Stage::test);
}

TEST(Stages, stopping_or_reading_logs_is_not_starting) {
  EXPECT_EQ(stage_of("-- run-tests.sh --\ndocker compose stop\ndocker compose logs web\n"),
            Stage::unknown);
}

TEST(Stages, what_a_script_only_prints_starts_nothing) {
  EXPECT_EQ(stage_of("-- run-tests.sh --\necho 'first run docker compose up -d'\n"),
            Stage::unknown);
}

TEST(Stages, the_strictest_of_several_scripts_decides) {
  EXPECT_EQ(stage_of("-- start-dev.sh --\ndocker compose up\n"
                     "-- start-prod.sh --\ndocker compose up -d\n"),
            Stage::production);
}

TEST(Stages, a_verb_in_a_heading_names_no_stage) {
  const std::string command = "\n```\ndocker compose up -d\n```\n";
  EXPECT_EQ(stage_of("-- docs/deploy.md --\n## Stage the files" + command), Stage::unknown);
  EXPECT_EQ(stage_of("-- docs/deploy.md --\n## Staging" + command), Stage::staging);
}

TEST(Stages, a_readme_that_disclaims_production_is_an_example) {
  EXPECT_EQ(stage_of("-- README.md --\n# Awesome\n\n> These must not be deployed in\n> production "
                     "environments.\n"),
            Stage::example);
  EXPECT_EQ(stage_of("-- README.md --\n# Coleção\n\nNão use em produção.\n"), Stage::example);
  EXPECT_EQ(stage_of("-- README.md --\n# Shop\n\nDo not commit secrets. Production runs on AWS.\n"),
            Stage::unknown);
  EXPECT_EQ(stage_of("-- README.md --\n# Shop\n\nNot only for tests: used in production.\n"),
            Stage::unknown);
}

Verdict verdict_with(const std::string& file, const std::string& bytes) {
  return verdict_of(link_text(parse_txtar("-- " + file + " --\n" + bytes)).report);
}

TEST(Stages, a_production_file_that_cannot_be_read_leaves_the_verdict_unknown) {
  const std::string broken = "services:\n  web: [\n";
  EXPECT_EQ(verdict_with("compose.yaml", broken), Verdict::unknown);
  EXPECT_EQ(verdict_with("deploy/docker-compose.prod.yml", broken), Verdict::unknown);
  EXPECT_EQ(verdict_with("docker-compose.dev.yml", broken), Verdict::ready);
  EXPECT_EQ(verdict_with("tests/compose.yaml", broken), Verdict::ready);
}

} // namespace
} // namespace aethel
