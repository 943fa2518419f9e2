#include "syntax/dockerfile.h"

#include "support/answers.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace aethel::dockerfile {
namespace {

std::string_view raw(std::string_view text, Range range) {
  return text.substr(range.begin, range.end - range.begin);
}

constexpr std::string_view web = R"(# syntax=docker/dockerfile:1
# what everybody needs
ARG NODE=22
ARG VARIANT
FROM --platform=$BUILDPLATFORM node:${NODE}-alpine AS Deps
WORKDIR /app
COPY package*.json ./
RUN --mount=type=cache,target=/root/.npm \
    # the lock file decides
    npm ci && \
    npm cache clean

FROM deps as build
ARG API_URL="http://localhost:3000" DEBUG
RUN <<-EOF
	npm run build
	FROM nothing
	EOF

from gcr.io/distroless/nodejs${NODE}${VARIANT}
COPY --from=build --chown=65532 /app/dist /app
ONBUILD RUN echo hello
HEALTHCHECK --interval=10s CMD ["node", "health.js"]
)";

TEST(Dockerfile, finds_stages_with_their_images) {
  const File file = parse(web);
  EXPECT_TRUE(file.problems.empty());
  ASSERT_EQ(file.stages.size(), 3u);
  const Stage& deps = file.stages[0];
  EXPECT_EQ(deps.name, "deps");
  EXPECT_EQ(raw(web, deps.name_range), "Deps");
  EXPECT_EQ(raw(web, deps.image_range), "node:${NODE}-alpine");
  EXPECT_EQ(deps.base, "node:22-alpine");
  EXPECT_EQ(deps.base_known, Stage::Known::yes);
  EXPECT_EQ(deps.platform, "$BUILDPLATFORM");
  ASSERT_EQ(deps.image.size(), 3u);
  EXPECT_EQ(raw(web, deps.image[1].range), "${NODE}");
  EXPECT_EQ(file.stages[1].base_stage, 0u);
  EXPECT_EQ(file.stages[2].name, "");
  EXPECT_EQ(file.stages[2].base_known, Stage::Known::no);
  EXPECT_EQ(file.stages[2].base_stage, std::nullopt);
  EXPECT_EQ(find_stage(file, "BUILD"), &file.stages[1]);
  EXPECT_EQ(find_stage(file, "2"), &file.stages[2]);
  EXPECT_EQ(find_stage(file, "3"), nullptr);
}

TEST(Dockerfile, resolves_with_the_arguments_that_the_builder_gets) {
  const File file = parse(web);
  const auto given = [](std::string_view name) -> std::optional<std::string> {
    if (name == "VARIANT") return "-debug";
    if (name == "NODE") return "20";
    return std::nullopt;
  };
  EXPECT_EQ(resolve(file, file.stages[2].image, given), "gcr.io/distroless/nodejs20-debug");
}

TEST(Dockerfile, reads_instructions_over_lines_comments_and_here_documents) {
  const File file = parse(web);
  ASSERT_EQ(file.instructions.size(), 13u);
  const Instruction& install = file.instructions[5];
  EXPECT_EQ(install.name, "RUN");
  ASSERT_EQ(install.flags.size(), 1u);
  EXPECT_EQ(install.flags[0].name, "mount");
  EXPECT_EQ(install.flags[0].value, "type=cache,target=/root/.npm");
  EXPECT_EQ(install.arguments.text, "npm ci &&     npm cache clean");
  EXPECT_TRUE(raw(web, install.range).ends_with("npm cache clean"));
  EXPECT_EQ(install.stage, 0u);
  const Instruction& build = file.instructions[8];
  ASSERT_EQ(build.here_documents.size(), 1u);
  EXPECT_EQ(raw(web, build.here_documents[0].body), "\tnpm run build\n\tFROM nothing\n");
  EXPECT_EQ(file.instructions[11].trigger, "RUN");
  EXPECT_EQ(file.instructions[0].stage, std::nullopt);
  ASSERT_EQ(file.comments.size(), 2u);
  EXPECT_EQ(raw(web, file.comments[1]), "# the lock file decides");
  ASSERT_EQ(file.directives.size(), 1u);
  EXPECT_EQ(file.directives[0].value, "docker/dockerfile:1");
}

TEST(Dockerfile, finds_arguments_and_where_they_serve) {
  const File file = parse(web);
  ASSERT_EQ(file.arguments.size(), 4u);
  EXPECT_EQ(file.arguments[1].name, "VARIANT");
  EXPECT_FALSE(file.arguments[1].value);
  EXPECT_EQ(file.arguments[2].name, "API_URL");
  EXPECT_EQ(file.arguments[2].value->at(0).text, "http://localhost:3000");
  EXPECT_EQ(raw(web, file.arguments[2].value_range), "\"http://localhost:3000\"");
  EXPECT_EQ(file.arguments[2].stage, 1u);
  EXPECT_EQ(file.arguments[3].name, "DEBUG");
}

TEST(Dockerfile, defaults_see_the_arguments_above_them) {
  EXPECT_EQ(parse("ARG A=1\nARG B=$A.2\nFROM x:$B\n").stages[0].base, "x:1.2");
  EXPECT_EQ(parse("ARG B=$A.2\nARG A=1\nFROM x:$B\n").stages[0].base, "x:.2");
  EXPECT_EQ(parse("FROM x:${V:-3}\n").stages[0].base, "x:3");
  EXPECT_EQ(parse("ARG V\nFROM x:${V:-3}\n").stages[0].base, "x:3");
  EXPECT_EQ(parse("ARG V=1.2.3\nFROM x:${V%.*}\n").stages[0].base_known, Stage::Known::no);
  EXPECT_EQ(parse("FROM x-$TARGETARCH\n").stages[0].base_known, Stage::Known::no);
}

TEST(Dockerfile, escape_directive_and_crlf) {
  const File file = parse("\xef\xbb\xbf# escape=`\r\nFROM windows\r\nRUN dir c:\\ `\r\n  /s\r\n");
  ASSERT_EQ(file.instructions.size(), 2u);
  EXPECT_EQ(file.instructions[1].arguments.text, "dir c:\\   /s");
  EXPECT_TRUE(file.problems.empty());
}

TEST(Dockerfile, says_what_the_builder_would_refuse) {
  const auto kinds = [](std::string_view text) {
    std::vector<Problem::Kind> result;
    for (const Problem& problem : parse(text).problems) result.push_back(problem.kind);
    return result;
  };
  using enum Problem::Kind;
  EXPECT_EQ(kinds("FROM a\nFOO x\n"), std::vector{unknown_instruction});
  EXPECT_EQ(kinds("RUN x\nFROM a\n"), std::vector{no_stage});
  EXPECT_EQ(kinds("FROM a b\n"), std::vector{bad_from});
  EXPECT_EQ(kinds("FROM a AS 1b\n"), std::vector{bad_stage_name});
  EXPECT_EQ(kinds("FROM\n"), std::vector{missing_arguments});
  EXPECT_EQ(kinds("FROM ${\n"), std::vector{bad_substitution});
  // Blanks before the delimiter: since BuildKit 0.22.
  EXPECT_EQ(kinds("FROM a\nRUN cat > /f << 'E'\nset -e\nE\nRUN z\n"), std::vector<Problem::Kind>{});
  EXPECT_EQ(kinds("FROM a\nRUN cat <<- E\n\tset -e\n\tE\nRUN z\n"), std::vector<Problem::Kind>{});
  EXPECT_EQ(kinds("FROM a\nRUN cat <<\nRUN z\n"), std::vector<Problem::Kind>{});
  EXPECT_EQ(kinds("FROM a\nRUN <<E\nx\n"), std::vector{unterminated_here_document});
  EXPECT_EQ(kinds("# escape=x\nFROM a\n"), std::vector{bad_directive});
  EXPECT_FALSE(describe(bad_from).empty());
}

TEST(Dockerfile, bounds_what_grows_by_doubling) {
  std::string text = "ARG A=x\n";
  for (int i = 0; i < 60; ++i) text += "ARG A=$A$A\n";
  EXPECT_EQ(parse(text + "FROM $A\n").stages[0].base_known, Stage::Known::no);
}

// The answer's instructions and stages against ours.
TEST(Dockerfile, agrees_with_buildkit) {
  int checked = 0, stages = 0;
  for (const auto& [input, answer] : test::read_answers("dockerfile")) {
    SCOPED_TRACE(input);
    const File file = parse(input);
    ++checked;
    if (answer == "error") {
      // Whether ENV and LABEL have an '=' is not looked at here.
      EXPECT_TRUE(!file.problems.empty() || input.contains("LABEL") || input.contains("ENV"));
      continue;
    }
    std::string ours = "ok";
    for (const Instruction& instruction : file.instructions)
      ours +=
          " " + instruction.name + ":" +
          std::to_string(1 + std::ranges::count(input.begin(),
                                                input.begin() + instruction.range.begin, '\n')) +
          ":" + std::to_string(instruction.flags.size()) + ":" +
          std::to_string(instruction.here_documents.size());
    const std::size_t bar = answer.find(" |");
    EXPECT_EQ(answer.substr(0, bar), ours);
    if (answer.ends_with("error")) continue;
    ours.clear();
    bool known = true;
    for (const Stage& stage : file.stages) {
      known = known && stage.base_known == Stage::Known::yes;
      ours += " " + stage.name + "=" + test::hexadecimal(stage.base);
    }
    if (!known) continue;
    EXPECT_EQ(answer.substr(bar + 2), ours);
    ++stages;
  }
  EXPECT_GT(checked, 150);
  EXPECT_GT(stages, 30);
}

TEST(Dockerfile, unclosed_operands_in_a_row_take_no_exponential_time) {
  std::string text = "FROM a\nENV V=";
  for (int i = 0; i < 200; ++i) text += "${V:-4$$:";
  EXPECT_EQ(parse(text).stages.size(), 1u);
}

} // namespace
} // namespace aethel::dockerfile
