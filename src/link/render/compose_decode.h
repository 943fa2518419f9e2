// The last step to the model that rules see: every attribute in the shape that its type
// has, lists and mappings alike (the typed decode of compose-go).
#pragma once

#include "link/render/compose_context.h"

namespace aethel::compose {

void decode(Context& context, Node& model);

} // namespace aethel::compose
