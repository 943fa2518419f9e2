// Tells old findings from new ones by a baseline. Equal fingerprints are counted: with two in the
// baseline and three found, the last one in the order of the report is new.
#pragma once

#include "link/passes.h"

#include <span>
#include <string>

namespace aethel {

// Sets the age of each finding, and `report.baseline`. `name` is what the report calls the file.
void apply_baseline(Report& report, const Baseline& baseline, std::string name);

// What --update-baseline writes: an entry for each of `shown`, and the old entries of what is in
// `all` but not shown (--only, --ignore, low confidence). Reasons and days stay; what is gone goes.
Baseline update_baseline(const Program& program, const Baseline& old, std::span<const Finding> all,
                         std::span<const Finding> shown);

// How many of the findings have that age.
std::size_t count_of(const Report& report, Age age);

} // namespace aethel
