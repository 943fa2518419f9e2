// The JSON schema that compose validates every project with, after each document.
#pragma once

#include "link/render/compose_context.h"

namespace aethel::compose {

void check_schema(Context& context, const Node& model);

} // namespace aethel::compose
