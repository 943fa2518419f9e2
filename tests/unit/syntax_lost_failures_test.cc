// Whose failure a shell text forgets, against what dash and bash do: each row was tried with
// `false` in place of the command.
#include "knowledge/command_purposes.h"
#include "syntax/lost_failures.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

std::string lost(std::string_view text, bool pipefail = false) {
  std::string all;
  for (const shell::LostFailure& each : shell::lost_failures(text, pipefail)) {
    EXPECT_LE(each.range.end, text.size());
    EXPECT_LT(each.range.begin, each.range.end);
    all += (all.empty() ? "" : "; ") + shell::shown(each.words) +
           (each.how == shell::LostFailure::How::pipe ? " | " : " || ") +
           shell::shown(each.instead);
  }
  return all;
}

TEST(LostFailures, alternatives) {
  EXPECT_EQ(lost("lint || true"), "lint || true");
  EXPECT_EQ(lost("lint --x || :"), "lint --x || :");
  EXPECT_EQ(lost("a && b || echo no"), "a || echo no; b || echo no");
  EXPECT_EQ(lost("a || b || true"), "b || true"); // b is provided for a
  EXPECT_EQ(lost("lint || exit 0"), "lint || exit 0");
  EXPECT_EQ(lost("lint || { echo no; }"), "lint || ");
  EXPECT_EQ(lost("{ lint; } || true"), "lint || true");
  EXPECT_EQ(lost("lint || echo no >&2"), "lint || echo no");
  EXPECT_EQ(lost("lint || echo no > /dev/null"), "lint || echo no");
}

TEST(LostFailures, what_is_kept_is_not_lost) {
  for (const std::string_view text :
       {"lint", "lint && true", "lint || exit 1", "lint || failed=1", "lint || lint",
        "lint || { echo no; exit 1; }", "lint || (echo no && exit 1)",
        "lint || echo no >> \"$GITHUB_OUTPUT\"", "! lint || true", "if lint || true; then x; fi",
        "while lint || true; do x; done", "lint || return 1", "lint || echo no && exit 1"})
    EXPECT_EQ(lost(text), "") << text;
}

TEST(LostFailures, pipes) {
  EXPECT_EQ(lost("dump | gzip > x.gz"), "dump | gzip");
  EXPECT_EQ(lost("dump | gzip | upload -"), "dump | upload -; gzip | upload -");
  EXPECT_EQ(lost("dump | gzip", true), "");
  EXPECT_EQ(lost("set -o pipefail\ndump | gzip"), "");
  EXPECT_EQ(lost("set -euo pipefail\ndump | gzip"), "");
  EXPECT_EQ(lost("set +o pipefail\ndump | gzip", true), "dump | gzip");
  EXPECT_EQ(lost("(set -o pipefail; true)\ndump | gzip"), "dump | gzip");
  EXPECT_EQ(lost("set -e\nf() { dump | gzip; }\nf"), "dump | gzip");
  EXPECT_EQ(lost("dump | gzip; test ${PIPESTATUS[0]} = 0"), "");
  EXPECT_EQ(lost("! dump | gzip"), "");
  EXPECT_EQ(lost("for d in a b; do dump $d | gzip > $d; done"), "dump ... | gzip");
  EXPECT_EQ(lost("set -o pipefail\ndump | gzip || true"), "dump || true");
}

TEST(LostFailures, a_text_in_a_text_has_options_of_its_own) {
  EXPECT_EQ(lost("set -o pipefail\ndocker exec db sh -c 'dump | gzip > x'"), "dump | gzip");
  EXPECT_EQ(lost("bash -ec \"dump || true\""), "dump || true");
  EXPECT_EQ(lost("sh -c 'set -o pipefail; dump | gzip'"), "");
}

TEST(LostFailures, what_is_no_program_says_nothing) {
  EXPECT_EQ(lost("if lint || true"), "");
  EXPECT_EQ(lost(std::string(20'000, '(') + "a || true"), "");
}

std::string_view purpose(std::initializer_list<std::string> words) {
  return knowledge::purpose_of(std::vector<std::string>(words));
}

TEST(CommandPurposes, wrappers_fall_away) {
  EXPECT_EQ(purpose({"pg_dump", "app"}), "dump");
  EXPECT_EQ(purpose({"docker", "compose", "exec", "-T", "db", "pg_dump", "-U", "x"}), "dump");
  EXPECT_EQ(purpose({"docker", "exec", "-i", "db", "/usr/bin/pg_dump"}), "dump");
  EXPECT_EQ(purpose({"kubectl", "exec", "-n", "prod", "db-0", "--", "mysqldump"}), "dump");
  EXPECT_EQ(purpose({"sudo", "-u", "postgres", "pg_dumpall"}), "dump");
  EXPECT_EQ(purpose({"timeout", "-k", "5", "60", "npm", "run", "lint"}), "check");
  EXPECT_EQ(purpose({"npm", "test"}), "test");
  EXPECT_EQ(purpose({"yarn", "--cwd", "web", "lint"}), "check");
  EXPECT_EQ(purpose({"pnpm", "--filter", "web", "test:unit"}), "test");
  EXPECT_EQ(purpose({"yarn", "jest", "--ci"}), "test");
  EXPECT_EQ(purpose({"npx", "--no-install", "tsc", "--noEmit"}), "check");
  EXPECT_EQ(purpose({"python", "-m", "pytest"}), "test");
  EXPECT_EQ(purpose({"poetry", "run", "alembic", "upgrade", "head"}), "migrate");
  EXPECT_EQ(purpose({"php", "artisan", "migrate", "--force"}), "migrate");
  EXPECT_EQ(purpose({"helm", "-n", "prod", "upgrade", "shop", "./chart"}), "deploy");
}

TEST(CommandPurposes, others_have_none) {
  EXPECT_EQ(purpose({}), "");
  EXPECT_EQ(purpose({"npm", "audit"}), "");
  EXPECT_EQ(purpose({"npm", "ci"}), "");
  EXPECT_EQ(purpose({"echo", "pg_dump"}), "");
  EXPECT_EQ(purpose({"docker", "compose", "down"}), "");
  EXPECT_EQ(purpose({"kubectl", "apply", "-f", "x", "--dry-run=client"}), "");
  EXPECT_EQ(purpose({"kubectl", "create", "namespace", "x"}), "");
  EXPECT_EQ(purpose({"pg_dump", "--version"}), "");
  EXPECT_EQ(purpose({"docker", "exec"}), "");
  EXPECT_EQ(purpose({"sudo"}), "");
}

} // namespace
} // namespace aethel
