// Workflows of GitHub Actions and the definitions of actions. GitHub reads `.github/workflows` at
// the root of a repository only, and an action from any folder.
#include "front/reader.h"

#include "base/files.h"
#include "front/support/suppressions.h"
#include "syntax/workflow_schema.h"
#include "syntax/yaml.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

namespace aethel::readers {
namespace {

namespace schema = workflow_schema;

bool is_yaml(std::string_view path) { return path.ends_with(".yml") || path.ends_with(".yaml"); }

bool is_workflow(std::string_view path) {
  constexpr std::string_view folder = ".github/workflows/";
  return path.starts_with(folder) && is_yaml(path) &&
         path.find('/', folder.size()) == std::string_view::npos;
}

bool is_action(std::string_view path) {
  const std::string_view name = file_name(path);
  return name == "action.yml" || name == "action.yaml";
}

bool claims(std::string_view path) { return is_workflow(path) || is_action(path); }

// Other programs have files called action.yml: of an action `runs` says how it is run.
bool accepts(std::string_view path, std::string_view bytes) {
  return is_workflow(path) || bytes.starts_with("runs:") ||
         bytes.find("\nruns:") != std::string_view::npos;
}

std::string_view message_of(schema::Fault::Kind kind) {
  using Kind = schema::Fault::Kind;
  switch (kind) {
  case Kind::unexpected_key: return "unexpected-key";
  case Kind::unexpected_value: return "unexpected-value";
  case Kind::sequence: return "sequence";
  case Kind::mapping: return "mapping";
  case Kind::missing_key: return "missing-key";
  case Kind::no_kind: return "no-kind";
  case Kind::duplicate_key: return "duplicate-key";
  case Kind::expression_not_allowed: return "expression-not-allowed";
  case Kind::not_closed: return "not-closed";
  case Kind::merge_key: return "merge-key";
  case Kind::tag: return "tag";
  }
  return "unexpected-value";
}

// Takes what has the right form; the rest is a fault, which the schema finds. Aliases may repeat
// large parts: the schema's check stops at its limit, and then nothing is taken at all.
class Extractor {
public:
  Extractor(const Source& source, FileId file) : source_(source), file_(file) {}

  Workflow workflow(const yaml::Node& root) {
    Workflow result{.file = file_, .span = span(root)};
    result.name = optional(root, "name");
    result.run_name = optional(root, "run-name");
    if (const yaml::Node* on = find(root, "on")) result.triggers = triggers(*on);
    result.env = map(find(root, "env"));
    result.defaults = defaults(root);
    result.concurrency = concurrency(root);
    result.permissions = permissions(root);
    if (const yaml::Node* jobs = mapping(root, "jobs"))
      for (const yaml::Pair& pair : jobs->pairs) result.jobs.push_back(job(pair));
    return result;
  }

  ActionDefinition action(const yaml::Node& root) {
    ActionDefinition result{
        .file = file_, .directory = std::string(parent_path(source_.path())), .span = span(root)};
    if (const yaml::Node* inputs = mapping(root, "inputs")) result.inputs = read_inputs(*inputs);
    result.outputs = outputs(find(root, "outputs"));
    const yaml::Node* runs = mapping(root, "runs");
    if (runs == nullptr) return result;
    if (const auto using_text = optional(*runs, "using")) {
      result.using_name = using_text->written();
      if (same_name(result.using_name, "composite"))
        result.kind = ActionDefinition::Kind::composite;
      else if (same_name(result.using_name, "docker"))
        result.kind = ActionDefinition::Kind::docker;
      else if (result.using_name.starts_with("node"))
        result.kind = ActionDefinition::Kind::node;
    }
    if (const yaml::Node* steps = find(*runs, "steps"))
      for (const yaml::Node* item : steps->items) result.steps.push_back(step(*item));
    result.main = optional(*runs, "main");
    result.pre = optional(*runs, "pre");
    result.post = optional(*runs, "post");
    result.image = optional(*runs, "image");
    result.entrypoint = optional(*runs, "entrypoint");
    result.pre_entrypoint = optional(*runs, "pre-entrypoint");
    result.post_entrypoint = optional(*runs, "post-entrypoint");
    return result;
  }

private:
  Span span(const yaml::Node& node) const { return {file_, node.range}; }

  static const yaml::Node* find(const yaml::Node& node, std::string_view key) {
    return node.kind == yaml::Kind::mapping ? yaml::find(node, key) : nullptr;
  }

  static const yaml::Node* mapping(const yaml::Node& node, std::string_view key) {
    const yaml::Node* found = find(node, key);
    return found != nullptr && found->kind == yaml::Kind::mapping ? found : nullptr;
  }

  // The places of a value's bytes when it is written without changes, which most are.
  std::optional<std::uint32_t> plain_begin(const yaml::Node& node) const {
    const std::string_view bytes = source_.bytes();
    const std::uint32_t begin = node.range.begin;
    for (const std::uint32_t skip : {0u, 1u})
      if (bytes.substr(std::min<std::size_t>(begin + skip, bytes.size()), node.value.size()) ==
          node.value)
        return begin + skip;
    return {};
  }

  // Whether so many bytes may still be taken: an alias repeats what it points to.
  bool take(std::size_t bytes) const {
    if (bytes >= budget_) budget_ = 0;
    if (budget_ == 0) return false;
    budget_ -= bytes;
    return true;
  }

  WorkflowText text(const yaml::Node& node) const {
    WorkflowText result{.span = span(node)};
    if (!take(node.value.size() + 64)) return result;
    switch (schema::type_of(node)) {
    case schema::ScalarType::boolean: result.type = ScalarType::boolean; break;
    case schema::ScalarType::number: result.type = ScalarType::number; break;
    case schema::ScalarType::null: return result;
    case schema::ScalarType::string: break;
    }
    const auto begin = plain_begin(node);
    if (begin) result.span.range = {*begin, *begin + static_cast<std::uint32_t>(node.value.size())};
    if (node.value.find("${{") == std::string::npos) {
      result.text = Text(node.value, result.span);
      return result;
    }
    MappedText mapped;
    if (!begin) mapped = yaml::mapped_value(source_.bytes(), node);
    const auto place = [&](std::size_t from, std::size_t to) -> Span {
      if (begin)
        return {
            file_,
            {*begin + static_cast<std::uint32_t>(from), *begin + static_cast<std::uint32_t>(to)}};
      return {file_, {mapped.offsets[from], mapped.offsets[to]}};
    };
    std::vector<Piece> pieces;
    for (const schema::Piece& piece : schema::split(node.value).pieces) {
      std::string words = node.value.substr(piece.begin, piece.end - piece.begin);
      if (!piece.expression) {
        pieces.push_back(
            {.literal = std::move(words), .hole = {}, .span = place(piece.begin, piece.end)});
        continue;
      }
      auto hole = std::make_shared<Hole>();
      hole->name = std::move(words);
      hole->form = Hole::Form::expression;
      hole->span = place(piece.begin - 3, piece.end + 2);
      pieces.push_back({.literal = {}, .hole = hole, .span = hole->span});
    }
    result.text = Text(std::move(pieces));
    return result;
  }

  std::optional<WorkflowText> optional(const yaml::Node& node, std::string_view key) const {
    const yaml::Node* found = find(node, key);
    if (found == nullptr || found->kind != yaml::Kind::scalar) return {};
    return text(*found);
  }

  std::vector<WorkflowText> list(const yaml::Node* node) const {
    std::vector<WorkflowText> result;
    if (node == nullptr) return result;
    if (node->kind == yaml::Kind::scalar) {
      if (schema::type_of(*node) != schema::ScalarType::null) result.push_back(text(*node));
      return result;
    }
    for (const yaml::Node* item : node->items)
      if (item->kind == yaml::Kind::scalar) result.push_back(text(*item));
    return result;
  }

  WorkflowMap map(const yaml::Node* node) const {
    WorkflowMap result;
    if (node == nullptr) return result;
    if (node->kind == yaml::Kind::scalar) {
      if (schema::type_of(*node) == schema::ScalarType::null) return result;
      result.expression = text(*node);
      result.open = true;
      return result;
    }
    if (node->kind == yaml::Kind::sequence) result.open = true;
    for (const yaml::Pair& pair : node->pairs) {
      if (pair.key->kind != yaml::Kind::scalar || pair.value->kind != yaml::Kind::scalar ||
          pair.key->value == "<<" || pair.key->value.find("${{") != std::string::npos) {
        result.open = true;
        continue;
      }
      result.entries.push_back(
          {.name = pair.key->value, .name_span = span(*pair.key), .value = text(*pair.value)});
    }
    return result;
  }

  static bool is_true(const yaml::Node* node) {
    return node != nullptr && node->kind == yaml::Kind::scalar && same_name(node->value, "true");
  }

  std::vector<WorkflowInput> read_inputs(const yaml::Node& node) const {
    std::vector<WorkflowInput> result;
    for (const yaml::Pair& pair : node.pairs) {
      WorkflowInput input{.name = pair.key->value, .span = span(*pair.key)};
      if (const auto type = optional(*pair.value, "type"); type && !type->text.empty())
        input.type = type->written();
      input.required = is_true(find(*pair.value, "required"));
      input.default_value = optional(*pair.value, "default");
      input.options = list(find(*pair.value, "options"));
      if (const auto words = optional(*pair.value, "deprecationMessage"))
        input.deprecation = words->written();
      result.push_back(std::move(input));
    }
    return result;
  }

  // Of a job the value stands beside the name, elsewhere below it.
  std::vector<WorkflowOutput> outputs(const yaml::Node* node) const {
    std::vector<WorkflowOutput> result;
    if (node == nullptr) return result;
    for (const yaml::Pair& pair : node->pairs) {
      WorkflowOutput output{.name = pair.key->value, .span = span(*pair.key)};
      if (pair.value->kind == yaml::Kind::scalar)
        output.value = text(*pair.value);
      else
        output.value = optional(*pair.value, "value");
      result.push_back(std::move(output));
    }
    return result;
  }

  std::vector<WorkflowTrigger> triggers(const yaml::Node& on) const {
    std::vector<WorkflowTrigger> result;
    const auto plain = [&](const yaml::Node& node) {
      if (node.kind == yaml::Kind::scalar && !node.value.empty())
        result.push_back({.event = node.value, .span = span(node)});
    };
    plain(on);
    for (const yaml::Node* item : on.items) plain(*item);
    for (const yaml::Pair& pair : on.pairs) {
      if (pair.key->kind != yaml::Kind::scalar) continue;
      const yaml::Node& node = *pair.value;
      WorkflowTrigger trigger{.event = pair.key->value, .span = span(*pair.key)};
      trigger.types = list(find(node, "types"));
      trigger.branches = list(find(node, "branches"));
      trigger.branches_ignore = list(find(node, "branches-ignore"));
      trigger.tags = list(find(node, "tags"));
      trigger.tags_ignore = list(find(node, "tags-ignore"));
      trigger.paths = list(find(node, "paths"));
      trigger.paths_ignore = list(find(node, "paths-ignore"));
      trigger.workflows = list(find(node, "workflows"));
      for (const yaml::Node* item : node.items)
        if (auto cron = optional(*item, "cron"))
          trigger.schedules.push_back(
              {.cron = std::move(*cron), .timezone = optional(*item, "timezone")});
      if (const yaml::Node* inputs = mapping(node, "inputs")) trigger.inputs = read_inputs(*inputs);
      if (const yaml::Node* secrets = mapping(node, "secrets"))
        for (const yaml::Pair& each : secrets->pairs)
          trigger.secrets.push_back({.name = each.key->value,
                                     .span = span(*each.key),
                                     .required = is_true(find(*each.value, "required"))});
      trigger.outputs = outputs(find(node, "outputs"));
      trigger.open =
          node.kind == yaml::Kind::scalar && schema::type_of(node) != schema::ScalarType::null;
      for (const std::string_view key : {"inputs", "secrets", "outputs"})
        if (const yaml::Node* part = find(node, key))
          trigger.open = trigger.open || part->kind == yaml::Kind::sequence ||
                         std::ranges::any_of(part->pairs, [](const yaml::Pair& each) {
                           return each.key->kind != yaml::Kind::scalar || each.key->value == "<<";
                         });
      result.push_back(std::move(trigger));
    }
    return result;
  }

  WorkflowDefaults defaults(const yaml::Node& node) const {
    const yaml::Node* all = mapping(node, "defaults");
    const yaml::Node* run = all != nullptr ? mapping(*all, "run") : nullptr;
    if (run == nullptr) return {};
    return {.shell = optional(*run, "shell"),
            .working_directory = optional(*run, "working-directory")};
  }

  std::optional<WorkflowConcurrency> concurrency(const yaml::Node& node) const {
    const yaml::Node* found = find(node, "concurrency");
    if (found == nullptr) return {};
    if (found->kind == yaml::Kind::scalar) return WorkflowConcurrency{.group = text(*found)};
    auto group = optional(*found, "group");
    if (!group) return {};
    return WorkflowConcurrency{.group = std::move(*group),
                               .cancel_in_progress = optional(*found, "cancel-in-progress")};
  }

  std::optional<WorkflowPermissions> permissions(const yaml::Node& node) const {
    const yaml::Node* found = find(node, "permissions");
    if (found == nullptr) return {};
    WorkflowPermissions result{.span = span(*found)};
    if (found->kind == yaml::Kind::scalar) {
      result.all = text(*found);
    } else {
      result.scopes = map(found).entries;
    }
    return result;
  }

  // `steps: [..]` of one job may hold what `parallel:` runs at once; those are steps as well, but
  // have no place in the list.
  WorkflowStep step(const yaml::Node& node) const {
    WorkflowStep result{.span = span(node)};
    if (!take(1024)) return result;
    result.id = optional(node, "id");
    result.name = optional(node, "name");
    result.condition = optional(node, "if");
    result.uses = optional(node, "uses");
    result.run = optional(node, "run");
    if (const yaml::Node* run = find(node, "run");
        run != nullptr && result.run && take(5 * run->value.size()))
      result.script = yaml::mapped_value(source_.bytes(), *run);
    result.shell = optional(node, "shell");
    result.working_directory = optional(node, "working-directory");
    result.with = map(find(node, "with"));
    result.env = map(find(node, "env"));
    result.continue_on_error = optional(node, "continue-on-error");
    result.timeout_minutes = optional(node, "timeout-minutes");
    return result;
  }

  WorkflowContainer container(const yaml::Node& node) const {
    WorkflowContainer result{.span = span(node)};
    if (node.kind == yaml::Kind::scalar) {
      result.image = text(node);
      return result;
    }
    result.image = optional(node, "image");
    result.env = map(find(node, "env"));
    result.ports = list(find(node, "ports"));
    result.volumes = list(find(node, "volumes"));
    result.options = optional(node, "options");
    return result;
  }

  // A value of a matrix. `budget` bounds what aliases expand to.
  Node value(const yaml::Node& yaml, std::size_t& budget, int depth = 0) const {
    Node node;
    node.origin.written = span(yaml);
    if (budget == 0 || depth > 50) return node;
    --budget;
    switch (yaml.kind) {
    case yaml::Kind::scalar: {
      const WorkflowText words = text(yaml);
      if (schema::type_of(yaml) == schema::ScalarType::null) break;
      node.kind = NodeKind::scalar;
      node.type = words.type;
      node.text = words.text;
      break;
    }
    case yaml::Kind::sequence:
      node.kind = NodeKind::sequence;
      for (const yaml::Node* item : yaml.items)
        node.items.push_back(value(*item, budget, depth + 1));
      break;
    case yaml::Kind::mapping:
      node.kind = NodeKind::mapping;
      for (const yaml::Pair& pair : yaml.pairs)
        if (pair.key->kind == yaml::Kind::scalar)
          node.members.push_back({.key = pair.key->value,
                                  .key_span = span(*pair.key),
                                  .value = value(*pair.value, budget, depth + 1)});
      break;
    }
    return node;
  }

  WorkflowMatrix matrix(const yaml::Node& node) const {
    WorkflowMatrix result{.span = span(node)};
    std::size_t budget = 10'000;
    if (node.kind == yaml::Kind::scalar) result.expression = text(node);
    for (const yaml::Pair& pair : node.pairs) {
      if (pair.key->kind != yaml::Kind::scalar) continue;
      const std::string& key = pair.key->value;
      const bool include = key == "include";
      if (include || key == "exclude") {
        auto& words = include ? result.include_expression : result.exclude_expression;
        auto& items = include ? result.include : result.exclude;
        if (pair.value->kind == yaml::Kind::scalar) words = text(*pair.value);
        for (const yaml::Node* item : pair.value->items) items.push_back(value(*item, budget));
        continue;
      }
      WorkflowMatrix::Row row{.name = key, .span = span(*pair.key)};
      if (pair.value->kind == yaml::Kind::scalar) row.expression = text(*pair.value);
      for (const yaml::Node* item : pair.value->items) row.values.push_back(value(*item, budget));
      result.rows.push_back(std::move(row));
    }
    return result;
  }

  WorkflowJob job(const yaml::Pair& pair) const {
    const yaml::Node& node = *pair.value;
    WorkflowJob result{.id = pair.key->value, .id_span = span(*pair.key), .span = span(node)};
    if (!take(1024)) return result;
    result.name = optional(node, "name");
    result.condition = optional(node, "if");
    result.needs = list(find(node, "needs"));
    if (const yaml::Node* runs_on = find(node, "runs-on")) {
      if (runs_on->kind == yaml::Kind::mapping) {
        result.runs_on = list(find(*runs_on, "labels"));
        result.runner_group = optional(*runs_on, "group");
      } else {
        result.runs_on = list(runs_on);
      }
    }
    if (const yaml::Node* strategy = mapping(node, "strategy")) {
      if (const yaml::Node* found = find(*strategy, "matrix")) result.matrix = matrix(*found);
      result.fail_fast = optional(*strategy, "fail-fast");
      result.max_parallel = optional(*strategy, "max-parallel");
    } else if (const auto words = optional(node, "strategy")) {
      result.matrix = WorkflowMatrix{.expression = words, .span = words->span};
    }
    if (const yaml::Node* found = find(node, "environment")) {
      if (found->kind == yaml::Kind::scalar) {
        if (!found->value.empty()) result.environment = WorkflowEnvironment{.name = text(*found)};
      } else if (auto name = optional(*found, "name")) {
        result.environment =
            WorkflowEnvironment{.name = std::move(*name), .url = optional(*found, "url")};
      }
    }
    result.concurrency = concurrency(node);
    result.permissions = permissions(node);
    if (const yaml::Node* found = find(node, "container")) result.container = container(*found);
    if (const yaml::Node* services = mapping(node, "services"))
      for (const yaml::Pair& each : services->pairs) {
        WorkflowContainer service = container(*each.value);
        service.id = each.key->value;
        service.id_span = span(*each.key);
        result.services.push_back(std::move(service));
      }
    const yaml::Node* outputs_node = find(node, "outputs");
    result.outputs = outputs(outputs_node);
    result.outputs_open = outputs_node != nullptr && outputs_node->kind != yaml::Kind::mapping;
    result.env = map(find(node, "env"));
    result.defaults = defaults(node);
    result.continue_on_error = optional(node, "continue-on-error");
    result.timeout_minutes = optional(node, "timeout-minutes");
    if (const yaml::Node* steps = find(node, "steps"))
      for (const yaml::Node* item : steps->items) result.steps.push_back(step(*item));
    result.uses = optional(node, "uses");
    result.with = map(find(node, "with"));
    if (const yaml::Node* secrets = find(node, "secrets")) {
      result.inherits_secrets = secrets->kind == yaml::Kind::scalar && secrets->value == "inherit";
      if (secrets->kind == yaml::Kind::mapping) result.secrets = map(secrets);
    }
    return result;
  }

  const Source& source_;
  FileId file_;
  mutable std::size_t budget_ = std::size_t{64} << 20;
};

template <class Fact> void add_checked(Fact& fact, schema::Result&& checked, FileId file) {
  for (schema::Fault& fault : checked.faults)
    fact.faults.push_back({.message = message_of(fault.kind),
                           .name = std::move(fault.name),
                           .where = std::move(fault.where),
                           .span = {file, fault.range}});
  for (schema::Expression& each : checked.expressions)
    fact.expressions.push_back({.where = std::move(each.where),
                                .source = std::move(each.source),
                                .span = {file, each.range},
                                .exact = each.exact,
                                .condition = each.condition,
                                .alone = each.alone,
                                .embedded_if = each.embedded_if,
                                .scalar = {file, each.scalar->range},
                                .allowed = std::move(each.allowed),
                                .job = each.job,
                                .step = each.step});
}

// A key that stands twice has two values; the schema may have counted the steps of the other one.
void forget_beyond(std::vector<WorkflowExpression>& expressions, std::size_t steps,
                   const std::vector<WorkflowJob>* jobs) {
  for (WorkflowExpression& each : expressions) {
    std::size_t count = steps;
    if (jobs != nullptr) {
      if (each.job >= 0 && static_cast<std::size_t>(each.job) >= jobs->size()) each.job = -1;
      count = each.job < 0 ? 0 : (*jobs)[static_cast<std::size_t>(each.job)].steps.size();
    }
    if (each.step >= 0 && static_cast<std::size_t>(each.step) >= count) each.step = -1;
  }
}

// Steps that start a project, here or on another machine, give it their environment.
bool starts_project(const WorkflowStep& step) {
  std::string text = step.script.text;
  if (const WorkflowEntry* script = step.with.find("script")) text += script->value.written();
  if (step.uses && step.uses->written().contains("ssh")) return true;
  for (const std::string_view word : {"docker compose", "docker-compose", "docker stack", "ssh "})
    if (text.contains(word)) return true;
  return false;
}

void note_given_variables(const Workflow& workflow, FileId file, FileFacts& facts) {
  const auto note = [&](const std::string& name, const Span& span) {
    facts.creations.push_back({.what = Creation::What::variable,
                               .name = name,
                               .span = span.file ? span : Span{file, {}}});
  };
  const auto note_all = [&](const WorkflowMap& map) {
    for (const WorkflowEntry& entry : map.entries) note(entry.name, entry.name_span);
  };
  bool any = false;
  for (const WorkflowJob& job : workflow.jobs) {
    bool starts = false;
    for (const WorkflowStep& step : job.steps) {
      // SpicyPizza/create-envfile: `envkey_NAME: value`
      for (const WorkflowEntry& entry : step.with.entries)
        if (entry.name.starts_with("envkey_")) note(entry.name.substr(7), entry.name_span);
      if (!starts_project(step)) continue;
      starts = true;
      note_all(step.env);
      // appleboy/ssh-action: `envs: A,B`
      const WorkflowEntry* names = step.with.find("envs");
      if (names == nullptr) continue;
      const std::string list = names->value.written();
      for (std::size_t at = 0; at < list.size();) {
        const std::size_t end = std::min(list.find(',', at), list.size());
        std::string name = list.substr(at, end - at);
        std::erase_if(name, [](char c) { return c == ' ' || c == '\n'; });
        if (!name.empty()) note(name, names->value.span);
        at = end + 1;
      }
    }
    if (starts) note_all(job.env);
    any = any || starts;
  }
  if (any) note_all(workflow.env);
}

void read(const Source& source, FileId file, FileFacts& facts) {
  const yaml::Stream stream = yaml::parse(source.bytes());
  for (const yaml::Problem& problem : stream.problems)
    facts.problems.push_back({.message = problem.message, .offset = problem.at});
  std::vector<Range> comments;
  for (const auto& document : stream.documents)
    for (const yaml::Comment& comment : document->comments) comments.push_back(comment.range);
  for (Suppression& suppression : read_suppressions(source, file, comments))
    facts.suppressions.push_back(std::move(suppression));
  const bool workflow = is_workflow(source.path());
  if (workflow && !stream.problems.empty()) {
    const std::uint32_t at = stream.problems.front().at;
    facts.workflows.push_back({.file = file,
                               .faults = {{.message = "not-yaml",
                                           .name = stream.problems.front().message,
                                           .span = {file, {at, at}}}},
                               .span = {file, {at, at}}});
    return;
  }
  const auto document = std::ranges::find_if(
      stream.documents, [](const auto& each) { return each->root != nullptr; });
  if (document == stream.documents.end()) return;
  const yaml::Node& root = *(*document)->root;
  schema::Result checked = schema::check(
      source.bytes(), root, workflow ? schema::Schema::workflow : schema::Schema::action);
  if (checked.too_large) {
    facts.problems.push_back({.message = "aliases expand to too many nodes"});
    return;
  }
  Extractor extractor(source, file);
  if (workflow) {
    facts.workflows.push_back(extractor.workflow(root));
    Workflow& read = facts.workflows.back();
    add_checked(read, std::move(checked), file);
    forget_beyond(read.expressions, 0, &read.jobs);
    note_given_variables(read, file, facts);
  } else {
    facts.actions.push_back(extractor.action(root));
    ActionDefinition& read = facts.actions.back();
    add_checked(read, std::move(checked), file);
    forget_beyond(read.expressions, read.steps.size(), nullptr);
  }
}

} // namespace

extern constinit const Reader workflow;
constinit const Reader workflow{
    .name = "workflow", .claims = claims, .accepts = accepts, .read = read};

} // namespace aethel::readers
