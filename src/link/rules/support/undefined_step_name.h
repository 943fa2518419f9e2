// What the rules about names that steps of workflows use share: one finding a missing name and file
// that names it, with its other uses as related places.
#pragma once

#include "link/finding.h"
#include "link/program.h"

#include <string_view>

namespace aethel {

// Messages of the rule: "undefined" {name} {file} {command}, "help-near" {other}, "help-define",
// "run-by", "also-here".
void report_undefined_step_names(const Program& program, Findings& findings, std::string_view kind,
                                 std::string_view rule);

} // namespace aethel
