#include "link/steps/job.h"

#include "base/files.h"
#include "knowledge/command_effects.h"
#include "knowledge/shapes.h"
#include "knowledge/table.h"
#include "link/matrix.h"
#include "link/rules/support/calls.h"
#include "link/rules/support/workflows.h"
#include "link/steps/interpret.h"

#include <algorithm>
#include <map>
#include <set>

namespace aethel::steps {
namespace {

constexpr int deepest_action = 4;
constexpr std::size_t most_calls = 12;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

class Job {
public:
  // `call`: what a caller gives; without one, what is so for all.
  Job(const Program& program, const Workflow& workflow, const WorkflowJob& job, TargetIndex target,
      const Surroundings& call)
      : program_(program), workflow_(workflow), job_(job), target_(target), call_(call),
        interpreter_(program.tree, *program.sources,
                     [this](std::string_view source) { return expression(source); }) {}

  std::vector<StepUse> run() {
    if (call_.call.file) {
      if (may_be_left_out(job_.condition, call_)) return {};
      for (const auto& [name, value] : call_.inputs.members())
        given_[name] = value.known() && value.kind() == github::Value::Kind::text
                           ? Values(std::vector{value.text()})
                           : Values();
      inputs_ = &given_;
    }
    std::vector<Combination> all{{}};
    matrix_known_ = true;
    if (job_.matrix) {
      if (auto found = combinations(*job_.matrix))
        all = std::move(*found);
      else
        matrix_known_ = false;
    }
    for (const Combination& combination : all) {
      combination_ = &combination;
      run_once();
    }
    return std::move(uses_);
  }

private:
  // --- values ---

  Values expression(std::string_view source) {
    if (source.starts_with("matrix.") && matrix_known_) {
      const auto found = combination_->find(knowledge::lower(source.substr(7)));
      if (found != combination_->end()) return std::vector{found->second};
      return std::nullopt;
    }
    if (source.starts_with("env.")) {
      const std::string name(source.substr(4));
      for (auto map = environments_.rbegin(); map != environments_.rend(); ++map)
        if (const WorkflowEntry* entry = (*map)->find(name)) {
          if (++depth_ > 8) {
            --depth_;
            return std::nullopt;
          }
          const Values values = text(entry->value);
          --depth_;
          return values;
        }
      return std::nullopt;
    }
    if (source.starts_with("inputs.") && inputs_ != nullptr) {
      const auto found = inputs_->find(knowledge::lower(source.substr(7)));
      if (found != inputs_->end()) return found->second;
    }
    if (source == "github.action_path" && !action_.empty())
      return std::vector{std::string(workspace_mark) + "/" + action_};
    if (source == "github.workspace") return std::vector{std::string(workspace_mark)};
    return std::nullopt;
  }

  Values text(const WorkflowText& scalar) {
    const std::string written = scalar.written();
    std::string result;
    for (std::size_t at = 0; at < written.size();) {
      const std::size_t begin = written.find("${{", at);
      result += written.substr(at, begin == std::string::npos ? begin : begin - at);
      if (begin == std::string::npos) break;
      const std::size_t end = written.find("}}", begin);
      if (end == std::string::npos) return std::nullopt;
      const Values values =
          expression(trimmed(std::string_view(written).substr(begin + 3, end - begin - 3)));
      if (!values || values->size() != 1) return std::nullopt;
      result += values->front();
      at = end + 2;
    }
    return std::vector{result};
  }

  std::string known(const std::optional<WorkflowText>& scalar) {
    if (!scalar) return {};
    const Values values = text(*scalar);
    return values ? values->front() : std::string();
  }

  // --- the run ---

  void run_once() {
    State state;
    bool hosted = !job_.runs_on.empty();
    windows_ = false;
    for (const WorkflowText& label : job_.runs_on) {
      const std::string name = known(label);
      if (!name.starts_with("ubuntu-") && !name.starts_with("macos-") &&
          !name.starts_with("windows-"))
        hosted = false;
      if (name.contains("windows") || (name.empty() && !matrix_known_)) windows_ = true;
      if (name.empty() && label.written().contains("matrix.os") && !matrix_known_) windows_ = true;
    }
    // Other people's runners may keep the workspace of the job before.
    state.world = World(program_.tree, hosted ? World::Content::empty : World::Content::unknown);
    state.empty_workspace = true;
    environments_ = {&workflow_.env, &job_.env};
    guarded_job_ = job_.condition && is_guard(job_.condition->written());
    for (const WorkflowStep& step : job_.steps) this->step(step, state, 0);
  }

  // Conditions that ask whether something is there.
  static bool is_guard(std::string_view condition) {
    if (condition.contains("hashFiles")) return true;
    if (!condition.contains(".outputs.")) return false;
    const std::string text = knowledge::lower(condition);
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{"exist", "has", "found", "present", "check", "file",
                                                "available", "enabled", "detect"},
        [&](std::string_view word) { return text.contains(word); });
  }

  static bool is_plain(std::string_view condition) {
    std::string text(trimmed(condition));
    if (text.starts_with("${{") && text.ends_with("}}"))
      text = trimmed(std::string_view(text).substr(3, text.size() - 5));
    return text == "always()" || text == "success()" || text == "!cancelled()" || text == "true";
  }

  // `if: matrix.package == 'web'` in the combination that is another one.
  bool is_ruled_out(const WorkflowText& condition) const {
    const bool called = call_.call.file && action_.empty();
    if (!called && (!matrix_known_ || combination_->empty())) return false;
    const auto expression = condition_of(condition);
    if (!expression) return false;
    std::vector<std::pair<std::string, github::Value>> members;
    for (const auto& [path, value] : *combination_) {
      if (path.contains('.')) return false;
      // YAML's booleans are none of text.
      const bool plain = !value.empty() && value != "true" && value != "false";
      members.emplace_back(path, plain ? github::Value::text(value) : github::Value::any());
    }
    const github::Value matrix =
        matrix_known_ ? github::Value::object(std::move(members), github::Value::World::open)
                      : github::Value::any();
    const github::Scope scope{.context =
                                  [&](std::string_view name) {
                                    if (name == "inputs" && called) return call_.inputs;
                                    return name == "matrix" ? matrix : github::Value::any();
                                  },
                              .call = {},
                              .missing = {}};
    return github::evaluate(*expression, scope).truth() == github::Truth::no;
  }

  void step(const WorkflowStep& step, State& state, int depth) {
    if (step.condition) {
      const std::string condition = step.condition->written();
      const std::string_view written = trimmed(condition);
      if (written == "false" || written == "${{ false }}" || is_ruled_out(*step.condition)) return;
    }
    const bool conditional = step.condition && !is_plain(step.condition->written());
    if (!conditional) {
      perform(step, state, depth);
      return;
    }
    State other = state;
    perform(step, other, depth);
    state.world.join(other.world);
    state.empty_workspace = state.empty_workspace && other.empty_workspace;
  }

  void perform(const WorkflowStep& step, State& state, int depth) {
    environments_.push_back(&step.env);
    Uses uses;
    state.directory = std::string();
    state.variables.clear();
    for (const WorkflowMap* map : environments_) {
      if (map->open || map->expression) continue;
      for (const WorkflowEntry& entry : map->entries)
        state.variables[entry.name] = text(entry.value);
    }
    if (step.uses)
      action(step, state, uses, depth);
    else if (step.run)
      command(step, state, uses, depth);
    const bool soft = guarded_job_ || (step.condition && is_guard(step.condition->written())) ||
                      (step.continue_on_error && step.continue_on_error->written() != "false");
    take(uses, step, soft);
    environments_.pop_back();
  }

  void command(const WorkflowStep& step, State& state, Uses& uses, int depth) {
    const std::optional<WorkflowText>* directory = &step.working_directory;
    if (depth == 0 && !*directory) directory = &job_.defaults.working_directory;
    if (depth == 0 && !*directory) directory = &workflow_.defaults.working_directory;
    if (*directory) {
      const Values values = text(**directory);
      std::string path = values ? values->front() : std::string();
      if (!values || path.contains('\\') || path.contains('*')) {
        state.directory.reset();
      } else if (path.starts_with(workspace_mark)) {
        path.erase(0, workspace_mark.size());
        while (path.starts_with('/')) path.erase(0, 1);
        path = locate("", path);
        interpreter_.need("working-directory", path, (*directory)->span, state, uses);
        state.directory = path;
      } else {
        path = locate("", path);
        interpreter_.need("working-directory", path, (*directory)->span, state, uses);
        state.directory = path;
      }
    }
    std::string shell = known(step.shell);
    bool given = step.shell.has_value();
    if (!given && depth == 0) {
      const auto& chosen = job_.defaults.shell ? job_.defaults.shell : workflow_.defaults.shell;
      given = chosen.has_value();
      shell = known(chosen);
    }
    if (!given) shell = windows_ ? "pwsh" : "bash";
    const bool posix = shell.starts_with("bash") || shell.starts_with("sh");
    if (!posix) {
      state.world.unknown_below("");
      state.world.may_create_anything();
      return;
    }
    if (step.script.offsets.size() != step.script.text.size() + 1) {
      state.world.may_create_anything();
      return;
    }
    interpreter_.run({.text = &step.script, .file = file()}, state, uses);
  }

  FileId file() const { return action_file_ ? action_file_ : workflow_.file; }

  void action(const WorkflowStep& step, State& state, Uses& uses, int depth) {
    const std::string written = step.uses->written();
    const std::string name = written.substr(0, written.find('@'));
    if (name == "actions/checkout") return checkout(step, state);
    if (name.starts_with("./")) return local_action(step, locate("", name), state, depth);
    set_up_cache(name, step, state, uses);
    if (name == "actions/github-script") {
      const WorkflowEntry* script = step.with.find("script");
      const std::string source = script == nullptr ? "" : script->value.written();
      for (const std::string_view word : {"fs", "exec", "io.", "require("})
        if (source.contains(word)) state.world.may_create_anything();
      return;
    }
    const knowledge::ActionEffects* effects = knowledge::effects_of_action(name);
    if (effects == nullptr || effects->anything) {
      state.world.may_create_anything();
      return;
    }
    for (const std::string_view input : effects->fills) {
      const WorkflowEntry* entry = step.with.find(input);
      if (entry == nullptr) {
        if (name.contains("download-artifact")) state.world.may_hold_more("");
        continue;
      }
      const Values values = text(entry->value);
      if (!values) {
        state.world.may_create_anything();
        continue;
      }
      for (std::string_view line : knowledge::words(values->front(), "\n")) {
        line = trimmed(line);
        if (line.starts_with('!')) continue;
        if (line.starts_with(workspace_mark)) line.remove_prefix(workspace_mark.size());
        while (line.starts_with('/') && values->front().starts_with(workspace_mark))
          line.remove_prefix(1);
        const std::size_t star = line.find('*');
        if (star == std::string_view::npos) {
          state.world.may_hold_more(locate("", line));
          continue;
        }
        const std::size_t slash = line.substr(0, star).rfind('/');
        const std::string_view above =
            slash == std::string_view::npos ? std::string_view() : line.substr(0, slash);
        state.world.may_hold_more(above == "**" ? "" : locate("", above));
      }
    }
    for (const std::string_view input : effects->creates)
      if (const WorkflowEntry* entry = step.with.find(input)) {
        const Values values = text(entry->value);
        if (values)
          state.world.create_file(locate("", values->front()));
        else
          state.world.may_create_anything();
      }
    for (const std::string_view made : effects->names_made) state.world.may_create_name(made);
    if (name.starts_with("docker/build-push-action") || name.starts_with("docker/bake-action"))
      if (const WorkflowEntry* outputs = step.with.find("outputs");
          outputs != nullptr && outputs->value.written().contains("dest="))
        state.world.may_create_anything();
  }

  void checkout(const WorkflowStep& step, State& state) {
    const auto written = [&](std::string_view name) {
      const WorkflowEntry* entry = step.with.find(name);
      return entry == nullptr ? std::string() : entry->value.written();
    };
    World::Content content = World::Content::repository;
    const std::string repository = written("repository"), ref = written("ref");
    if (!repository.empty() && !repository.contains("github.repository") &&
        !repository.contains("head.repo"))
      content = World::Content::unknown;
    // A branch of another kind holds other files.
    if (!ref.empty() && !ref.contains("${{") && ref != "main" && ref != "master" &&
        ref != "develop" && ref != "dev" && ref != "trunk")
      content = World::Content::unknown;
    if (step.with.find("sparse-checkout") != nullptr || step.with.open)
      content = World::Content::unknown;
    const WorkflowEntry* path = step.with.find("path");
    std::string directory;
    if (path != nullptr) {
      const Values values = text(path->value);
      if (!values) {
        state.world.may_create_anything();
        state.empty_workspace = false;
        return;
      }
      directory =
          locate("", values->front().starts_with(workspace_mark)
                         ? std::string_view(values->front()).substr(workspace_mark.size() + 1)
                         : std::string_view(values->front()));
    }
    if (is_in_workspace(directory)) state.world.mount(directory, content);
    // What submodules hold is in other repositories.
    if (const FileId modules = program_.sources->find(".gitmodules"))
      if (const auto source = program_.sources->load(modules))
        for (std::string_view line : knowledge::words((*source)->bytes(), "\n")) {
          line = trimmed(line.substr(std::min(line.find_first_not_of("\t "), line.size())));
          if (!line.starts_with("path")) continue;
          line.remove_prefix(4);
          line = line.substr(std::min(line.find_first_not_of(" =\t"), line.size()));
          if (line.ends_with('\r')) line.remove_suffix(1);
          if (!line.empty()) state.world.may_hold_more(locate(directory, line));
        }
    state.empty_workspace = false;
  }

  // What the cache of a set-up action hashes. Without any of the files the action ends with an
  // error, from v3 to v7 of each; setup-go only warns.
  struct CacheFiles {
    std::vector<std::string_view> at_root;  // one of them, when no path is given
    std::vector<std::string_view> anywhere; // one of them, in any folder, when no path is given
    std::vector<std::string_view> instead;  // in any folder, also when a path is given
  };

  static std::optional<CacheFiles> cache_files(std::string_view action, std::string_view tool) {
    if (action == "actions/setup-node") { // src/cache-utils.ts
      if (tool == "npm")
        return CacheFiles{.at_root = {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock"},
                          .anywhere = {},
                          .instead = {}};
      if (tool == "yarn")
        return CacheFiles{.at_root = {"yarn.lock"}, .anywhere = {}, .instead = {}};
      if (tool == "pnpm")
        return CacheFiles{.at_root = {"pnpm-lock.yaml"}, .anywhere = {}, .instead = {}};
    }
    if (action == "actions/setup-python") { // src/cache-distributions
      if (tool == "pip")
        return CacheFiles{
            .at_root = {}, .anywhere = {"requirements.txt"}, .instead = {"pyproject.toml"}};
      if (tool == "pipenv")
        return CacheFiles{.at_root = {}, .anywhere = {"Pipfile.lock"}, .instead = {}};
      if (tool == "poetry")
        return CacheFiles{.at_root = {}, .anywhere = {"poetry.lock"}, .instead = {}};
    }
    return std::nullopt;
  }

  void set_up_cache(std::string_view action, const WorkflowStep& step, State& state, Uses& uses) {
    const WorkflowEntry* cache = step.with.find("cache");
    if (cache == nullptr || step.with.open) return;
    const auto files = cache_files(action, cache->value.written());
    if (!files) return;
    const WorkflowEntry* given = step.with.find("cache-dependency-path");
    Answer any = Answer::no;
    std::string path;
    Span span = cache->value.span;
    const auto take = [&](Answer answer, std::string_view name) {
      any = std::max(any, answer);
      if (path.empty()) path = name;
    };
    if (given != nullptr && !given->value.written().empty()) {
      span = given->value.span;
      const Values values = text(given->value);
      if (!values) return;
      for (std::string_view line : knowledge::words(values->front(), "\n")) {
        line = trimmed(line);
        if (line.starts_with(workspace_mark)) line.remove_prefix(workspace_mark.size() + 1);
        if (line.find_first_of("*?[]{}!~\\#") != std::string_view::npos) return;
        if (line.empty()) continue;
        const std::string located = locate("", line);
        take(is_in_workspace(located) ? state.world.exists_if_committed(located) : Answer::maybe,
             located);
      }
    } else {
      for (const std::string_view name : files->at_root)
        take(state.world.exists_if_committed(name), name);
      for (const std::string_view name : files->anywhere)
        take(state.world.exists_named(name), name);
    }
    for (const std::string_view name : files->instead) take(state.world.exists_named(name), name);
    // Where nothing was checked out, the name alone does not say which file was meant.
    if (path.empty() || (state.empty_workspace && files->at_root.empty())) return;
    uses.paths.push_back({.role = "cache-file",
                          .path = path,
                          .command = std::string(action),
                          .span = span,
                          .answer = any,
                          .empty_workspace = state.empty_workspace});
  }

  void local_action(const WorkflowStep& step, const std::string& directory, State& state,
                    int depth) {
    const ActionDefinition* action = definition(directory);
    if (action == nullptr || action->kind != ActionDefinition::Kind::composite ||
        depth >= deepest_action) {
      state.world.may_create_anything();
      return;
    }
    std::map<std::string, Values> inputs;
    for (const WorkflowInput& input : action->inputs) {
      const WorkflowEntry* given = step.with.find(input.name);
      if (given != nullptr)
        inputs[knowledge::lower(input.name)] = text(given->value);
      else if (input.default_value)
        inputs[knowledge::lower(input.name)] = text(*input.default_value);
    }
    const auto* outer_inputs = std::exchange(inputs_, &inputs);
    const std::string outer_action = std::exchange(action_, directory);
    const FileId outer_file = std::exchange(action_file_, action->file);
    for (const WorkflowStep& each : action->steps) this->step(each, state, depth + 1);
    inputs_ = outer_inputs;
    action_ = outer_action;
    action_file_ = outer_file;
  }

  const ActionDefinition* definition(std::string_view directory) const {
    for (const std::string_view name : {"action.yml", "action.yaml"}) {
      const FileId id = program_.sources->find(locate(directory, name));
      const FileFacts* facts = id ? program_.facts_of(id) : nullptr;
      if (facts != nullptr && !facts->actions.empty()) return &facts->actions.front();
    }
    return nullptr;
  }

  void take(Uses& uses, const WorkflowStep& step, bool soft) {
    const auto state_of = [&](Answer answer, bool expected) {
      if (answer == Answer::yes) return OutcomeState::resolved;
      return answer == Answer::no && !expected && !soft ? OutcomeState::undefined
                                                        : OutcomeState::unknown;
    };
    for (PathUse& use : uses.paths)
      uses_.push_back({.kind = "path",
                       .role = use.role,
                       .name = std::move(use.path),
                       .file = {},
                       .command = std::move(use.command),
                       .span = use.span,
                       .target = target_,
                       .job = job_.id,
                       .step = call_.call.file ? call_.call : step.span,
                       .before_checkout = use.empty_workspace,
                       .state = state_of(use.answer, use.soft),
                       .known = {}});
    for (NameUse& use : uses.names)
      uses_.push_back({.kind = use.kind,
                       .role = {},
                       .name = std::move(use.name),
                       .file = std::move(use.file),
                       .command = std::move(use.command),
                       .span = use.span,
                       .target = target_,
                       .job = job_.id,
                       .step = call_.call.file ? call_.call : step.span,
                       .state = state_of(use.answer, use.soft),
                       .known = std::move(use.known)});
  }

  const Program& program_;
  const Workflow& workflow_;
  const WorkflowJob& job_;
  TargetIndex target_;
  const Surroundings& call_;
  std::map<std::string, Values> given_;
  Interpreter interpreter_;
  std::vector<StepUse> uses_;
  std::vector<const WorkflowMap*> environments_;
  const Combination* combination_ = nullptr;
  const std::map<std::string, Values>* inputs_ = nullptr;
  std::string action_;
  FileId action_file_;
  bool matrix_known_ = true;
  bool windows_ = false;
  bool guarded_job_ = false;
  int depth_ = 0;
};

// Whether what callers give may reach a step.
bool asks_inputs(const Workflow& workflow, std::size_t job) {
  return std::ranges::any_of(workflow.expressions, [&](const WorkflowExpression& each) {
    return (each.job < 0 || static_cast<std::size_t>(each.job) == job) &&
           each.source.contains("inputs");
  });
}

} // namespace

std::vector<StepUse> uses_of(const Program& program, TargetIndex target) {
  std::vector<StepUse> uses;
  const FileId file = program.sources->find(program.targets[target].files.front());
  const FileFacts* facts = file ? program.facts_of(file) : nullptr;
  if (facts == nullptr) return uses;
  for (const Workflow& workflow : facts->workflows) {
    // Without callers first: what is so for all is said once.
    std::vector<Surroundings> calls{{}};
    if (workflow.trigger("workflow_call") != nullptr) {
      const Workflows workflows(program);
      for (Surroundings& call : Calls(workflows).of(workflow))
        if (call.call.file && calls.size() <= most_calls) calls.push_back(std::move(call));
    }
    for (std::size_t i = 0; i < workflow.jobs.size(); ++i)
      for (const Surroundings& call : calls) {
        if (call.call.file && !asks_inputs(workflow, i)) continue;
        for (StepUse& use : Job(program, workflow, workflow.jobs[i], target, call).run())
          uses.push_back(std::move(use));
      }
  }
  return uses;
}

} // namespace aethel::steps
