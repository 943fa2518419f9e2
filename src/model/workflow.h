// What a workflow file of GitHub Actions says, and what an `action.yml` says of an action.
// Facts of one file each: who calls whom, and what a job can reach, is for the passes.
//
// Scalars are Texts whose `${{ }}` are holes of the form `expression`: the name of the hole is what
// stands between the braces, as written. Keys are as written; GitHub compares names of jobs, steps,
// inputs, outputs, secrets and matrix keys without regard to case. What is absent is an empty
// vector or an empty optional. What has the wrong type is left out here and named in `faults`.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
// and .../metadata-syntax, read 2026-11-26.
#pragma once

#include "model/node.h"
#include "model/source.h"
#include "model/text.h"
#include "syntax/mapped_text.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// A scalar. `text.written()` is its value with the expressions as they stand.
struct WorkflowText {
  Text text;
  Span span; // of the scalar, without quotes where the bytes allow it
  ScalarType type = ScalarType::string;
  std::string written() const { return text.written(); }
  bool is_literal() const { return !text.has_holes(); }
};

struct WorkflowEntry { // an entry of `env`, `with`, `outputs`, `secrets`
  std::string name;
  Span name_span;
  WorkflowText value;
};

// `env: ${{ fromJSON(...) }}` is a mapping that only the run knows.
struct WorkflowMap {
  std::vector<WorkflowEntry> entries;
  std::optional<WorkflowText> expression;
  bool open = false; // holds an entry that is no scalar, or `expression`
  const WorkflowEntry* find(std::string_view name) const; // without regard to case
};

// An input of `workflow_dispatch`, `workflow_call` or an action.
struct WorkflowInput {
  std::string name;
  Span span;                   // of the name
  std::string type = "string"; // "boolean", "number", "choice", "environment"
  bool required = false;
  std::optional<WorkflowText> default_value;
  std::vector<WorkflowText> options; // of a choice
  std::string deprecation;           // `deprecationMessage` of an action
};

struct WorkflowSecretDeclaration { // of `workflow_call`
  std::string name;
  Span span;
  bool required = false;
};

struct WorkflowOutput { // of `workflow_call`, of a job, of an action
  std::string name;
  Span span;
  std::optional<WorkflowText> value; // of an action: composite only
};

struct WorkflowSchedule {
  WorkflowText cron;
  std::optional<WorkflowText> timezone;
};

// One event of `on`. Lists are in the order of the file; patterns keep their `!`.
struct WorkflowTrigger {
  std::string event;
  Span span;                       // of the event's name
  std::vector<WorkflowText> types; // empty: the default activities of the event
  std::vector<WorkflowText> branches, branches_ignore, tags, tags_ignore, paths, paths_ignore;
  std::vector<WorkflowText> workflows;            // workflow_run
  std::vector<WorkflowSchedule> schedules;        // schedule
  std::vector<WorkflowInput> inputs;              // workflow_dispatch, workflow_call
  std::vector<WorkflowSecretDeclaration> secrets; // workflow_call
  std::vector<WorkflowOutput> outputs;            // workflow_call
  bool open = false; // something of it could not be read: nothing follows from what is absent
};

// `defaults.run` of a workflow or job.
struct WorkflowDefaults {
  std::optional<WorkflowText> shell;
  std::optional<WorkflowText> working_directory;
};

struct WorkflowPermissions {
  std::optional<WorkflowText> all;   // "read-all", "write-all"
  std::vector<WorkflowEntry> scopes; // none and no `all`: `{}`, nothing is granted
  Span span;
};

struct WorkflowConcurrency {
  WorkflowText group;
  std::optional<WorkflowText> cancel_in_progress;
};

struct WorkflowEnvironment {
  WorkflowText name;
  std::optional<WorkflowText> url;
};

struct WorkflowStep {
  std::optional<WorkflowText> id, name, condition; // `if`, with or without `${{ }}`
  std::optional<WorkflowText> uses;
  std::optional<WorkflowText> run;
  MappedText script; // `run` as the file has it, expressions included, with the place of each byte
  std::optional<WorkflowText> shell, working_directory;
  WorkflowMap with, env;
  std::optional<WorkflowText> continue_on_error, timeout_minutes;
  Span span; // the whole step
};

struct WorkflowContainer { // of a job, or one of `services`
  std::string id;          // of a service
  Span id_span;
  std::optional<WorkflowText> image; // `container: ${{ }}` too
  WorkflowMap env;
  std::vector<WorkflowText> ports, volumes;
  std::optional<WorkflowText> options;
  Span span;
};

// `strategy.matrix`. The combinations are a matter of whoever asks; see link/workflows.
struct WorkflowMatrix {
  struct Row {
    std::string name;
    Span span;
    std::vector<Node> values;               // any YAML; scalars have their expressions as holes
    std::optional<WorkflowText> expression; // `key: ${{ fromJSON(...) }}`
  };
  std::vector<Row> rows;
  std::vector<Node> include, exclude; // mappings; an item that is an expression is a scalar
  std::optional<WorkflowText> expression, include_expression, exclude_expression;
  Span span;
};

struct WorkflowJob {
  std::string id;
  Span id_span;
  std::optional<WorkflowText> name, condition; // `if`
  std::vector<WorkflowText> needs;
  std::vector<WorkflowText> runs_on; // labels; empty for a job that calls a workflow
  std::optional<WorkflowText> runner_group;
  std::optional<WorkflowMatrix> matrix;
  std::optional<WorkflowText> fail_fast, max_parallel;
  std::optional<WorkflowEnvironment> environment;
  std::optional<WorkflowConcurrency> concurrency;
  std::optional<WorkflowPermissions> permissions;
  std::optional<WorkflowContainer> container;
  std::vector<WorkflowContainer> services;
  std::vector<WorkflowOutput> outputs;
  bool outputs_open = false; // `outputs` is an expression, or could not be read
  WorkflowMap env;
  WorkflowDefaults defaults;
  std::optional<WorkflowText> continue_on_error, timeout_minutes;
  std::vector<WorkflowStep> steps;
  // A job that calls a reusable workflow:
  std::optional<WorkflowText> uses;
  WorkflowMap with, secrets;
  bool inherits_secrets = false; // `secrets: inherit`
  Span span;                     // the whole job
};

// What GitHub refuses the file for, found from its shape alone. `message` is an id of the rule
// rejected-workflow.
struct WorkflowFault {
  std::string_view message;
  std::string name;  // the key or value that is wrong, or absent
  std::string where; // "jobs.build"
  Span span;
};

// Every place where an expression stands.
struct WorkflowExpression {
  std::string where;      // "jobs.build.steps[1].run"
  std::string source;     // between the braces; the whole scalar of an `if` without them
  Span span;              // of `source` in the file
  bool exact = true;      // an offset in `source` plus the begin of `span` is the place in the file
  bool condition = false; // of an `if`
  bool alone = false;     // nothing but this expression stands in the scalar
  bool embedded_if = false; // text stands beside the braces of an `if`: it is always true
  Span scalar;              // the whole scalar that it stands in
  // Contexts, and functions beside the general ones, that GitHub allows there: "secrets",
  // "hashFiles(1,255)". Views into the program's data.
  std::vector<std::string_view> allowed;
  std::int32_t job = -1, step = -1; // indices into `jobs` and `steps`; -1 above them
};

struct Workflow {
  FileId file;
  std::optional<WorkflowText> name, run_name;
  std::vector<WorkflowTrigger> triggers;
  WorkflowMap env;
  WorkflowDefaults defaults;
  std::optional<WorkflowConcurrency> concurrency;
  std::optional<WorkflowPermissions> permissions;
  std::vector<WorkflowJob> jobs; // in the order of the file
  std::vector<WorkflowExpression> expressions;
  std::vector<WorkflowFault> faults;
  Span span; // of the document

  const WorkflowTrigger* trigger(std::string_view event) const;
  const WorkflowJob* job(std::string_view id) const; // without regard to case
};

// `action.yml` in a folder of the repository.
struct ActionDefinition {
  enum class Kind : std::uint8_t { unknown, composite, node, docker };
  FileId file;
  std::string directory; // "" at the root
  Kind kind = Kind::unknown;
  std::string using_name; // "node20", as written
  std::vector<WorkflowInput> inputs;
  std::vector<WorkflowOutput> outputs;
  std::vector<WorkflowStep> steps;             // composite
  std::optional<WorkflowText> main, pre, post; // node
  std::optional<WorkflowText> image;           // docker: "Dockerfile" or "docker://..."
  std::optional<WorkflowText> entrypoint, pre_entrypoint, post_entrypoint;
  std::vector<WorkflowExpression> expressions; // `step` is set, `job` is not
  std::vector<WorkflowFault> faults;
  Span span;

  const WorkflowInput* input(std::string_view name) const; // without regard to case
};

// As GitHub compares names.
bool same_name(std::string_view left, std::string_view right);

} // namespace aethel
