// Short forms to long ones (compose-go's transform package), and the defaults that follow.
#pragma once

#include "link/render/compose_context.h"

namespace aethel::compose {

void make_canonical(Context& context, Node& model);
// Attributes that compose fills in once the model is whole.
void set_defaults(Node& model);

} // namespace aethel::compose
