#include "link/rules/support/calls.h"

#include "knowledge/shapes.h"

#include <algorithm>
#include <charconv>

namespace aethel {
namespace {

using github::Expression;
using github::Truth;
using github::Value;

constexpr std::size_t most_calls = 48; // of one workflow
constexpr int deepest_call = 10;       // GitHub's limit
constexpr std::string_view workspace = "${{ github.workspace }}";

Value context(std::string_view name, const Surroundings& surroundings) {
  if (name == "inputs") return surroundings.inputs;
  if (name == "matrix") return surroundings.matrix;
  if (name == "env") {
    std::vector<std::pair<std::string, Value>> members(surroundings.env.begin(),
                                                       surroundings.env.end());
    return Value::object(std::move(members), Value::World::open);
  }
  if (name == "github")
    return Value::object({{"workspace", Value::text(std::string(workspace))}}, Value::World::open);
  return Value::any();
}

github::Scope scope_of(const Surroundings& surroundings) {
  github::Scope scope;
  scope.context = [&](std::string_view name) { return context(name, surroundings); };
  return scope;
}

// As GitHub writes a value into a text.
std::optional<std::string> text_of(const Value& value) {
  if (value.kind() == Value::Kind::null) return std::string();
  if (!value.known()) return {};
  if (value.kind() == Value::Kind::text) return value.text();
  if (value.kind() == Value::Kind::boolean) return value.boolean() ? "true" : "false";
  return {};
}

Value evaluated(const Hole& hole, const Surroundings& surroundings) {
  const github::Parsed parsed = github::parse(hole.name);
  if (!parsed.root) return Value::any();
  return github::evaluate(*parsed.root, scope_of(surroundings));
}

bool mentions_input(const Expression& expression) {
  return (expression.kind == Expression::Kind::context && same_name(expression.text, "inputs")) ||
         std::ranges::any_of(expression.parts, mentions_input);
}

// The input that an expression is, and nothing else.
std::string input_of(const Hole& hole) {
  const github::Parsed parsed = github::parse(hole.name);
  const std::string path = parsed.root ? github::path_of(*parsed.root) : std::string();
  return path.starts_with("inputs.") ? knowledge::lower(path.substr(7)) : std::string();
}

Value typed(std::string_view type, const std::string& text) {
  if (type == "boolean") {
    if (text == "true" || text == "false") return Value::boolean(text == "true");
    return Value::any();
  }
  if (type != "number") return Value::text(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return Value::any();
  return Value::number(number);
}

} // namespace

FilledText fill(const WorkflowText& text, const Surroundings& surroundings) {
  FilledText filled{.text = {}, .span = text.span};
  std::vector<Span> places;
  for (const Piece& piece : text.text.pieces()) {
    if (!piece.hole) continue;
    const auto place = surroundings.places.find(input_of(*piece.hole));
    if (place != surroundings.places.end() && place->second.file) places.push_back(place->second);
  }
  if (places.size() == 1) filled.span = places.front();
  for (const Piece& piece : text.text.pieces()) {
    if (!piece.hole) {
      filled.text += piece.literal;
      continue;
    }
    const auto words = text_of(evaluated(*piece.hole, surroundings));
    filled.known = filled.known && words;
    filled.text += words ? *words : "${{" + piece.hole->name + "}}";
  }
  return filled;
}

bool may_be_left_out(const std::optional<WorkflowText>& condition,
                     const Surroundings& surroundings) {
  if (!condition || condition->text.empty()) return false;
  const auto expression = condition_of(*condition);
  if (!expression) return true;
  const Truth truth = github::evaluate(*expression, scope_of(surroundings)).truth();
  if (truth != Truth::maybe) return truth == Truth::no;
  return mentions_input(*expression) || condition->written().contains("hashFiles");
}

Surroundings called_with(const std::vector<WorkflowInput>& inputs, const WorkflowMap& with,
                         const Surroundings& caller, const Span& uses) {
  Surroundings result{.call = uses};
  std::vector<std::pair<std::string, Value>> members;
  for (const WorkflowInput& input : inputs) {
    const std::string name = knowledge::lower(input.name);
    Value value = Value::any();
    Span place;
    const WorkflowEntry* entry = with.find(input.name);
    const WorkflowText* given = entry != nullptr ? &entry->value : nullptr;
    const bool may_be_given = given == nullptr && (with.open || input.required);
    if (given == nullptr && !may_be_given && input.default_value) given = &*input.default_value;
    if (given != nullptr) {
      const FilledText text = fill(*given, caller);
      place = text.span;
      if (const Hole* hole = given->text.single_hole())
        value = evaluated(*hole, caller);
      else if (text.known)
        value = typed(input.type, text.text);
      // What is no boolean takes the word.
      if (input.type != "boolean" && input.type != "number" && value.known())
        if (auto words = text_of(value)) value = Value::text(std::move(*words));
    } else if (!may_be_given) {
      value = input.type == "boolean"  ? Value::boolean(false)
              : input.type == "number" ? Value::number(0)
                                       : Value::text("");
    }
    result.places[name] = place;
    members.emplace_back(name, std::move(value));
  }
  result.inputs = Value::object(std::move(members));
  return result;
}

bool is_only_called(const Workflow& workflow) {
  return std::ranges::all_of(workflow.triggers, [](const WorkflowTrigger& trigger) {
    return trigger.event == "workflow_call";
  });
}

std::vector<Surroundings> in_matrix(const Surroundings& surroundings, const WorkflowJob& job) {
  std::vector<Surroundings> result;
  const auto all = job.matrix ? combinations(*job.matrix) : std::nullopt;
  if (!all) return {surroundings};
  for (const Combination& combination : *all) {
    result.push_back(surroundings);
    result.back().matrix = value_of(combination);
  }
  return result;
}

Calls::Calls(const Workflows& workflows) {
  for (const Workflow* workflow : workflows.all())
    for (const WorkflowJob& job : workflow->jobs)
      if (const LocalUse use = workflows.job_use(job); use.workflow != nullptr)
        callers_[use.workflow].push_back({workflow, &job});
  for (const Workflow* workflow : workflows.all()) collect(*workflow, 0);
}

std::vector<Surroundings> Calls::of(const Workflow& workflow) const {
  const auto found = known_.find(&workflow);
  std::vector<Surroundings> all =
      found == known_.end() ? std::vector<Surroundings>() : found->second;
  if (all.empty() || !is_only_called(workflow)) all.emplace_back();
  return all;
}

const std::vector<Surroundings>& Calls::collect(const Workflow& workflow, int depth) {
  const auto [place, fresh] = known_.try_emplace(&workflow);
  std::vector<Surroundings>& result = place->second;
  const auto callers = callers_.find(&workflow);
  const WorkflowTrigger* trigger = workflow.trigger("workflow_call");
  // In a loop the first round has nothing yet; GitHub refuses it.
  if (!fresh || callers == callers_.end() || trigger == nullptr || trigger->open ||
      depth >= deepest_call)
    return result;
  std::vector<Surroundings> found;
  for (const Caller& caller : callers->second) {
    std::vector<Surroundings> outer = collect(*caller.workflow, depth + 1);
    if (outer.empty() || !is_only_called(*caller.workflow)) outer.emplace_back();
    for (const Surroundings& around : outer)
      for (const Surroundings& each : in_matrix(around, *caller.job)) {
        if (may_be_left_out(caller.job->condition, each)) continue;
        if (found.size() == most_calls) break;
        found.push_back(
            called_with(trigger->inputs, caller.job->with, each, caller.job->uses->span));
      }
  }
  known_[&workflow] = std::move(found);
  return known_[&workflow];
}

} // namespace aethel
