#include "link/rules/support/requirements.h"

#include "config/match.h"
#include "knowledge/secret_names.h"
#include "knowledge/values.h"
#include "knowledge/variables.h"
#include "link/rules/support/given_values.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

namespace aethel {
namespace {

using State = Requirement::State;

// Every shell and every CI has them, or the tool reads them for itself.
bool is_ambient(std::string_view name) {
  constexpr std::array<std::string_view, 18> names = {"PWD",
                                                      "HOME",
                                                      "USER",
                                                      "PATH",
                                                      "SHELL",
                                                      "HOSTNAME",
                                                      "LOGNAME",
                                                      "LANG",
                                                      "TERM",
                                                      "UID",
                                                      "GID",
                                                      "CI",
                                                      "DISPLAY",
                                                      "TMPDIR",
                                                      "USERPROFILE",
                                                      "DOCKER_HOST",
                                                      "XDG_RUNTIME_DIR",
                                                      "SSH_AUTH_SOCK"};
  return std::ranges::find(names, name) != names.end() || name.starts_with("COMPOSE_");
}

// Whether a value is there in name only: production cannot run with it. A localhost address is
// real where it was written, and still to be given for production.
bool is_stand_in(std::string_view name, const std::string& value) {
  switch (classify(name, value).kind) {
  case ValueKind::placeholder:
  case ValueKind::weak:
  case ValueKind::test_mode_key:
  case ValueKind::reserved_host: return true;
  default: return false;
  }
}

struct Example {
  Span span;
  bool stand_in = false;
  bool empty = false;
};

class Inventory {
public:
  Inventory(const Program& program, Findings& findings) : program_(program), findings_(findings) {
    for (const FileFacts& facts : program_.facts) {
      if (!is_env_example(program_.sources->path(facts.file))) continue;
      for (const EnvironmentEntry& entry : facts.environment) {
        const std::string value = entry.value.value();
        examples_[entry.name].push_back({.span = entry.name_span,
                                         .stand_in = is_stand_in(entry.name, value),
                                         .empty = value.empty()});
      }
    }
  }

  void run() {
    for (TargetIndex target = 0; target < program_.targets.size(); ++target) {
      if (!is_production(program_.targets[target].stage)) continue;
      for (const auto* use : living_uses(program_, target)) hole(target, *use->hole);
      for (const Process& process : program_.processes_of(target))
        for (const Variable& variable : process.environment)
          if (variable.given == Variable::Given::inherited) inherited(target, variable);
    }
    for (const Reference& reference : program_.references) file(reference);
    for (auto& [name, requirement] : found_) findings_.require(std::move(requirement));
  }

private:
  void hole(TargetIndex target, const Hole& hole) {
    const std::string& name = hole.name;
    if (is_ambient(name) || hole.from == Hole::From::environment) return;
    const bool secret = name_kind(name) == NameKind::secret;
    const auto* known = find_variable(name);
    if (hole.from == Hole::From::file) {
      // Settings that the repository gives itself are nobody's task.
      if (!secret && known == nullptr) return;
      const State state = hole.value.empty()              ? State::unverified
                          : is_stand_in(name, hole.value) ? State::placeholder
                                                          : State::satisfied;
      add(target, name, hole.span, state, hole.given);
      return;
    }
    if (hole.form == Hole::Form::alternate_if_set || hole.form == Hole::Form::alternate_if_filled)
      return;
    if (!hole.has_default()) {
      add(target, name, hole.span, State::unverified, {});
      return;
    }
    const std::string value = hole.operand ? hole.operand->value() : "";
    // `${X:-}` says that it may be left out.
    // An address for error reports is left out as often as it is forgotten.
    const bool wanted = known != nullptr && (known->required || known->kind == VariableKind::dsn);
    if (value.empty() && !secret && !wanted) return;
    const ValueKind kind = classify(name, value).kind;
    const bool stand_in = secret ? !value.empty() : is_stand_in(name, value);
    if (!value.empty() && !stand_in && kind != ValueKind::localhost) return;
    if (!secret && known == nullptr && kind == ValueKind::localhost) return; // its own address
    add(target, name, hole.span, stand_in ? State::placeholder : State::unverified, {});
  }

  void inherited(TargetIndex target, const Variable& variable) {
    const auto* known = find_variable(variable.name);
    // Passed on when it is there: most programs have a default then.
    if (known == nullptr || !known->required) return;
    add(target, variable.name, variable.origin.written, State::unverified, {});
  }

  void add(TargetIndex target, const std::string& name, const Span& span, State state,
           const Span& evidence) {
    const auto [place, fresh] = found_.try_emplace(name);
    Requirement& requirement = place->second;
    if (fresh) {
      requirement = {.kind = "env-variable",
                     .name = name,
                     .priority = requirement_priority(name),
                     .state = state,
                     .evidence = evidence};
    } else {
      requirement.state = std::max(requirement.state, state);
    }
    locate(requirement, span);
    if (std::ranges::find(requirement.targets, target) == requirement.targets.end())
      requirement.targets.push_back(target);
    if (!fresh) return;
    const auto example = examples_.find(name);
    if (example != examples_.end()) {
      // A placeholder to be replaced: that is what the file is for, and somebody has to do it.
      const bool real = std::ranges::any_of(
          example->second, [](const Example& each) { return !each.stand_in && !each.empty; });
      const bool stand_in = std::ranges::any_of(example->second, &Example::stand_in);
      if (state == State::unverified && stand_in && !real) requirement.state = State::placeholder;
      for (const Example& each : example->second) locate(requirement, each.span);
    }
    const ExternQuery query{.kind = "variable", .name = name, .path = {}};
    if (find_extern(program_.config, query) != nullptr) requirement.state = State::satisfied;
  }

  // Compose refuses to start without it.
  void file(const Reference& reference) {
    if (reference.kind->name != "path" || reference.state != OutcomeState::external ||
        reference.detail != "ignored")
      return;
    if (!reference.required || !is_production(program_.targets[reference.target].stage)) return;
    if (reference.role != "env-file" && reference.role != "secret-file" &&
        reference.role != "config-file")
      return;
    const auto [place, fresh] = found_.try_emplace("file " + reference.name);
    Requirement& requirement = place->second;
    if (fresh) requirement = {.kind = "file", .name = reference.name, .priority = Priority::p0};
    locate(requirement, reference.origin.written);
    if (std::ranges::find(requirement.targets, reference.target) == requirement.targets.end())
      requirement.targets.push_back(reference.target);
  }

  static void locate(Requirement& requirement, const Span& span) {
    if (span.file && std::ranges::find(requirement.locations, span) == requirement.locations.end())
      requirement.locations.push_back(span);
  }

  const Program& program_;
  Findings& findings_;
  std::map<std::string, std::vector<Example>> examples_;
  std::map<std::string, Requirement> found_;
};

} // namespace

Priority requirement_priority(std::string_view name) {
  const KnownVariable* known = find_variable(name);
  const NameKind kind = name_kind(name);
  const bool counts = kind != NameKind::no || (known != nullptr && known->required);
  if (!counts)
    return known != nullptr && known->group == VariableGroup::monitoring ? Priority::p1
                                                                         : Priority::p2;
  switch (group_of(name)) {
  case VariableGroup::auth:
  case VariableGroup::store:
  case VariableGroup::payment: return Priority::p0;
  case VariableGroup::delivery:
  case VariableGroup::config: return Priority::p2;
  default: return Priority::p1;
  }
}

void require_what_production_takes(const Program& program, Findings& findings) {
  Inventory(program, findings).run();
}

bool is_env_example(std::string_view path) {
  const std::string_view name = file_name(path);
  if (name.find("env") == std::string_view::npos) return false;
  for (const std::string_view word :
       {"example", "sample", "template", "dist", "defaults", "tpl", "exemplo", "modelo"})
    if (name.find(word) != std::string_view::npos) return true;
  return false;
}

bool is_set_by_script(const GivenVariables& given, TargetIndex target, std::string_view name) {
  // What Coolify fills in.
  if (name.starts_with("SERVICE_PASSWORD_") || name.starts_with("SERVICE_BASE64_")) return true;
  return given.named(target, name) != nullptr || given.any(target) != nullptr;
}

} // namespace aethel
