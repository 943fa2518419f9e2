// What the rules about undefined names of compose projects share: one finding a name and
// file, with its other uses as related places.
#pragma once

#include "link/finding.h"
#include "link/program.h"

#include <string_view>

namespace aethel {

// Messages of the rule: "undefined" {name} {service}, "help-near" {near}, "help".
void report_undefined_names(const Program& program, Findings& findings, std::string_view kind,
                            std::string_view rule);

} // namespace aethel
