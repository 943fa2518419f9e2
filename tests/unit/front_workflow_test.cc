#include "front/reader.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace aethel {
namespace {

FileFacts read(const std::string& bytes, const std::string& path = ".github/workflows/ci.yml") {
  const auto all = readers::all();
  const Reader& reader = **std::ranges::find(all, "workflow", &Reader::name);
  EXPECT_TRUE(reader.claims(path));
  const Source source(path, bytes);
  FileFacts facts{.file = FileId{0}};
  if (reader.accepts(path, bytes)) reader.read(source, FileId{0}, facts);
  return facts;
}

std::string at(const std::string& bytes, const Span& span) {
  return bytes.substr(span.range.begin, span.range.end - span.range.begin);
}

TEST(FrontWorkflow, ClaimsWhatGithubReads) {
  const auto all = readers::all();
  const Reader& reader = **std::ranges::find(all, "workflow", &Reader::name);
  EXPECT_TRUE(reader.claims(".github/workflows/a.yaml"));
  EXPECT_TRUE(reader.claims("action.yml"));
  EXPECT_TRUE(reader.claims(".github/actions/x/action.yaml"));
  EXPECT_FALSE(reader.claims(".github/workflows/deep/a.yml"));
  EXPECT_FALSE(reader.claims("packages/x/.github/workflows/a.yml"));
  EXPECT_FALSE(reader.claims(".github/dependabot.yml"));
}

TEST(FrontWorkflow, SaysWhatTheFileSays) {
  const std::string bytes = R"(name: CD
on:
  push:
    branches: [main, 'release/**']
    tags: v*
  workflow_dispatch:
    inputs:
      where: {type: choice, required: true, default: a, options: [a, b]}
defaults: {run: {working-directory: web}}
jobs:
  build:
    needs: [test]
    if: github.ref == 'refs/heads/main'
    runs-on: ${{ matrix.os }}
    environment: {name: production, url: "https://example.com"}
    strategy:
      matrix:
        os: [ubuntu-24.04]
        include: [{os: macos-15, extra: true}]
    steps:
      - id: s
        uses: actions/checkout@v4
        with: {path: "src/${{ github.sha }}"}
      - run: |
          cd web
            make ${{ matrix.os }}
        shell: bash
        continue-on-error: true
  test:
    uses: ./.github/workflows/test.yml
    secrets: inherit
)";
  const FileFacts facts = read(bytes);
  ASSERT_EQ(facts.workflows.size(), 1u);
  const Workflow& workflow = facts.workflows.front();
  EXPECT_TRUE(workflow.faults.empty());
  ASSERT_EQ(workflow.triggers.size(), 2u);
  EXPECT_EQ(workflow.trigger("push")->branches[1].written(), "release/**");
  EXPECT_EQ(workflow.trigger("push")->tags.size(), 1u);
  EXPECT_EQ(workflow.trigger("workflow_dispatch")->inputs[0].options.size(), 2u);
  EXPECT_EQ(workflow.defaults.working_directory->written(), "web");
  const WorkflowJob& build = *workflow.job("BUILD");
  EXPECT_EQ(build.environment->name.written(), "production");
  EXPECT_EQ(build.matrix->rows[0].values[0].value(), "ubuntu-24.04");
  EXPECT_EQ(build.matrix->include[0].find("extra")->type, ScalarType::boolean);
  const WorkflowEntry* path = build.steps[0].with.find("PATH");
  EXPECT_EQ(path->value.written(), "src/${{ github.sha }}");
  EXPECT_EQ(at(bytes, path->value.text.pieces()[1].span), "${{ github.sha }}");
  const WorkflowStep& run = build.steps[1];
  EXPECT_EQ(run.script.text, "cd web\n  make ${{ matrix.os }}\n");
  EXPECT_EQ(bytes.substr(run.script.offsets[9], 4), "make");
  EXPECT_TRUE(workflow.job("test")->inherits_secrets);
  for (const WorkflowExpression& each : workflow.expressions)
    EXPECT_EQ(at(bytes, each.span), each.source) << each.where;
  ASSERT_EQ(workflow.expressions.size(), 4u);
  EXPECT_EQ(workflow.expressions[3].where, "jobs.build.steps[1].run");
  EXPECT_EQ(workflow.expressions[3].step, 1);
}

TEST(FrontWorkflow, ReadsActions) {
  const FileFacts facts =
      read("name: x\ninputs:\n  a: {required: true}\nruns:\n  using: composite\n"
           "  steps:\n    - run: echo ${{ inputs.a }}\n      shell: bash\n",
           "tools/x/action.yml");
  ASSERT_EQ(facts.actions.size(), 1u);
  EXPECT_EQ(facts.actions[0].directory, "tools/x");
  EXPECT_EQ(facts.actions[0].kind, ActionDefinition::Kind::composite);
  EXPECT_TRUE(facts.actions[0].input("A")->required);
  EXPECT_EQ(facts.actions[0].expressions.size(), 1u);
  // Another program's file of that name.
  EXPECT_TRUE(read("steps: []\n", "action.yml").actions.empty());
}

TEST(FrontWorkflow, StaysBoundedOnHostileInput) {
  // Each level repeats the one before ten times.
  std::string bomb =
      "on: push\nenv: &a0 {x: '" + std::string(1000, 'y') + "${{ github.sha }}'}\njobs:\n";
  for (int level = 1; level < 12; ++level) {
    bomb += "  j" + std::to_string(level) + ": &a" + std::to_string(level) + " {";
    for (int i = 0; i < 10; ++i)
      bomb += "k" + std::to_string(i) + ": *a" + std::to_string(level - 1) + ", ";
    bomb += "}\n";
  }
  (void)read(bomb);
  // One long step in many places of many jobs.
  std::string steps = "on: push\njobs:\n  a: &job\n    runs-on: x\n    steps:\n      - &s {run: '" +
                      std::string(20'000, 'x') + "${{ 1 }}'}\n";
  for (int i = 0; i < 1000; ++i) steps += "      - *s\n";
  for (int i = 0; i < 1000; ++i) steps += "  a: *job\n";
  for (int i = 0; i < 1000; ++i) steps += "  j" + std::to_string(i) + ": *job\n";
  const FileFacts facts = read(steps);
  EXPECT_TRUE(facts.workflows.empty());
  EXPECT_FALSE(facts.problems.empty());
  (void)read("jobs: " + std::string(100'000, '['));
  (void)read("jobs: {a: {steps: [" + std::string(50'000, '{'));
  (void)read("on: {push: {branches: ${{ }}}}\n? [a]\n: b\n<<: c\n");
  (void)read("\xff\xfe o n");
  (void)read(std::string("on: push\njobs: \0 x", 18));
}

} // namespace
} // namespace aethel
