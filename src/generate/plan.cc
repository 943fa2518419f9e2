#include "generate/plan.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel::generate {
namespace {

using Action = Step::Action;

bool is_adopted(const std::vector<std::string>& adopt, const std::string& path) {
  return std::ranges::any_of(adopt, [&](const std::string& each) {
    return each == "." || each == path || path.starts_with(each + "/");
  });
}

Step step_for(const std::string& path, const GeneratedFile& file, const Present& present,
              bool adopted) {
  Step step{.path = path,
            .before = present.bytes.value_or(""),
            .base = file.bytes,
            .executable = file.executable};
  if (!present.bytes) {
    step.action = present.base ? Action::deleted : Action::create;
    if (step.action == Action::create)
      step.after = file.bytes;
    else
      step.base = present.base;
    return step;
  }
  if (*present.bytes == file.bytes) return step;
  if (!present.base) {
    step.action = adopted ? Action::adopt : Action::foreign;
    if (adopted)
      step.after = file.bytes;
    else
      step.base.reset();
    return step;
  }
  if (*present.bytes == *present.base) {
    step.action = Action::update;
    step.after = file.bytes;
    return step;
  }
  if (*present.base == file.bytes) return step; // changed by a person only
  Merged merged = merge(*present.base, *present.bytes, file.bytes);
  if (!merged.conflicts.empty()) {
    step.action = Action::conflict;
    step.conflicts = std::move(merged.conflicts);
    return step;
  }
  step.action = merged.text == *present.bytes ? Action::keep : Action::merge;
  if (step.action == Action::merge) step.after = std::move(merged.text);
  return step;
}

} // namespace

std::string state_path(std::string_view path) {
  return fmt::format("{}/{}.base", state_folder, path);
}

std::string_view name_of(Action action) {
  constexpr std::string_view names[] = {"keep",     "create",  "update",  "merge",
                                        "remove",   "adopt",   "foreign", "retire",
                                        "replaced", "deleted", "orphan",  "conflict"};
  return names[static_cast<std::size_t>(action)];
}

bool changes_file(const Step& step) { return step.after || removes_file(step); }

bool removes_file(const Step& step) {
  return step.action == Action::remove || step.action == Action::retire;
}

std::vector<Step> plan_steps(const std::map<std::string, GeneratedFile>& generated,
                             const std::map<std::string, Present>& present,
                             const std::vector<std::string>& adopt,
                             const std::vector<std::string>& replaces) {
  std::vector<Step> steps;
  for (const auto& [path, file] : generated) {
    const auto found = present.find(path);
    steps.push_back(step_for(path, file, found == present.end() ? Present{} : found->second,
                             is_adopted(adopt, path)));
  }
  for (const auto& [path, there] : present) {
    if (generated.contains(path) || !there.base) continue;
    Step step{.path = path, .before = there.bytes.value_or("")};
    const bool untouched = there.bytes && *there.bytes == *there.base;
    step.action = untouched ? Action::remove : Action::orphan;
    if (!there.bytes) step.action = Action::keep; // both are gone
    steps.push_back(std::move(step));
  }
  for (const std::string& path : replaces) {
    const auto there = present.find(path);
    if (generated.contains(path) || there == present.end() || !there->second.bytes) continue;
    if (std::ranges::find(steps, path, &Step::path) != steps.end())
      continue; // generated before, or twice
    steps.push_back({.path = path,
                     .action = is_adopted(adopt, path) ? Action::retire : Action::replaced,
                     .before = *there->second.bytes});
  }
  std::ranges::sort(steps, {}, &Step::path);
  return steps;
}

} // namespace aethel::generate
