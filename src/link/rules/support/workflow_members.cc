#include "link/rules/support/workflow_members.h"

#include "base/nearest.h"

#include <algorithm>
#include <set>

namespace aethel {
namespace {

using github::Expression;
using github::Value;

// Index expressions for which another value stands in: all but the last part of `a || b`.
void guarded_parts(const Expression& expression, bool guarded, std::set<std::uint32_t>& ends) {
  if (guarded && expression.kind == Expression::Kind::index) ends.insert(expression.range.end);
  for (std::size_t i = 0; i < expression.parts.size(); ++i)
    guarded_parts(expression.parts[i],
                  guarded || (expression.kind == Expression::Kind::disjunction &&
                              i + 1 < expression.parts.size()),
                  ends);
}

class Collector {
public:
  Collector(const Workflows& workflows, std::string_view context,
            std::vector<MissingMember>& result)
      : workflows_(workflows), context_(context), result_(result) {}

  void workflow(const Workflow& workflow) {
    for (const ParsedExpression& each : parse_all(workflow.expressions)) {
      const WorkflowJob* job = each.written->job >= 0 ? &workflow.jobs[each.written->job] : nullptr;
      visit(each, workflow.file, job != nullptr ? job->id : std::string(),
            job != nullptr ? std::span<const WorkflowStep>(job->steps)
                           : std::span<const WorkflowStep>(),
            [&](std::string_view name) { return value(workflow, job, *each.written, name); });
    }
  }

  void action(const ActionDefinition& action) {
    for (const ParsedExpression& each : parse_all(action.expressions))
      visit(each, action.file, "", action.steps, [&](std::string_view name) {
        if (name != context_) return Value::any();
        if (name == "inputs") return Workflows::inputs(action);
        if (name == "steps") return steps(nullptr, action.steps, *each.written);
        return Value::any();
      });
  }

private:
  // Steps of a form that is newer than this program: their ids are not known.
  Value steps(const Workflow* workflow, std::span<const WorkflowStep> all,
              const WorkflowExpression& written) const {
    if (std::ranges::any_of(all, [](const WorkflowStep& step) { return !step.uses && !step.run; }))
      return Value::any();
    const std::size_t count =
        written.step >= 0 ? static_cast<std::size_t>(written.step) : all.size();
    return workflows_.steps(workflow, all, count);
  }

  Value value(const Workflow& workflow, const WorkflowJob* job, const WorkflowExpression& written,
              std::string_view name) const {
    if (name == "github" && context_ == "inputs") return event_inputs(workflow);
    if (name != context_) return Value::any();
    if (name == "inputs") return Workflows::inputs(workflow);
    if (name == "jobs") return workflows_.jobs(workflow);
    if (job == nullptr) return Value::any();
    if (name == "needs") return workflows_.needs(workflow, *job);
    if (name == "matrix") return Workflows::matrix(*job);
    if (name == "steps") return steps(&workflow, job->steps, written);
    return Value::any();
  }

  // `github.event.inputs` of a run that somebody started; a called workflow sees its caller's
  // event.
  static Value event_inputs(const Workflow& workflow) {
    const WorkflowTrigger* dispatch = workflow.trigger("workflow_dispatch");
    if (dispatch == nullptr || dispatch->open || workflow.trigger("workflow_call") != nullptr)
      return Value::any();
    std::vector<std::pair<std::string, Value>> members;
    for (const WorkflowInput& input : dispatch->inputs)
      members.emplace_back(input.name, Value::some(Value::Kind::text));
    using World = Value::World;
    return Value::object(
        {{"event", Value::object({{"inputs", Value::object(std::move(members))}}, World::open)}},
        World::open);
  }

  template <class Context>
  void visit(const ParsedExpression& each, FileId file, const std::string& job,
             std::span<const WorkflowStep> steps, const Context& context) {
    std::set<std::uint32_t> guarded;
    guarded_parts(each.root, false, guarded);
    github::Scope scope;
    scope.context = context;
    scope.missing = [&](const Expression& object, const std::string& name, const Range& range,
                        const Value& value) {
      const std::string path = github::path_of(object);
      if (path.empty() || name.empty()) return;
      MissingMember member{.file = file,
                           .span = each.place(range),
                           .object = path,
                           .name = name,
                           .job = job,
                           .guarded = guarded.contains(range.end)};
      for (const auto& [key, inner] : value.members()) member.names.push_back(key);
      if (path == "steps")
        for (const WorkflowStep& step : steps)
          if (step.id && same_name(step.id->written(), name)) member.later = step.id->span;
      for (MissingMember& other : result_)
        if (other.file == file && other.job == job && other.object == path &&
            same_name(other.name, name) && other.later == member.later &&
            other.guarded == member.guarded) {
          if (other.also.size() < 10) other.also.push_back(member.span);
          return;
        }
      result_.push_back(std::move(member));
    };
    (void)github::evaluate(each.root, scope);
  }

  const Workflows& workflows_;
  std::string_view context_;
  std::vector<MissingMember>& result_;
};

} // namespace

std::vector<MissingMember> missing_members(const Workflows& workflows, std::string_view context) {
  std::vector<MissingMember> result;
  Collector collector(workflows, context, result);
  for (const Workflow* workflow : workflows.all()) collector.workflow(*workflow);
  for (const ActionDefinition* action : workflows.actions()) collector.action(*action);
  return result;
}

Finding finding_of(const Workflows& workflows, const MissingMember& member, std::string_view rule,
                   std::string_view message) {
  const auto near = nearest(member.name, member.names);
  std::vector<Related> related;
  for (const Span& span : member.also) related.push_back({span, "also-here"});
  return {.rule = rule_named(rule),
          .message = message,
          .arguments = {{"name", member.name},
                        {"object", member.object},
                        {"job", member.job},
                        {"near", near.value_or("")}},
          .span = member.span,
          .related = std::move(related),
          .symbol_kind = "member",
          .symbol = member.object + "." + member.name,
          .targets = workflows.targets_of(member.file),
          .help = near ? "help-near" : "help"};
}

} // namespace aethel
