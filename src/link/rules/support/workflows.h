// What rules about workflows share: who calls whom, what a context holds at a place, and which runs
// the triggers of a workflow admit. Values are three-valued (syntax/github_expression.h): what
// nobody here can know is `any`.
#pragma once

#include "link/finding.h"
#include "link/program.h"
#include "syntax/github_expression.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// `uses: ./path` of a step or job.
struct LocalUse {
  enum class State : std::uint8_t {
    other,  // not in this repository, or not a path
    found,  // `action` or `workflow` is set, unless it could not be read
    absent, // nothing is there
    unknown // another checkout, a generated folder
  };
  State state = State::other;
  std::string path; // relative to the repository
  const ActionDefinition* action = nullptr;
  const Workflow* workflow = nullptr;
};

class Workflows {
public:
  explicit Workflows(const Program& program);

  const std::vector<const Workflow*>& all() const { return workflows_; }
  const std::vector<const ActionDefinition*>& actions() const { return actions_; }

  // The workflow's target; none for an action.
  std::vector<TargetIndex> targets_of(FileId file) const;
  const Workflow* workflow_at(const std::string& path) const;
  const ActionDefinition* action_in(const std::string& directory) const;
  // Jobs of this repository that call the workflow.
  bool is_called(const Workflow& workflow) const;

  LocalUse job_use(const WorkflowJob& job) const;
  // `before`: the steps that run first.
  LocalUse step_use(const Workflow* workflow, const WorkflowStep& step,
                    std::span<const WorkflowStep> before) const;

  // Contexts as far as the files say what is in them.
  github::Value needs(const Workflow& workflow, const WorkflowJob& job) const;
  github::Value jobs(const Workflow& workflow) const;
  // `count`: how many steps ran before.
  github::Value steps(const Workflow* workflow, std::span<const WorkflowStep> steps,
                      std::size_t count) const;
  static github::Value matrix(const WorkflowJob& job);
  static github::Value inputs(const Workflow& workflow);
  static github::Value inputs(const ActionDefinition& action);

private:
  github::Value outputs_of(const WorkflowJob& job) const;
  LocalUse resolve(const std::string& path) const;

  const Program& program_;
  std::vector<const Workflow*> workflows_;
  std::vector<const ActionDefinition*> actions_;
  std::map<std::string, const Workflow*, std::less<>> by_path_;
  std::map<std::string, const ActionDefinition*, std::less<>> by_directory_;
  std::map<FileId, TargetIndex> targets_;
};

// One way for a workflow to be started.
struct WorkflowRun {
  std::string event; // "push"
  std::string ref;   // "refs/tags/v*"; empty when the event says nothing of it
  github::Value github = github::Value::any();
  github::Value inputs = github::Value::any();
};

// All of them, or nothing when not all are known: another workflow may call it.
std::vector<WorkflowRun> runs_of(const Workflow& workflow);

// An expression that parses, with the place of any part of it.
struct ParsedExpression {
  const WorkflowExpression* written = nullptr;
  github::Expression root;
  Span place(const Range& part) const;
};
std::vector<ParsedExpression> parse_all(const std::vector<WorkflowExpression>& expressions);

// The condition of an `if`: without braces, or the only expression in it. Nothing when it does not
// parse, or text stands beside the braces.
std::optional<github::Expression> condition_of(const WorkflowText& text);

} // namespace aethel
