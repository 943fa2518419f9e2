#include "link/rule.h"

#include "base/nearest.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflows.h"

#include <algorithm>
#include <map>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A job that waits for one that is not there, or for itself

`needs` names jobs of the same workflow. GitHub refuses the file when one of them is not defined, or
when jobs wait for each other in a circle.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps: [{run: make}]
  deploy:
    needs: [build, tests] # error: undefined-job
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
  first:
    needs: second # error: undefined-job
    runs-on: ubuntu-24.04
    steps: [{run: make first}]
  second:
    needs: [build, first]
    runs-on: ubuntu-24.04
    steps: [{run: make second}]
```

Silent: names are compared without regard to case.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  Build:
    runs-on: ubuntu-24.04
    steps: [{run: make}]
  deploy:
    needs: build
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
```
)";

constexpr Message messages[] = {
    {"undefined", "job \"{job}\" needs the job \"{name}\", which this workflow does not define",
     "o job \"{job}\" precisa do job \"{name}\", que este workflow não define"},
    {"circle", "jobs wait for each other: {name}", "jobs esperam um pelo outro: {name}"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "define it, or take the name out: until then GitHub refuses the file",
     "defina-o, ou retire o nome: até lá o GitHub recusa o arquivo"},
    {"help-circle", "take one of them out: until then GitHub refuses the file",
     "retire um deles: até lá o GitHub recusa o arquivo"},
};

class Check {
public:
  Check(const Program& program, Findings& findings) : findings_(findings), workflows_(program) {}

  void run() {
    for (const Workflow* workflow : workflows_.all()) {
      undefined(*workflow);
      circles(*workflow);
    }
  }

private:
  void undefined(const Workflow& workflow) {
    std::vector<std::string> names;
    for (const WorkflowJob& job : workflow.jobs) names.push_back(job.id);
    for (const WorkflowJob& job : workflow.jobs)
      for (const WorkflowText& need : job.needs) {
        if (!need.is_literal() || workflow.job(need.written()) != nullptr) continue;
        const auto near = nearest(need.written(), names);
        findings_.add(
            {.rule = rule_named("undefined-job"),
             .message = "undefined",
             .arguments = {{"job", job.id}, {"name", need.written()}, {"near", near.value_or("")}},
             .span = need.span,
             .symbol_kind = "job",
             .symbol = need.written(),
             .targets = workflows_.targets_of(workflow.file),
             .help = near ? "help-near" : "help"});
      }
  }

  // A circle is reported once, at its first job.
  void circles(const Workflow& workflow) {
    enum class Mark : std::uint8_t { fresh, open, done };
    std::map<const WorkflowJob*, Mark> marks;
    std::vector<const WorkflowJob*> path;
    // Iterative: a thousand jobs may stand in a row.
    struct Frame {
      const WorkflowJob* job;
      std::size_t next;
    };
    for (const WorkflowJob& start : workflow.jobs) {
      if (marks[&start] != Mark::fresh) continue;
      std::vector<Frame> stack{{&start, 0}};
      marks[&start] = Mark::open;
      while (!stack.empty()) {
        Frame& frame = stack.back();
        if (frame.next == frame.job->needs.size()) {
          marks[frame.job] = Mark::done;
          stack.pop_back();
          continue;
        }
        const WorkflowJob* needed = workflow.job(frame.job->needs[frame.next++].written());
        if (needed == nullptr) continue;
        if (marks[needed] == Mark::open) {
          std::vector<const WorkflowJob*> circle;
          bool inside = false;
          for (const Frame& each : stack) {
            inside = inside || each.job == needed;
            if (inside) circle.push_back(each.job);
          }
          report(workflow, circle);
        } else if (marks[needed] == Mark::fresh) {
          marks[needed] = Mark::open;
          stack.push_back({needed, 0});
        }
      }
    }
  }

  void report(const Workflow& workflow, const std::vector<const WorkflowJob*>& circle) {
    std::string names;
    for (std::size_t i = 0; i < circle.size() && i < 8; ++i) names += circle[i]->id + " → ";
    names += circle.front()->id;
    findings_.add({.rule = rule_named("undefined-job"),
                   .message = "circle",
                   .arguments = {{"name", names}},
                   .span = circle.front()->needs.front().span,
                   .symbol_kind = "job",
                   .symbol = circle.front()->id,
                   .targets = workflows_.targets_of(workflow.file),
                   .help = "help-circle"});
  }

  Findings& findings_;
  Workflows workflows_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule undefined_job;
constinit const Rule undefined_job = declare({
    .id = "AE0603",
    .name = "undefined-job",
    .category = Category::cicd,
    .title_en = "job that waits for one that cannot come",
    .title_pt = "job que espera por outro que não pode vir",
    .priority = {.production = Priority::p0,
                 .staging = Priority::p1,
                 .development = Priority::p1,
                 .test = Priority::p1,
                 .example = Priority::p2,
                 .unknown = Priority::p1},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
