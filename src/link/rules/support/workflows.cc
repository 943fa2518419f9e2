#include "link/rules/support/workflows.h"

#include "base/files.h"
#include "link/rules/support/step_outputs.h"
#include "syntax/workflow_schema.h"

#include <algorithm>
#include <array>

namespace aethel {
namespace {

using github::Value;
using World = Value::World;

Value any_text() { return Value::some(Value::Kind::text); }

Value type_of_input(const WorkflowInput& input) {
  if (input.type == "boolean") return Value::some(Value::Kind::boolean);
  if (input.type == "number") return Value::some(Value::Kind::number);
  return any_text();
}

bool is_checkout(const WorkflowStep& step) {
  return step.uses && step.uses->written().starts_with("actions/checkout@");
}

// An expression that gives the repository or the commit that the run is about.
bool means_this(const WorkflowText& text) {
  const Hole* hole = text.text.single_hole();
  return hole != nullptr && hole->name.find("github.") != std::string::npos;
}

} // namespace

Workflows::Workflows(const Program& program) : program_(program) {
  for (const FileFacts& facts : program.facts) {
    for (const Workflow& workflow : facts.workflows) {
      workflows_.push_back(&workflow);
      by_path_.emplace(program.sources->path(workflow.file), &workflow);
    }
    for (const ActionDefinition& action : facts.actions) {
      actions_.push_back(&action);
      by_directory_.emplace(action.directory, &action);
    }
  }
  for (TargetIndex target = 0; target < program.targets.size(); ++target)
    if (program.targets[target].kind == "workflow")
      targets_.emplace(program.sources->find(program.targets[target].files.front()), target);
}

std::vector<TargetIndex> Workflows::targets_of(FileId file) const {
  const auto found = targets_.find(file);
  if (found == targets_.end()) return {};
  return {found->second};
}

const Workflow* Workflows::workflow_at(const std::string& path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

const ActionDefinition* Workflows::action_in(const std::string& directory) const {
  const auto found = by_directory_.find(directory);
  return found == by_directory_.end() ? nullptr : found->second;
}

bool Workflows::is_called(const Workflow& workflow) const {
  const std::string& path = program_.sources->path(workflow.file);
  return std::ranges::any_of(workflows_, [&](const Workflow* other) {
    return std::ranges::any_of(other->jobs, [&](const WorkflowJob& job) {
      return job.uses && job.uses->written() == "./" + path;
    });
  });
}

LocalUse Workflows::job_use(const WorkflowJob& job) const {
  if (!job.uses || !job.uses->is_literal() || !job.uses->written().starts_with("./")) return {};
  LocalUse use{.path = join_path("", job.uses->written())};
  use.workflow = workflow_at(use.path);
  if (use.workflow != nullptr) {
    use.state = LocalUse::State::found;
    return use;
  }
  switch (program_.tree.exists(use.path)) {
  case Existence::absent:
  case Existence::ignored_by_design: use.state = LocalUse::State::absent; break;
  case Existence::file: use.state = LocalUse::State::found; break;
  default: use.state = LocalUse::State::unknown;
  }
  return use;
}

LocalUse Workflows::resolve(const std::string& path) const {
  LocalUse use{.path = path};
  use.action = action_in(path);
  if (use.action != nullptr) {
    use.state = LocalUse::State::found;
    return use;
  }
  // A folder with a Dockerfile alone is an action, too.
  for (const std::string_view name : {"action.yml", "action.yaml", "Dockerfile", "dockerfile"})
    switch (program_.tree.exists(join_path(path, name))) {
    case Existence::absent: break;
    case Existence::file: use.state = LocalUse::State::found; return use;
    default: use.state = LocalUse::State::unknown; return use;
    }
  use.state = LocalUse::State::absent;
  return use;
}

LocalUse Workflows::step_use(const Workflow* workflow, const WorkflowStep& step,
                             std::span<const WorkflowStep> before) const {
  if (!step.uses || !step.uses->is_literal()) return {};
  const std::string written = step.uses->written();
  // `$/path`: in the repository of the file itself, whatever is checked out.
  if (written.starts_with("$/")) return resolve(join_path("", written.substr(2)));
  if (!written.starts_with("./")) return {};
  const std::string path = join_path("", written);
  // The last checkout into the folder decides what is there.
  const WorkflowStep* checkout = nullptr;
  std::string folder;
  for (const WorkflowStep& each : before) {
    if (!is_checkout(each)) continue;
    const WorkflowEntry* into = each.with.find("path");
    if (into != nullptr && !into->value.is_literal()) return {.state = LocalUse::State::unknown};
    std::string place = into == nullptr ? "" : join_path("", into->value.written());
    if (!place.empty() && path != place && !path.starts_with(place + "/")) continue;
    if (checkout != nullptr && place.size() < folder.size()) continue;
    checkout = &each;
    folder = std::move(place);
  }
  LocalUse use = resolve(folder.empty()                ? path
                         : path.size() > folder.size() ? path.substr(folder.size() + 1)
                                                       : std::string());
  if (use.state != LocalUse::State::absent) {
    // Another repository's action of that name is not ours.
    if (checkout != nullptr) {
      const WorkflowEntry* repository = checkout->with.find("repository");
      if (repository != nullptr && !means_this(repository->value))
        return {.state = LocalUse::State::unknown};
    }
    return use;
  }
  if (checkout == nullptr) return {.state = LocalUse::State::unknown};
  for (const std::string_view key : {"repository", "ref"}) {
    const WorkflowEntry* entry = checkout->with.find(key);
    if (entry != nullptr && !means_this(entry->value)) return {.state = LocalUse::State::unknown};
  }
  // Who reads a workflow from elsewhere checks out its own repository.
  if (workflow != nullptr && workflow->trigger("workflow_call") != nullptr && !is_called(*workflow))
    return {.state = LocalUse::State::unknown};
  // A step may write it.
  const std::string name(file_name(path));
  for (const WorkflowStep& each : before)
    if (each.run && (each.run->written().find(name) != std::string::npos ||
                     each.run->written().find("git ") != std::string::npos))
      return {.state = LocalUse::State::unknown};
  return use;
}

Value Workflows::outputs_of(const WorkflowJob& job) const {
  if (job.uses) {
    const LocalUse use = job_use(job);
    if (use.workflow == nullptr) return Value::object_of(any_text());
    const WorkflowTrigger* call = use.workflow->trigger("workflow_call");
    if (call == nullptr || call->open) return Value::object_of(any_text());
    std::vector<std::pair<std::string, Value>> members;
    for (const WorkflowOutput& output : call->outputs)
      members.emplace_back(output.name, any_text());
    return Value::object(std::move(members));
  }
  if (job.outputs_open) return Value::object_of(any_text());
  std::vector<std::pair<std::string, Value>> members;
  for (const WorkflowOutput& output : job.outputs) members.emplace_back(output.name, any_text());
  return Value::object(std::move(members));
}

Value Workflows::needs(const Workflow& workflow, const WorkflowJob& job) const {
  std::vector<std::pair<std::string, Value>> members;
  for (const WorkflowText& need : job.needs) {
    if (!need.is_literal()) return Value::any();
    const WorkflowJob* needed = workflow.job(need.written());
    if (needed == nullptr) return Value::any(); // its own finding
    members.emplace_back(
        needed->id,
        Value::object({{"result", Value::one_of({"success", "failure", "cancelled", "skipped"})},
                       {"outputs", outputs_of(*needed)}}));
  }
  return Value::object(std::move(members));
}

Value Workflows::jobs(const Workflow& workflow) const {
  std::vector<std::pair<std::string, Value>> members;
  for (const WorkflowJob& job : workflow.jobs)
    members.emplace_back(job.id,
                         Value::object({{"result", any_text()}, {"outputs", outputs_of(job)}}));
  return Value::object(std::move(members));
}

Value Workflows::steps(const Workflow* workflow, std::span<const WorkflowStep> steps,
                       std::size_t count) const {
  std::vector<std::pair<std::string, Value>> members;
  for (std::size_t i = 0; i < std::min(count, steps.size()); ++i) {
    const WorkflowStep& step = steps[i];
    if (!step.id || !step.id->is_literal()) continue;
    Value outputs = Value::object_of(any_text());
    const LocalUse use = step_use(workflow, step, steps.first(i));
    // Only a composite action cannot set what it does not declare.
    if (use.action != nullptr && use.action->kind == ActionDefinition::Kind::composite) {
      std::vector<std::pair<std::string, Value>> declared;
      for (const WorkflowOutput& output : use.action->outputs)
        declared.emplace_back(output.name, any_text());
      outputs = Value::object(std::move(declared));
    }
    if (const auto written = outputs_written(step)) {
      std::vector<std::pair<std::string, Value>> names;
      for (const std::string& name : *written) names.emplace_back(name, any_text());
      outputs = Value::object(std::move(names));
    }
    members.emplace_back(step.id->written(), Value::object({{"outputs", std::move(outputs)},
                                                            {"outcome", any_text()},
                                                            {"conclusion", any_text()}}));
  }
  return Value::object(std::move(members));
}

Value Workflows::matrix(const WorkflowJob& job) {
  if (!job.matrix) return Value::object({});
  const WorkflowMatrix& matrix = *job.matrix;
  if (matrix.expression || matrix.include_expression) return Value::any();
  std::vector<std::pair<std::string, Value>> members;
  for (const WorkflowMatrix::Row& row : matrix.rows) members.emplace_back(row.name, Value::any());
  for (const Node& item : matrix.include) {
    if (!item.is_mapping()) return Value::any();
    for (const Member& member : item.members) {
      if (member.key.find("${{") != std::string::npos) return Value::any();
      members.emplace_back(member.key, Value::any());
    }
  }
  return Value::object(std::move(members));
}

Value Workflows::inputs(const Workflow& workflow) {
  std::vector<std::pair<std::string, Value>> members;
  for (const WorkflowTrigger& trigger : workflow.triggers) {
    if (trigger.event != "workflow_dispatch" && trigger.event != "workflow_call") continue;
    if (trigger.open) return Value::any();
    for (const WorkflowInput& input : trigger.inputs)
      members.emplace_back(input.name, type_of_input(input));
  }
  return Value::object(std::move(members));
}

Value Workflows::inputs(const ActionDefinition& action) {
  std::vector<std::pair<std::string, Value>> members;
  for (const WorkflowInput& input : action.inputs) members.emplace_back(input.name, any_text());
  return Value::object(std::move(members));
}

// --- runs ---

namespace {

constexpr std::size_t run_limit = 200;

// What a pattern of `branches` or `tags` says of a name: its ends. `*`, `**`, `[...]` stand for
// anything, `?` and `+` are about the character before them.
Value name_like(std::string_view pattern, const std::string& before,
                std::vector<std::string> not_equal) {
  const std::size_t special = pattern.find_first_of("*?+[]\\!");
  if (special == std::string_view::npos) return Value::text(before + std::string(pattern));
  std::size_t head = special;
  if (head > 0 && (pattern[special] == '?' || pattern[special] == '+')) --head;
  const std::size_t last = pattern.find_last_of("*?+[]\\!");
  return Value::text_like(before + std::string(pattern.substr(0, head)),
                          std::string(pattern.substr(last + 1)), std::move(not_equal));
}

std::string without(const std::string& text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

class Runs {
public:
  explicit Runs(const Workflow& workflow) : workflow_(workflow) {}

  std::vector<WorkflowRun> run() {
    for (const WorkflowTrigger& trigger : workflow_.triggers) {
      if (trigger.event == "workflow_call" || trigger.open) return {};
      add(trigger);
    }
    if (result_.size() > run_limit) return {};
    return std::move(result_);
  }

private:
  struct Ref {
    std::string written; // "refs/tags/v*"
    Value value = Value::any();
  };

  // What names of branches or tags start it; nothing when the filter has an expression in it.
  static std::vector<Ref> refs(const std::vector<WorkflowText>& wanted,
                               const std::vector<WorkflowText>& unwanted,
                               const std::string& before) {
    std::vector<std::string> excluded;
    const auto is_plain = [](std::string_view text) {
      return text.find_first_of("*?+[]\\!") == std::string_view::npos;
    };
    for (const WorkflowText& each : unwanted)
      if (is_plain(each.written())) excluded.push_back(before + each.written());
    for (const WorkflowText& each : wanted)
      if (const std::string text = each.written();
          text.starts_with('!') && is_plain(text.substr(1)))
        excluded.push_back(before + text.substr(1));
    std::vector<Ref> result;
    for (const WorkflowText& each : wanted) {
      const std::string text = each.written();
      if (text.starts_with('!')) continue;
      result.push_back({before + text, name_like(text, before, excluded)});
    }
    if (wanted.empty()) result.push_back({before + "*", name_like("*", before, excluded)});
    return result;
  }

  void add(const WorkflowTrigger& trigger) {
    const std::string& event = trigger.event;
    if (event == "push") return push(trigger);
    if (event == "pull_request" || event == "pull_request_target") return pull_request(trigger);
    if (event == "workflow_dispatch") return dispatch(trigger);
    if (event == "schedule") {
      std::vector<std::string> crons;
      for (const WorkflowSchedule& each : trigger.schedules) crons.push_back(each.cron.written());
      return add(event, {"", Value::text_like("refs/heads/")},
                 {{"schedule", Value::one_of(std::move(crons))}});
    }
    if (event == "merge_group")
      return add(event, {"", Value::text_like("refs/heads/gh-readonly-queue/")}, {});
    Value action = Value::any();
    if (!trigger.types.empty()) {
      std::vector<std::string> types;
      for (const WorkflowText& type : trigger.types) types.push_back(type.written());
      action = Value::one_of(std::move(types));
    }
    add(event, {"", Value::any()}, {{"action", std::move(action)}});
  }

  void push(const WorkflowTrigger& trigger) {
    const bool branches = !trigger.branches.empty() || !trigger.branches_ignore.empty();
    const bool tags = !trigger.tags.empty() || !trigger.tags_ignore.empty();
    if (branches || !tags)
      for (Ref& ref : refs(trigger.branches, trigger.branches_ignore, "refs/heads/"))
        add("push", std::move(ref), {});
    if (tags || !branches)
      for (Ref& ref : refs(trigger.tags, trigger.tags_ignore, "refs/tags/"))
        add("push", std::move(ref), {});
  }

  void pull_request(const WorkflowTrigger& trigger) {
    std::vector<std::string> types;
    for (const WorkflowText& type : trigger.types) types.push_back(type.written());
    if (types.empty()) types = {"opened", "synchronize", "reopened"};
    const bool closed = std::ranges::find(types, "closed") != types.end();
    // Of a pull request that was merged the reference is another one.
    const Value ref = trigger.event == "pull_request_target" ? Value::text_like("refs/heads/")
                      : closed                               ? Value::text_like("refs/")
                               : Value::text_like("refs/pull/", "/merge");
    for (const Ref& base : refs(trigger.branches, trigger.branches_ignore, ""))
      add(trigger.event, {trigger.branches.empty() ? "" : base.written, ref},
          {{"action", Value::one_of(types)},
           {"pull_request", Value::any()},
           {"number", Value::any()}},
          base.value);
  }

  void dispatch(const WorkflowTrigger& trigger) {
    std::vector<std::pair<std::string, Value>> typed, texts;
    for (const WorkflowInput& input : trigger.inputs) {
      std::vector<std::string> choices;
      bool closed = input.type == "choice" && !input.options.empty();
      for (const WorkflowText& option : input.options) {
        closed = closed && option.is_literal();
        choices.push_back(option.written());
      }
      if (!input.required && !input.default_value) choices.emplace_back();
      if (input.default_value) choices.push_back(input.default_value->written());
      if (input.type == "boolean") {
        typed.emplace_back(input.name, Value::some(Value::Kind::boolean));
        texts.emplace_back(input.name, Value::one_of({"true", "false", ""}));
      } else if (closed) {
        typed.emplace_back(input.name, Value::one_of(choices));
        texts.emplace_back(input.name, Value::one_of(choices));
      } else {
        typed.emplace_back(input.name, type_of_input(input));
        texts.emplace_back(input.name, any_text());
      }
    }
    for (const std::string_view kind : {"refs/heads/", "refs/tags/"}) {
      add(trigger.event, {std::string(kind) + "*", Value::text_like(std::string(kind))},
          {{"inputs", Value::object(texts)}});
      result_.back().inputs = Value::object(typed);
    }
  }

  void add(const std::string& event, Ref ref, std::vector<std::pair<std::string, Value>> payload,
           const Value& base = Value::text("")) {
    if (result_.size() > run_limit) return;
    // Parts of other events' payloads, which conditions ask for: absent here.
    const bool pull = event.starts_with("pull_request");
    for (const std::string_view key :
         {"inputs", "pull_request", "release", "issue", "workflow_run", "schedule",
          "client_payload", "comment", "deployment", "label", "action", "review"})
      if (std::ranges::none_of(payload, [&](const auto& each) { return each.first == key; }) &&
          is_closed(event) && !(pull && key == "label"))
        payload.emplace_back(key, Value::null());
    std::vector<std::pair<std::string, Value>> members{
        {"event_name", Value::text(event)},
        {"ref", ref.value},
        {"event", Value::object(std::move(payload), World::open)},
        {"base_ref", pull               ? base
                     : is_closed(event) ? Value::text("")
                                        : Value::any()},
        {"head_ref", pull               ? any_text()
                     : is_closed(event) ? Value::text("")
                                        : Value::any()}};
    const bool branch =
        ref.value.kind() == Value::Kind::text && ref.value.prefix().starts_with("refs/heads/");
    const bool tag =
        ref.value.kind() == Value::Kind::text && ref.value.prefix().starts_with("refs/tags/");
    if (branch || tag) {
      const std::string_view before = branch ? "refs/heads/" : "refs/tags/";
      const std::string name = without(ref.value.prefix(), before);
      members.emplace_back("ref_type", Value::text(branch ? "branch" : "tag"));
      members.emplace_back("ref_name", ref.value.known()
                                           ? Value::text(name)
                                           : Value::text_like(name, ref.value.suffix()));
    }
    result_.push_back({.event = event,
                       .ref = std::move(ref.written),
                       .github = Value::object(std::move(members), World::open),
                       .inputs = Value::object({})});
  }

  // Events whose payload we know well enough to say what it lacks.
  static bool is_closed(std::string_view event) {
    return event == "push" || event == "schedule" || event == "workflow_dispatch" ||
           event == "pull_request" || event == "pull_request_target";
  }

  const Workflow& workflow_;
  std::vector<WorkflowRun> result_;
};

} // namespace

std::vector<WorkflowRun> runs_of(const Workflow& workflow) { return Runs(workflow).run(); }

Span ParsedExpression::place(const Range& part) const {
  Span span = written->span;
  if (!written->exact) return span;
  span.range.end = span.range.begin + part.end;
  span.range.begin += part.begin;
  return span;
}

std::vector<ParsedExpression> parse_all(const std::vector<WorkflowExpression>& expressions) {
  std::vector<ParsedExpression> result;
  for (const WorkflowExpression& each : expressions)
    if (auto parsed = github::parse(each.source); parsed.root)
      result.push_back({.written = &each, .root = std::move(*parsed.root)});
  return result;
}

std::optional<github::Expression> condition_of(const WorkflowText& text) {
  if (text.text.empty()) return {};
  if (const Hole* hole = text.text.single_hole()) return github::parse(hole->name).root;
  if (text.text.has_holes()) return {};
  return github::parse(text.written()).root;
}

} // namespace aethel
