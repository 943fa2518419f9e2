// What a pipeline reaches and no repository can prove: clusters that it logs in to, hosts that its
// environments are served under.
#pragma once

#include "link/finding.h"
#include "link/program.h"

namespace aethel {

void require_what_deployments_reach(const Program& program, Findings& findings);

} // namespace aethel
