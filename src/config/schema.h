// The JSON Schema of aethel.yaml, from the tables by which it is read: editors complete and
// check by docs/aethel.schema.json, which a test keeps equal to this.
#pragma once

#include <string>

namespace aethel {

// Draft 2020-12. Kinds and rules are texts in it: which there are changes with every rule,
// and a schema that lags behind would mark good files.
std::string config_schema();

} // namespace aethel
