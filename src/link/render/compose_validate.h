// What compose refuses besides the schema (compose-go's validation package and
// loader/validate.go).
#pragma once

#include "link/render/compose_context.h"

namespace aethel::compose {

// Of a model that is canonical: the project's, and each that is included.
void validate(Context& context, const Node& model);

// Of the project, decoded: that its parts fit together.
void check_consistency(Context& context, const Node& model, const Node& disabled);

} // namespace aethel::compose
