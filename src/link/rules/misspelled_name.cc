#include "link/rule.h"

#include "base/nearest.h"
#include "knowledge/shapes.h"
#include "link/finding.h"
#include "link/program.h"
#include "link/rules/support/workflows.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace aethel::rules {
namespace {

constexpr std::string_view doc = R"(# A name in a workflow that is almost another one

What only the run knows is open: a runner of one's own may have any label, the context `github` may grow, an
action may be anybody's. A name that is one slip away from one that GitHub documents, or that the other jobs
use, is none of these all the same. A job that waits for a runner that nobody has waits for a day; a property
that is not there is empty; an action that has no such commit cannot be fetched.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
      - run: make
  test:
    runs-on: ubuntu-latets # error: misspelled-name
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
      - uses: actions/chekout@3d3c42e5aac5ba805825da76410c181273ba90b1 # error: misspelled-name
      - if: github.repository_ownr == 'acme' # error: misspelled-name
        run: make test DIR=${{ runner.tmp }} # error: misspelled-name
```

Silent: versions, sizes, labels that are used twice, properties that are near none, one commit in a fork.

```txtar
-- .github/workflows/ci.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
      - run: make ${{ github.Repository_Owner }} ${{ github.something_new }} ${{ github['sha'] }}
      - run: make ${{ github.event.reff }}
  old:
    runs-on: ubuntu-23.04
    steps:
      - uses: acme/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
  large:
    runs-on: ubuntu-24.04-l
    steps:
      - run: make
  own:
    runs-on: [self-hosted, ubuntu-24.0]
    steps:
      - run: make
  also:
    runs-on: xubuntu-24.04
    steps:
      - run: make
  again:
    runs-on: xubuntu-24.04
    steps:
      - run: make
```
)";

constexpr Message messages[] = {
    {"label", "no runner of GitHub has the label \"{name}\": job \"{job}\" waits for one in vain",
     "nenhum runner do GitHub tem o rótulo \"{name}\": o job \"{job}\" espera por um em vão"},
    {"property", "the context \"{context}\" has no \"{name}\": the value is empty",
     "o contexto \"{context}\" não tem \"{name}\": o valor fica vazio"},
    {"commit",
     "the commit that is pinned here is one of \"{near}\" elsewhere: \"{name}\" has no such",
     "o commit fixado aqui é de \"{near}\" em outro lugar: \"{name}\" não o tem"},
    {"help-near", "did you mean \"{near}\"?", "você quis dizer \"{near}\"?"},
    {"help", "pin a commit of \"{name}\", or name \"{near}\"",
     "fixe um commit de \"{name}\", ou indique \"{near}\""},
};

// Source: https://docs.github.com/en/actions/reference/runners/github-hosted-runners and
// .../larger-runners, read 2026-11-26.
constexpr std::string_view hosted_labels[] = {
    "ubuntu-latest",  "ubuntu-26.04",        "ubuntu-24.04",       "ubuntu-22.04",
    "ubuntu-20.04",   "ubuntu-24.04-arm",    "ubuntu-22.04-arm",   "ubuntu-slim",
    "windows-latest", "windows-2025",        "windows-2022",       "windows-2019",
    "windows-11-arm", "windows-2025-vs2026", "macos-latest",       "macos-latest-large",
    "macos-26",       "macos-26-intel",      "macos-26-large",     "macos-26-xlarge",
    "macos-15",       "macos-15-intel",      "macos-15-large",     "macos-15-xlarge",
    "macos-14",       "macos-14-large",      "macos-14-xlarge",    "macos-13",
    "macos-13-large", "macos-13-xlarge",     "macos-latest-xlarge"};

// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts, read
// 2026-11-26, and what runs have beside it (output, state, step_summary, artifact_cache_size_limit,
// repository_visibility).
constexpr std::string_view github_properties[] = {"action",
                                                  "action_path",
                                                  "action_ref",
                                                  "action_repository",
                                                  "action_status",
                                                  "actor",
                                                  "actor_id",
                                                  "api_url",
                                                  "artifact_cache_size_limit",
                                                  "base_ref",
                                                  "env",
                                                  "event",
                                                  "event_name",
                                                  "event_path",
                                                  "graphql_url",
                                                  "head_ref",
                                                  "job",
                                                  "job_workflow_sha",
                                                  "output",
                                                  "path",
                                                  "ref",
                                                  "ref_name",
                                                  "ref_protected",
                                                  "ref_type",
                                                  "repository",
                                                  "repository_id",
                                                  "repository_owner",
                                                  "repository_owner_id",
                                                  "repository_visibility",
                                                  "repositoryurl",
                                                  "retention_days",
                                                  "run_attempt",
                                                  "run_id",
                                                  "run_number",
                                                  "secret_source",
                                                  "server_url",
                                                  "sha",
                                                  "state",
                                                  "step_summary",
                                                  "token",
                                                  "triggering_actor",
                                                  "workflow",
                                                  "workflow_ref",
                                                  "workflow_sha",
                                                  "workspace"};
constexpr std::string_view runner_properties[] = {
    "name", "os", "arch", "temp", "tool_cache", "debug", "environment", "workspace"};

std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c >= '0' && c <= '9') digits += c;
  return digits;
}

// One slip in a short word, two in a longer one.
bool is_near(std::string_view name, std::string_view other) {
  const std::size_t limit = std::min(name.size(), other.size()) < 6 ? 1 : 2;
  return name != other && edit_distance(name, other, limit) <= limit;
}

template <class Names> std::string near_of(const std::string& name, const Names& known) {
  std::string best;
  std::size_t distance = 3;
  for (const std::string_view each : known)
    if (is_near(name, each))
      if (const std::size_t here = edit_distance(name, each, 2); here < distance) {
        distance = here;
        best = each;
      }
  return best;
}

struct Use {
  std::string name; // in lower case
  std::string written;
  Span span;
  FileId file;
  std::string job;
};

class Check {
public:
  Check(const Program& program, Findings& findings) : findings_(findings), workflows_(program) {}

  void run() {
    for (const Workflow* workflow : workflows_.all()) {
      properties(workflow->file, workflow->expressions);
      for (const WorkflowJob& job : workflow->jobs) {
        label(*workflow, job);
        for (const WorkflowStep& step : job.steps) pin(workflow->file, step);
      }
    }
    for (const ActionDefinition* action : workflows_.actions()) {
      properties(action->file, action->expressions);
      for (const WorkflowStep& step : action->steps) pin(action->file, step);
    }
    labels();
    pins();
  }

private:
  void add(std::string_view message, std::string_view help, const Use& use, const std::string& near,
           const std::string& context = {}) {
    findings_.add({.rule = rule_named("misspelled-name"),
                   .message = message,
                   .arguments = {{"name", use.written},
                                 {"near", near},
                                 {"job", use.job},
                                 {"context", context}},
                   .span = use.span,
                   .symbol_kind = message,
                   .symbol = use.written,
                   .targets = workflows_.targets_of(use.file),
                   .confidence = Confidence::likely,
                   .help = help});
  }

  // --- runners ---

  void label(const Workflow& workflow, const WorkflowJob& job) {
    // Several labels, or a group, are for runners of one's own.
    if (job.runs_on.size() != 1 || job.runner_group) return;
    const auto take = [&](const Text& text, const Span& span) {
      if (!text.has_holes() && !text.empty())
        labels_.push_back(
            {knowledge::lower(text.value()), text.value(), span, workflow.file, job.id});
    };
    const WorkflowText& only = job.runs_on.front();
    take(only.text, only.span);
    const Hole* hole = only.text.single_hole();
    if (hole == nullptr || !job.matrix) return;
    const github::Parsed parsed = github::parse(hole->name);
    const std::string path = parsed.root ? github::path_of(*parsed.root) : std::string();
    for (const WorkflowMatrix::Row& row : job.matrix->rows)
      if (same_name(path, "matrix." + row.name))
        for (const Node& value : row.values)
          if (value.is_scalar()) take(value.text, value.origin.written);
  }

  void labels() {
    std::map<std::string, int> count;
    for (const Use& use : labels_) ++count[use.name];
    std::vector<std::string_view> used;
    for (const std::string_view hosted : hosted_labels)
      if (count.contains(std::string(hosted))) used.push_back(hosted);
    for (const Use& use : labels_) {
      if (count[use.name] > 1 ||
          std::ranges::find(hosted_labels, use.name) != std::end(hosted_labels))
        continue;
      const std::string near = near_of(use.name, used);
      // `ubuntu-23.04` is another version, `ubuntu-24.04-l` a larger machine.
      if (near.empty() || digits_of(near) != digits_of(use.name) ||
          (use.name.starts_with(near) &&
           (use.name[near.size()] == '-' || use.name[near.size()] == '_')))
        continue;
      add("label", "help-near", use, near);
    }
  }

  // --- properties ---

  void properties(FileId file, const std::vector<WorkflowExpression>& expressions) {
    for (const ParsedExpression& each : parse_all(expressions)) property(file, each, each.root);
  }

  void property(FileId file, const ParsedExpression& whole, const github::Expression& part) {
    using Kind = github::Expression::Kind;
    for (const github::Expression& inner : part.parts) property(file, whole, inner);
    if (part.kind != Kind::index || part.parts.size() != 2 || part.parts[0].kind != Kind::context ||
        part.parts[1].kind != Kind::text)
      return;
    const std::string context = knowledge::lower(part.parts[0].text);
    const std::string name = knowledge::lower(part.parts[1].text);
    std::string near;
    if (context == "github" &&
        std::ranges::find(github_properties, name) == std::end(github_properties))
      near = near_of(name, github_properties);
    if (context == "runner" &&
        std::ranges::find(runner_properties, name) == std::end(runner_properties))
      near = near_of(name, runner_properties);
    if (near.empty()) return;
    add("property", "help-near",
        {name, part.parts[1].text, whole.place(part.parts[1].range), file, {}}, near, context);
  }

  // --- actions ---

  void pin(FileId file, const WorkflowStep& step) {
    if (!step.uses || !step.uses->is_literal()) return;
    const std::string written = step.uses->written();
    const std::size_t at = written.find('@');
    if (at == std::string::npos || written.size() - at != 41) return;
    const std::string commit = written.substr(at + 1);
    if (commit.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return;
    // owner/repository/folder@commit
    std::string name = written.substr(0, at);
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos) return;
    name.resize(std::min(name.find('/', slash + 1), name.size()));
    pins_[knowledge::lower(commit)].push_back(
        {knowledge::lower(name), name, step.uses->span, file, {}});
  }

  // A fork has the commits of what it was made from, and most keep its name.
  static bool may_be_fork(std::string_view left, std::string_view right) {
    const std::size_t left_slash = left.find('/'), right_slash = right.find('/');
    return left.substr(0, left_slash) != right.substr(0, right_slash) && !is_near(left, right);
  }

  void pins() {
    for (const auto& [commit, uses] : pins_) {
      std::map<std::string, std::size_t> count;
      for (const Use& use : uses) ++count[use.name];
      if (count.size() != 2) continue;
      const auto& [one, first] = *count.begin();
      const auto& [other, second] = *std::next(count.begin());
      // Nothing says which of them is right when both are named as often.
      if (may_be_fork(one, other)) continue;
      if (first == second && !is_near(one, other)) continue;
      const std::string& wrong =
          first < second || (first == second && uses.front().name == other) ? one : other;
      const std::string& right = wrong == one ? other : one;
      for (const Use& use : uses)
        if (use.name == wrong) {
          const auto right_use = std::ranges::find(uses, right, &Use::name);
          add("commit", is_near(one, other) ? "help-near" : "help", use, right_use->written);
          findings_.all().back().related.push_back({right_use->span, "also-here"});
        }
    }
  }

  Findings& findings_;
  Workflows workflows_;
  std::vector<Use> labels_;
  std::map<std::string, std::vector<Use>> pins_;
};

void check(const Program& program, Findings& findings) { Check(program, findings).run(); }

} // namespace

extern constinit const Rule misspelled_name;
constinit const Rule misspelled_name = declare({
    .id = "AE0615",
    .name = "misspelled-name",
    .category = Category::cicd,
    .title_en = "name that is almost a known one",
    .title_pt = "nome que é quase um conhecido",
    .priority = {.production = Priority::p1,
                 .staging = Priority::p1,
                 .development = Priority::p2,
                 .test = Priority::p2,
                 .example = Priority::p2,
                 .unknown = Priority::p2},
    .effort = {0.25, 0.5},
    .messages = messages,
    .doc = doc,
    .check = check,
});

} // namespace aethel::rules
