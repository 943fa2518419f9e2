// The outputs that the script of a step writes, when all of it is understood.
#pragma once

#include "model/workflow.h"

#include <optional>
#include <string>
#include <vector>

namespace aethel {

// Names in the order of the script; empty: it writes none. Nothing when a program that it runs, or
// a word that only the run knows, may write others.
std::optional<std::vector<std::string>> outputs_written(const WorkflowStep& step);

} // namespace aethel
