// Short forms to long ones (compose-go's transform package), and the defaults that follow.
#pragma once

#include "link/render/compose_context.h"

#include <string_view>

namespace aethel::compose {

void make_canonical(Context& context, Node& model);
// On a volume whose short form compose cannot read: it has a target and no source.
inline constexpr std::string_view unresolved_tag = "!unresolved";
// Attributes that compose fills in once the model is whole.
void set_defaults(Node& model);

} // namespace aethel::compose
