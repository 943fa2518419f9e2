#include "link/called_builds.h"

#include "front/support/image_action.h"
#include "knowledge/shapes.h"
#include "link/rules/support/calls.h"

#include <algorithm>
#include <tuple>

namespace aethel {
namespace {

constexpr int deepest_action = 10; // GitHub's limit
constexpr std::size_t most_builds = 2'000;

// `env` of a workflow, job or step, over what is above it.
void add_environment(const WorkflowMap& env, Surroundings& surroundings) {
  for (const WorkflowEntry& entry : env.entries) {
    const FilledText filled = fill(entry.value, surroundings);
    surroundings.env.insert_or_assign(entry.name, filled.known ? github::Value::text(filled.text)
                                                               : github::Value::any());
  }
}

// `echo "NAME=..." >> "$GITHUB_ENV"`
void forget_written(const WorkflowStep& step, Surroundings& surroundings) {
  if (step.uses && !step.uses->written().starts_with("actions/checkout@") &&
      !step.uses->written().starts_with("docker/")) {
    // An action may set any; most set none that the file sets.
    if (step.uses->written().starts_with("./"))
      for (auto& [name, value] : surroundings.env) value = github::Value::any();
    return;
  }
  if (!step.script.text.contains("GITHUB_ENV")) return;
  for (auto& [name, value] : surroundings.env)
    if (step.script.text.contains(name)) value = github::Value::any();
}

class Collector {
public:
  explicit Collector(const Program& program) : workflows_(program), calls_(workflows_) {}

  std::vector<CalledBuild> run() {
    for (const Workflow* workflow : workflows_.all()) {
      through_ = {workflow->file};
      for (const Surroundings& call : calls_.of(*workflow))
        for (const WorkflowJob& job : workflow->jobs) {
          if (job.steps.empty()) continue;
          for (Surroundings& each : in_matrix(call, job)) {
            if (may_be_left_out(job.condition, each)) continue;
            add_environment(workflow->env, each);
            add_environment(job.env, each);
            steps(workflow, job.steps, each, each.call);
          }
        }
    }
    return std::move(result_);
  }

private:
  void steps(const Workflow* workflow, std::span<const WorkflowStep> all, Surroundings surroundings,
             const Span& call) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const WorkflowStep& step = all[i];
      if (!may_be_left_out(step.condition, surroundings)) {
        if (step.uses && step.uses->written().starts_with("docker/build-push-action@"))
          build(step, surroundings, call);
        const LocalUse use = workflows_.step_use(workflow, step, all.first(i));
        if (use.action != nullptr && use.action->kind == ActionDefinition::Kind::composite &&
            through_.size() <= deepest_action) {
          Surroundings inner =
              called_with(use.action->inputs, step.with, surroundings, step.uses->span);
          inner.matrix = surroundings.matrix;
          inner.env = surroundings.env;
          add_environment(step.env, inner);
          through_.push_back(use.action->file);
          steps(nullptr, use.action->steps, std::move(inner), step.uses->span);
          through_.pop_back();
        }
      }
      forget_written(step, surroundings);
    }
  }

  void build(const WorkflowStep& step, const Surroundings& surroundings, const Span& call) {
    bool changed = false;
    const auto input = [&](std::string_view name) -> std::optional<ImageActionInput> {
      const WorkflowEntry* entry = step.with.find(name);
      if (entry == nullptr) return {};
      FilledText filled = fill(entry->value, surroundings);
      changed = changed || (name != "tags" && filled.text != entry->value.written());
      return ImageActionInput{.text = std::move(filled.text), .span = filled.span};
    };
    BuildCommand command = image_action(call.file ? call : step.uses->span, input);
    // What the file says by itself has been read with it.
    if (!changed && through_.size() == 1) return;
    if (step.with.open || !command.context_known || !command.file_known || !command.target_known)
      return;
    const auto same = [&](const CalledBuild& other) {
      const auto key = [](const BuildCommand& each) {
        return std::tie(each.context, each.file, each.target, each.arguments, each.contexts,
                        each.options_known, each.file_span, each.target_span, each.arguments_span);
      };
      return key(other.command) == key(command);
    };
    if (result_.size() == most_builds || std::ranges::any_of(result_, same)) return;
    result_.push_back({std::move(command), through_});
  }

  Workflows workflows_;
  Calls calls_;
  std::vector<FileId> through_;
  std::vector<CalledBuild> result_;
};

} // namespace

std::vector<CalledBuild> called_builds(const Program& program) { return Collector(program).run(); }

} // namespace aethel
