#include "link/rules/support/job_reach.h"

#include <algorithm>
#include <map>

namespace aethel {
namespace {

using github::Truth;
using github::Value;

Truth both(Truth left, Truth right) { return std::min(left, right); }

Value boolean_of(Truth truth) {
  return truth == Truth::maybe ? Value::some(Value::Kind::boolean)
                               : Value::boolean(truth == Truth::yes);
}

class Reach {
public:
  explicit Reach(const Workflow& workflow) : workflow_(workflow) {}

  WorkflowReach run() {
    result_.runs = runs_of(workflow_);
    if (result_.runs.empty() || workflow_.jobs.size() > 500) {
      result_.runs.clear();
      return std::move(result_);
    }
    result_.jobs.resize(workflow_.jobs.size());
    for (std::size_t i = 0; i < workflow_.jobs.size(); ++i) {
      const WorkflowJob& job = workflow_.jobs[i];
      JobReach& reach = result_.jobs[i];
      reach.job = &job;
      index_.emplace(&job, i);
      if (job.condition) {
        reach.condition = condition_of(*job.condition);
        // Nothing can be said of what does not parse.
        if (!reach.condition && !job.condition->text.empty()) unreadable_.push_back(&job);
      }
      if (reach.condition)
        reach.constant = github::evaluate(*reach.condition, {}).truth() != Truth::maybe;
    }
    std::vector<bool> done(workflow_.jobs.size());
    for (std::size_t i = 0; i < workflow_.jobs.size(); ++i) visit(i, done, 0);
    return std::move(result_);
  }

private:
  // Needed jobs first. A circle is its own finding; what is left open in it stays `maybe`.
  void visit(std::size_t i, std::vector<bool>& done, int depth) {
    if (done[i]) return;
    done[i] = true;
    const WorkflowJob& job = workflow_.jobs[i];
    for (const WorkflowText& need : job.needs)
      if (const WorkflowJob* needed = workflow_.job(need.written());
          needed != nullptr && depth < 500)
        visit(index_.at(needed), done, depth + 1);
    for (std::size_t run = 0; run < result_.runs.size(); ++run) decide(i, run);
  }

  void decide(std::size_t i, std::size_t run) {
    const WorkflowJob& job = workflow_.jobs[i];
    JobReach& reach = result_.jobs[i];
    Truth own = Truth::yes, runs = Truth::yes;
    const WorkflowJob* skipped = nullptr;
    Truth needed_ok = Truth::yes; // success()
    bool any_need_may_run = false;
    std::vector<std::pair<std::string, Value>> needs;
    for (const WorkflowText& need : job.needs) {
      const WorkflowJob* needed = workflow_.job(need.written());
      if (needed == nullptr) return push(reach, Truth::maybe, Truth::maybe, nullptr);
      const JobReach& other = result_.jobs[index_.at(needed)];
      const Truth truth = run < other.runs.size() ? other.runs[run] : Truth::maybe;
      if (truth == Truth::no && skipped == nullptr) skipped = needed;
      any_need_may_run = any_need_may_run || truth != Truth::no;
      needed_ok = both(needed_ok, truth == Truth::no ? Truth::no : Truth::maybe);
      Value result = truth == Truth::no ? Value::text("skipped")
                     : truth == Truth::yes
                         ? Value::one_of({"success", "failure", "cancelled"})
                         : Value::one_of({"success", "failure", "cancelled", "skipped"});
      Value outputs = truth == Truth::no ? Value::object_of(Value::text(""))
                                         : Value::object_of(Value::some(Value::Kind::text));
      needs.emplace_back(needed->id, Value::object({{"result", std::move(result)},
                                                    {"outputs", std::move(outputs)}}));
    }
    const bool unreadable = std::ranges::find(unreadable_, &job) != unreadable_.end();
    if (unreadable) return push(reach, Truth::maybe, Truth::maybe, nullptr);
    if (!reach.condition) {
      runs = job.needs.empty() ? Truth::yes : needed_ok;
    } else {
      const bool status = github::has_status_function(*reach.condition);
      github::Scope scope = scope_in(result_.runs[run], Value::object(std::move(needs)));
      scope.missing = [&](const github::Expression&, const std::string&, const Range&,
                          const Value&) { reach.missing = true; };
      // As if all that is needed succeeded.
      scope.call = [](std::string_view name, const std::vector<Value>&) {
        if (name == "success" || name == "always") return Value::boolean(true);
        return Value::any();
      };
      own = github::evaluate(*reach.condition, scope).truth();
      scope.call = [&](std::string_view name, const std::vector<Value>& arguments) {
        if (name == "always") return Value::boolean(true);
        if (!arguments.empty()) return Value::any();
        if (name == "success") return boolean_of(job.needs.empty() ? Truth::yes : needed_ok);
        // Nothing that could fail comes before.
        if (name == "failure" && !any_need_may_run && !has_ancestors_that_run(job, run))
          return Value::boolean(false);
        return Value::any();
      };
      runs = github::evaluate(*reach.condition, scope).truth();
      if (!status && !job.needs.empty()) runs = both(runs, needed_ok);
      if (status && runs != Truth::no) skipped = nullptr;
    }
    push(reach, own, runs, runs == Truth::no ? skipped : nullptr);
  }

  bool has_ancestors_that_run(const WorkflowJob& job, std::size_t run) const {
    std::vector<const WorkflowJob*> todo{&job}, seen{&job};
    while (!todo.empty()) {
      const WorkflowJob* each = todo.back();
      todo.pop_back();
      for (const WorkflowText& need : each->needs) {
        const WorkflowJob* needed = workflow_.job(need.written());
        if (needed == nullptr) return true;
        if (std::ranges::find(seen, needed) != seen.end()) continue;
        const JobReach& other = result_.jobs[index_.at(needed)];
        if (run >= other.runs.size() || other.runs[run] != Truth::no) return true;
        seen.push_back(needed);
        todo.push_back(needed);
      }
    }
    return false;
  }

  static void push(JobReach& reach, Truth own, Truth runs, const WorkflowJob* skipped) {
    reach.own.push_back(own);
    reach.runs.push_back(runs);
    reach.skipped_need.push_back(skipped);
  }

  const Workflow& workflow_;
  WorkflowReach result_;
  std::map<const WorkflowJob*, std::size_t> index_;
  std::vector<const WorkflowJob*> unreadable_;
};

} // namespace

github::Scope scope_in(const WorkflowRun& run, Value needs) {
  github::Scope scope;
  scope.context = [&run, needs = std::move(needs)](std::string_view name) {
    if (name == "github") return run.github;
    if (name == "inputs") return run.inputs;
    if (name == "needs") return needs;
    return Value::any();
  };
  return scope;
}

WorkflowReach reach_of(const Workflow& workflow) { return Reach(workflow).run(); }

} // namespace aethel
