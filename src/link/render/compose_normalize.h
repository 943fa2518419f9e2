// What compose adds to a whole project: the default network, names, dependencies that other
// attributes imply (compose-go's loader/normalize.go).
#pragma once

#include "link/render/compose_context.h"

namespace aethel::compose {

void normalize(Context& context, const Variables& variables, const std::string& name, Node& model);

// `scale` is the number of replicas too, where there is a `deploy`; once the model is decoded.
void copy_scale(Node& model);

} // namespace aethel::compose
