// Which variables scripts and documents write down for whoever starts a project.
#include "syntax/env_writes.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

std::string written(std::string_view text, shell::Writer writer = shell::Writer::script) {
  std::string all;
  for (const shell::EnvWrite& each : shell::env_writes(text, writer)) {
    EXPECT_LE(each.range.end, text.size());
    if (each.name != "*")
      EXPECT_EQ(text.substr(each.range.begin, each.range.end - each.range.begin), each.name);
    all += (all.empty() ? "" : " ") + each.name;
  }
  return all;
}

TEST(EnvWrites, here_documents_and_printed_lines) {
  EXPECT_EQ(written("cat > .env <<EOF\nDB_NAME=$DB\nexport KEY=1\n# NOT=1\nEOF\nAFTER=1"),
            "DB_NAME KEY");
  EXPECT_EQ(written("  ssh u@h <<-'END'\n  export A_B=1\n  END\n"), "A_B");
  EXPECT_EQ(written("echo \"TOKEN=$T\" >> .env"), "TOKEN");
  EXPECT_EQ(written("{ echo \"AA=1\"; echo 'BB=2'; printf 'CC=%s\\n' x; } > .env"), "AA BB CC");
  EXPECT_EQ(written("echo \"TAG=$X\" >> $GITHUB_ENV"), "TAG");
}

TEST(EnvWrites, a_file_from_elsewhere_may_hold_anything) {
  for (const std::string_view text :
       {"echo \"${{ secrets.ENV_FILE }}\" > .env", "base64 -d <<< $X > /opt/app/.env",
        "cp /secure/app.env .env", "cp .env.production .env", "sudo cp /x .env",
        "aws s3 cp s3://b/env .env", "echo $ALL | tee .env", "doppler run -- docker compose up"})
    EXPECT_EQ(written(text), "*") << text;
}

TEST(EnvWrites, what_gives_nothing) {
  for (const std::string_view text :
       {"echo \"\" > .env", "echo KEY: ${{ secrets.KEY }} >> .env", "cp .env.example .env",
        "[ -f .env ] || cp .env.example .env", "cat .env", "# echo A_B=1 > .env", "echo hello",
        "grep X .env > out", "cp a .env.local", "docker run --env-file .env x",
        "cat <<< \"A_B=1\""})
    EXPECT_EQ(written(text), "") << text;
}

TEST(EnvWrites, blocks_of_documents) {
  EXPECT_EQ(written("Set X_Y=1\n```\nSMTP_HOST=mail\nexport PORT=1\n```\nZ_Z=1\n",
                    shell::Writer::document),
            "SMTP_HOST PORT");
}

} // namespace
} // namespace aethel
