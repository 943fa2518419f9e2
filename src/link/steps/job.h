// The jobs of a workflow, step by step: what each step needs at its moment.
#pragma once

#include "link/program.h"

namespace aethel::steps {

// Of one target of kind "workflow". A pure function of the program; many may run at once.
std::vector<StepUse> uses_of(const Program& program, TargetIndex target);

} // namespace aethel::steps
