// Walks the steps of every workflow over what is there at their moment. Their references are
// resolved as they are made: the outcome belongs to the moment, not to the name.
#include "link/passes.h"

#include "base/parallel.h"
#include "config/match.h"
#include "link/steps/job.h"

#include <algorithm>
#include <ranges>
#include <tuple>

namespace aethel {

void link_steps(Program& program, unsigned threads) {
  std::vector<TargetIndex> workflows;
  for (TargetIndex i = 0; i < program.targets.size(); ++i)
    if (program.targets[i].kind == "workflow") workflows.push_back(i);
  std::vector<std::vector<StepUse>> slots(workflows.size());
  parallel_for(workflows.size(), threads,
               [&](std::size_t i) { slots[i] = steps::uses_of(program, workflows[i]); });
  for (std::vector<StepUse>& uses : slots)
    for (StepUse& use : uses) {
      const std::string path = use.span.file ? program.sources->path(use.span.file) : "";
      if (use.state == OutcomeState::undefined &&
          find_extern(program.config, {.kind = use.kind, .name = use.name, .path = path}) !=
              nullptr)
        use.state = OutcomeState::external;
      // The combinations of a matrix repeat most of it.
      const auto same = [&](const StepUse& other) {
        return std::tie(other.kind, other.role, other.name, other.span, other.state, other.target,
                        other.job) ==
               std::tie(use.kind, use.role, use.name, use.span, use.state, use.target, use.job);
      };
      if (std::ranges::any_of(program.step_uses | std::views::reverse | std::views::take(400),
                              same))
        continue;
      program.references.push_back({.kind = &kind_named(use.kind),
                                    .role = use.role,
                                    .name = use.name,
                                    .text = {},
                                    .target = use.target,
                                    .process = {},
                                    .origin = {.written = use.span, .last = {}},
                                    .state = use.state,
                                    .detail = {},
                                    .evidence = {}});
      program.step_uses.push_back(std::move(use));
    }
}

} // namespace aethel
