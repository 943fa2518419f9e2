#include "link/rules/support/delivery_requirements.h"

#include "config/match.h"
#include "knowledge/hosts.h"
#include "knowledge/url.h"
#include "link/rules/support/step_commands.h"
#include "link/rules/support/workflows.h"
#include "link/stage_words.h"

#include <algorithm>
#include <map>
#include <string>

namespace aethel {
namespace {

bool begins(const StepCommand& command, std::initializer_list<std::string_view> words) {
  if (command.words.size() < words.size()) return false;
  return std::equal(words.begin(), words.end(), command.words.begin());
}

// The cluster that a command gets credentials for; empty for all others.
std::string cluster_of(const StepCommand& command) {
  if (begins(command, {"aws", "eks", "update-kubeconfig"})) return option_of(command, "--name");
  if (begins(command, {"az", "aks", "get-credentials"})) {
    const std::string name = option_of(command, "--name");
    return name.empty() ? option_of(command, "-n") : name;
  }
  if (begins(command, {"gcloud", "container", "clusters", "get-credentials"}) &&
      command.words.size() > 4)
    return command.words[4];
  if (begins(command, {"doctl", "kubernetes", "cluster", "kubeconfig", "save"}) &&
      command.words.size() > 5)
    return command.words[5];
  return {};
}

// A name that has to be in the DNS: not an address, not one inside a network.
std::string host_of(std::string_view text) {
  if (!text.starts_with("https://") && !text.starts_with("http://")) return {};
  std::string_view host = text.substr(text.find("//") + 2);
  host = host.substr(0, host.find_first_of("/:?#"));
  if (host.find_first_of("\1${}<> ") != std::string_view::npos || !host.contains('.')) return {};
  if (host_kind(host) != HostKind::ordinary) return {};
  const std::string_view last = host.substr(host.rfind('.') + 1);
  if (last.empty() || !std::ranges::all_of(last, [](char c) { return c >= 'a' && c <= 'z'; }) ||
      last == "local" || last == "internal" || last == "svc")
    return {};
  return std::string(host);
}

class Collector {
public:
  Collector(const Program& program, Findings& findings) : program_(program), findings_(findings) {}

  void run() {
    const Workflows workflows(program_);
    for (const Workflow* workflow : workflows.all())
      for (const WorkflowJob& job : workflow->jobs) {
        targets_ = workflows.targets_of(workflow->file);
        read(*workflow, job);
      }
    for (auto& [key, requirement] : all_) findings_.require(std::move(requirement));
  }

private:
  void read(const Workflow& workflow, const WorkflowJob& job) {
    Priority priority = Priority::p1;
    if (job.environment && job.environment->name.is_literal() &&
        stage_of_name(job.environment->name.written()) == Stage::production)
      priority = Priority::p0;
    if (job.environment && job.environment->url && job.environment->url->is_literal())
      if (const std::string host = host_of(job.environment->url->written()); !host.empty())
        add("dns-record", host, priority, job.environment->url->span);
    for (const WorkflowStep& step : job.steps) {
      if (!step.run) continue;
      for (const StepCommand& command : commands_of(workflow, job, step)) {
        const std::string name = cluster_of(command);
        if (!name.empty() && !name.contains('\1')) add("cluster", name, priority, command.span);
      }
    }
  }

  void add(std::string_view kind, const std::string& name, Priority priority, const Span& span) {
    if (find_extern(program_.config, {.kind = kind, .name = name, .path = {}}) != nullptr) return;
    auto& requirement = all_[{std::string(kind), name}];
    if (requirement.locations.empty())
      requirement = {.kind = kind, .name = name, .priority = priority};
    requirement.priority = std::min(requirement.priority, priority);
    requirement.locations.push_back(span);
    for (const TargetIndex target : targets_)
      if (std::ranges::find(requirement.targets, target) == requirement.targets.end())
        requirement.targets.push_back(target);
  }

  const Program& program_;
  Findings& findings_;
  std::vector<TargetIndex> targets_;
  std::map<std::pair<std::string, std::string>, Requirement> all_;
};

} // namespace

void require_what_deployments_reach(const Program& program, Findings& findings) {
  Collector(program, findings).run();
}

} // namespace aethel
