// `strategy.matrix` as GitHub multiplies it out.
#pragma once

#include "model/workflow.h"
#include "syntax/github_expression.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aethel {

// "os", "service.path" -> value; what is not known is left out.
using Combination = std::map<std::string, std::string>;

// The combinations of a matrix; nothing when they are not known or too many.
// Source:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
std::optional<std::vector<Combination>> combinations(const WorkflowMatrix& matrix);

// The context `matrix` in a combination.
github::Value value_of(const Combination& combination);

} // namespace aethel
