// Checks a part of the product against its fields, with place and hint for all that is wrong.
#pragma once

#include "config/part.h"
#include "syntax/yaml.h"

#include <functional>
#include <string>

namespace aethel {

using ReportProblem = std::function<void(Range range, std::string message, std::string hint)>;

FieldValue read_part(const Part& part, const yaml::Node& node, const ReportProblem& report);

// What each text alone cannot show: hosts that no environment has, secrets without a source, two
// uses of one host. Only what is there is judged; `missing_of` names what is absent.
void check_product(const Product& product, const ReportProblem& report);

} // namespace aethel
