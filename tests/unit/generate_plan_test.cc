#include "generate/plan.h"

#include "generate/view.h"
#include "link/configuration.h"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

namespace aethel::generate {
namespace {

using Action = Step::Action;

Step only(std::optional<std::string> file, std::optional<std::string> base,
          std::optional<std::string> generated, std::vector<std::string> adopt = {}) {
  std::map<std::string, GeneratedFile> files;
  if (generated) files["a/b.yaml"] = {.bytes = *generated};
  auto steps = plan_steps(files, {{"a/b.yaml", {.bytes = file, .base = base}}}, adopt);
  EXPECT_EQ(steps.size(), 1u);
  return steps.empty() ? Step{} : steps[0];
}

TEST(Plan, creates_updates_and_removes_what_nobody_touched) {
  EXPECT_EQ(only({}, {}, "new\n").action, Action::create);
  EXPECT_EQ(only("old\n", "old\n", "new\n").action, Action::update);
  EXPECT_EQ(only("old\n", "old\n", {}).action, Action::remove);
  EXPECT_EQ(only("same\n", "same\n", "same\n").action, Action::keep);
}

TEST(Plan, never_overwrites_what_a_person_changed) {
  const Step merged = only("1\n2\n3\nmine\n", "1\n2\n3\n4\n", "one\n2\n3\n4\n");
  EXPECT_EQ(merged.action, Action::merge);
  EXPECT_EQ(merged.after, "one\n2\n3\nmine\n");
  EXPECT_EQ(merged.base, "one\n2\n3\n4\n");
  EXPECT_EQ(only("mine\n", "old\n", "new\n").action, Action::conflict);
  EXPECT_FALSE(only("mine\n", "old\n", "new\n").after);
  EXPECT_EQ(only("mine\n", "old\n", "old\n").action, Action::keep);
  EXPECT_EQ(only("mine\n", "old\n", {}).action, Action::orphan);
  EXPECT_FALSE(only("mine\n", "old\n", {}).base);
}

TEST(Plan, keeps_deleted_what_a_person_deleted) {
  const Step step = only({}, "old\n", "new\n");
  EXPECT_EQ(step.action, Action::deleted);
  EXPECT_FALSE(step.after);
  EXPECT_EQ(step.base, "old\n");
}

TEST(Plan, takes_over_only_what_is_adopted) {
  const Step foreign = only("theirs\n", {}, "new\n");
  EXPECT_EQ(foreign.action, Action::foreign);
  EXPECT_FALSE(foreign.base);
  for (const char* adopt : {"a/b.yaml", "a", "."})
    EXPECT_EQ(only("theirs\n", {}, "new\n", {adopt}).action, Action::adopt) << adopt;
  EXPECT_EQ(only("theirs\n", {}, "new\n", {"a/b"}).action, Action::foreign);
  // Equal by chance: from now on it is kept with its state.
  EXPECT_EQ(only("new\n", {}, "new\n").base, "new\n");
}

Product product_of(const std::string& text) {
  auto config = read_configuration(text);
  EXPECT_TRUE(config.has_value()) << (config ? "" : config.error().message);
  return config ? std::move(config->product) : Product{};
}

std::string engine() {
  std::ifstream in(AETHEL_SOURCE_DIR "/examples/aethel-engine/aethel.yaml", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(View, asks_for_everything_that_is_absent_at_once) {
  const auto missing =
      missing_of(product_of("product: {name: shop}\nservices: {web: {port: 80}}\n"));
  std::string keys;
  for (const Missing& each : missing) keys += each.key + " ";
  EXPECT_EQ(keys, "cloud.account cloud.region cloud.zone product.repository product.registry "
                  "product.email environments services.web.health.live ");
  EXPECT_TRUE(missing_of(product_of(engine())).empty());
}

TEST(View, fills_holes_by_environment) {
  const Product product = product_of(engine());
  ASSERT_FALSE(product.environments.empty());
  EXPECT_EQ(fill_holes("ws://${service.runtime}/${host.web}?${environment}&${region}${", product,
                       product.environments[0]),
            "ws://runtime:3001/staging.aethel.dev?staging&us-east-1${");
}

TEST(Templates, name_only_values_that_there_are) {
  const Value view = view_of(product_of(engine()));
  for (const Template& each : templates::all())
    for (const std::string& name : unknown_names(each, view))
      ADD_FAILURE() << "templates/" << each.part << "/" << each.path << ": " << name;
}

TEST(Templates, give_the_same_bytes_each_time) {
  const Product product = product_of(engine());
  const auto first = render_templates(view_of(product), {});
  const auto second = render_templates(view_of(product), {});
  ASSERT_TRUE(first.has_value()) << first.error().message << " " << first.error().path;
  ASSERT_TRUE(second.has_value());
  for (const auto& [path, file] : *first) EXPECT_EQ(file.bytes, second->at(path).bytes) << path;
}

TEST(Templates, an_unknown_name_is_found) {
  Value view = Value::object();
  view.set("name", "shop").set("services", Value::list());
  const Template wrong{
      .part = "p", .path = "f", .text = "<% name %> <%# services %><% nmae %><%/ services %>"};
  EXPECT_EQ(unknown_names(wrong, view), std::vector<std::string>{"nmae"});
}

TEST(Plan, removes_what_is_replaced_when_it_is_adopted) {
  const std::map<std::string, GeneratedFile> files = {{"new.yaml", {.bytes = "new\n"}}};
  const std::map<std::string, Present> present = {{"new.yaml", {.bytes = "new\n", .base = "new\n"}},
                                                  {"old/a.yaml", {.bytes = "old\n"}},
                                                  {"gone.yaml", {}}};
  const std::vector<std::string> replaces = {"old/a.yaml", "new.yaml", "gone.yaml", "old/a.yaml"};
  const auto left = plan_steps(files, present, {}, replaces);
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[1].action, Action::replaced);
  EXPECT_FALSE(changes_file(left[1]));
  for (const char* adopt : {"old", ".", "old/a.yaml"}) {
    const auto steps = plan_steps(files, present, {adopt}, replaces);
    ASSERT_EQ(steps.size(), 2u);
    EXPECT_EQ(steps[0].action, Action::keep);
    EXPECT_EQ(steps[1].action, Action::retire) << adopt;
    EXPECT_TRUE(changes_file(steps[1]) && removes_file(steps[1]));
  }
}

} // namespace
} // namespace aethel::generate
