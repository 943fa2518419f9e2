// What a production target takes from outside the repository: variables and files that whoever
// deploys it gives. An inventory with states, made once a run.
#pragma once

#include "link/finding.h"
#include "link/given_variables.h"
#include "link/program.h"

#include <string_view>

namespace aethel {

void require_what_production_takes(const Program& program, Findings& findings);

// How much production needs what is called so.
Priority requirement_priority(std::string_view name);

// `.env.example`, `production.env.template`: filled in by who copies it.
bool is_env_example(std::string_view path);

// Scripts set it for what they start: `export RELEASE=$(git rev-parse HEAD)`.
bool is_set_by_script(const GivenVariables& given, TargetIndex target, std::string_view name);

} // namespace aethel
