// What a Dockerfile's stage is in one build: its words, its variables, where its files come from.
#include "link/image.h"
#include "support/linked.h"
#include "syntax/dockerfile.h"
#include "syntax/shell_commands.h"

#include <gtest/gtest.h>

namespace aethel {
namespace {

using dockerfile::exec_form;

MappedText text_of(std::string_view bytes) {
  MappedText text;
  text.append(bytes, 0);
  text.finish(bytes.size());
  return text;
}

TEST(DockerfileWords, a_json_list_is_a_list_of_strings_and_nothing_else) {
  const auto list = exec_form(text_of(R"( ["npm", "r\u0075n", "a\"b"] )"));
  ASSERT_TRUE(list.has_value());
  ASSERT_EQ(list->size(), 3u);
  EXPECT_EQ((*list)[1].value, "run");
  EXPECT_EQ((*list)[2].value, "a\"b");
  EXPECT_EQ((*list)[0].range, (Range{3, 6}));
  EXPECT_TRUE(exec_form(text_of("[]"))->empty());
  for (const std::string_view text :
       {"", "npm start", "['npm']", "[\"npm\"", "[\"npm\",]", "[\"npm\"] x", "[npm]", "[1]",
        "[\"a\" \"b\"]", "[\"\\x\"]", "[\"\\u12\"]", "["})
    EXPECT_FALSE(exec_form(text_of(text)).has_value()) << text;
}

TEST(DockerfileWords, settings_have_two_forms) {
  const auto file =
      dockerfile::parse("FROM a\nENV A=1 B=\"x y\" C=z\\ w\nENV D one two\nARG E F=$A\n");
  const auto both = dockerfile::settings(file, file.instructions[1]);
  ASSERT_EQ(both.size(), 3u);
  EXPECT_EQ(both[1].value->written, "\"x y\"");
  const dockerfile::Scope nothing = [](std::string_view) { return dockerfile::Value{}; };
  EXPECT_EQ(dockerfile::evaluate(both[1].value->pieces, nothing), "x y");
  EXPECT_EQ(dockerfile::evaluate(both[2].value->pieces, nothing), "z w");
  const auto old = dockerfile::settings(file, file.instructions[2]);
  ASSERT_EQ(old.size(), 1u);
  EXPECT_EQ(old[0].value->written, "one two");
  const auto arguments = dockerfile::settings(file, file.instructions[3]);
  ASSERT_EQ(arguments.size(), 2u);
  EXPECT_FALSE(arguments[0].value.has_value());
}

TEST(DockerfileWords, an_unknown_value_makes_the_word_unknown) {
  const auto file = dockerfile::parse("FROM a\nCOPY $A ${B:-d} ${C:+e}$D /x\n");
  const auto words = dockerfile::words(file, file.instructions[1]);
  ASSERT_EQ(words.size(), 4u);
  const dockerfile::Scope scope = [](std::string_view name) {
    using State = dockerfile::Value::State;
    if (name == "A") return dockerfile::Value{.state = State::unknown, .text = {}};
    if (name == "D") return dockerfile::Value{.state = State::known, .text = "d"};
    return dockerfile::Value{};
  };
  EXPECT_EQ(dockerfile::evaluate(words[0].pieces, scope), std::nullopt);
  EXPECT_EQ(dockerfile::evaluate(words[1].pieces, scope), "d");
  EXPECT_EQ(dockerfile::evaluate(words[2].pieces, scope), "d");
}

TEST(ImageBuilds, commands_name_context_file_and_stage) {
  const auto found =
      shell_commands::scan("docker buildx build -t acme/web:1 --target=web -f docker/Dockerfile "
                           "--build-arg A=b --push ./web\n"
                           "docker build -\n"
                           "docker build $ARGS .\n"
                           "docker build $A $B $C\n"
                           "echo docker builds images\n",
                           shell::Language::shell);
  ASSERT_EQ(found.builds.size(), 3u);
  const auto& build = found.builds[0];
  EXPECT_EQ(build.folder->values.at(0).text, "./web");
  EXPECT_EQ(build.file->values.at(0).text, "docker/Dockerfile");
  EXPECT_EQ(build.target->values.at(0).text, "web");
  EXPECT_EQ(build.tags.at(0).values.at(0).text, "acme/web:1");
  EXPECT_EQ(found.builds[2].options, shell_commands::Invocation::Options::maybe_more);
}

TEST(Image, follows_stages_variables_and_files) {
  const auto linked = testing::link_text(testing::parse_txtar(R"(-- compose.yaml --
services:
  web:
    build:
      context: web
      target: final
      args: {DIR: /srv}
-- web/Dockerfile --
ARG NODE=24
ARG DIR=/app
FROM node:${NODE}-alpine AS base
ARG DIR
ENV HOME_DIR=$DIR PORT=3000
WORKDIR ${HOME_DIR}/x
CMD ["below"]
FROM base AS builder
COPY . .
FROM base AS final
WORKDIR ..
COPY --from=builder /srv/x/package.json /srv/x/lib/a.js ./
COPY --from=0 /nowhere ./b
ENTRYPOINT ["run"]
-- web/package.json --
{}
-- web/lib/a.js --
-- web/lib/secret.js --
-- web/.dockerignore --
lib/secret.js
)"));
  const Program& program = linked.report.program;
  ASSERT_EQ(program.builds.size(), 1u);
  const auto image = Image::of(program, program.builds[0]);
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(image->base(), "node:24-alpine");
  EXPECT_EQ(image->directory(), "/srv");
  EXPECT_EQ(image->variable("PORT").text, "3000");
  EXPECT_EQ(image->source_of("/srv/package.json"), "web/package.json");
  EXPECT_EQ(image->source_of("/srv/a.js"), "web/lib/a.js");
  EXPECT_EQ(image->source_of("/srv/secret.js"), "");
  EXPECT_EQ(image->command(), nullptr) << "ENTRYPOINT forgets the CMD below it";
  EXPECT_EQ(image->context().find("lib/secret.js").presence, BuildContext::Presence::excluded);
  EXPECT_EQ(image->context().find("../package.json").presence, BuildContext::Presence::present);
}

TEST(ImageBuilds, say_what_they_push) {
  const auto linked = testing::link_text(testing::parse_txtar(R"(-- compose.yaml --
services: {}
-- .github/workflows/image.yml --
on: push
env:
  REGISTRY: ghcr.io
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - id: meta
        uses: docker/metadata-action@v5
        with:
          images: |
            ${{ env.REGISTRY }}/acme/web
          tags: |
            type=semver,pattern={{version}}
            type=sha
            type=raw,value=edge,suffix=-x
      - uses: docker/build-push-action@v6
        with:
          context: web
          tags: ${{ steps.meta.outputs.tags }}
      - uses: docker/build-push-action@v6
        with:
          tags: |
            ${{ secrets.NAME }}/api:latest
            123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:1.2
-- web/Dockerfile --
FROM scratch
-- Dockerfile --
FROM scratch
)"));
  std::vector<std::string> images;
  for (const Symbol& symbol : linked.report.program.symbols)
    if (symbol.kind->name == "image") images.push_back(symbol.name);
  EXPECT_EQ(images, (std::vector<std::string>{
                        "ghcr.io/acme/web:*", "ghcr.io/acme/web:sha-*", "ghcr.io/acme/web:edge-x",
                        "ghcr.io/acme/web:latest", "*/api:latest",
                        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:1.2"}));
  ASSERT_EQ(linked.report.program.builds.size(), 2u);
  EXPECT_EQ(linked.report.program.builds[0].dockerfile, "web/Dockerfile");
  EXPECT_TRUE(linked.report.program.builds[0].checkout);
}

TEST(Image, stages_that_copy_from_each_other_end) {
  std::string text =
      "-- compose.yaml --\nservices: {web: {build: .}}\n-- Dockerfile --\nFROM a AS s0\n";
  for (int i = 1; i < 200; ++i)
    text += "FROM s" + std::to_string(i - 1) + " AS s" + std::to_string(i) + "\nCOPY --from=s" +
            std::to_string(i - 1) + " / /\n";
  const auto linked = testing::link_text(testing::parse_txtar(text));
  const auto image = Image::of(linked.report.program, linked.report.program.builds.at(0));
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(image->source_of("/x"), "");
}

} // namespace
} // namespace aethel
