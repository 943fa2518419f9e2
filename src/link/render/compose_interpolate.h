// Variables into strings, and the types that compose gives to some attributes afterwards
// (compose-go's template, interpolation, and loader/interpolate.go).
#pragma once

#include "link/render/compose_context.h"

namespace aethel::compose {

// Every string value of the tree, extension fields too, keys never. What fails is reported
// and stays as far as it was filled.
void interpolate(Context& context, const Variables& variables, Node& tree);

// The text with the holes' values; `operands` too, as far as they are needed.
Text fill(Context& context, const Variables& variables, const Text& text);

} // namespace aethel::compose
