#include "model/workflow.h"

#include <algorithm>

namespace aethel {
namespace {

template <class Range, class Projection>
auto* find_named(Range& range, std::string_view name, Projection projection) {
  const auto found = std::ranges::find_if(
      range, [&](const auto& each) { return same_name(each.*projection, name); });
  return found == range.end() ? nullptr : &*found;
}

} // namespace

bool same_name(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

const WorkflowEntry* WorkflowMap::find(std::string_view name) const {
  return find_named(entries, name, &WorkflowEntry::name);
}

const WorkflowTrigger* Workflow::trigger(std::string_view event) const {
  const auto found = std::ranges::find(triggers, event, &WorkflowTrigger::event);
  return found == triggers.end() ? nullptr : &*found;
}

const WorkflowJob* Workflow::job(std::string_view id) const {
  return find_named(jobs, id, &WorkflowJob::id);
}

const WorkflowInput* ActionDefinition::input(std::string_view name) const {
  return find_named(inputs, name, &WorkflowInput::name);
}

} // namespace aethel
