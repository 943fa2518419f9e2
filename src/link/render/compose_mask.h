// A rendered project without its secrets, for printing: the model quotes env files.
#pragma once

#include "link/render/compose.h"

namespace aethel {

// Values of secret names, passwords in addresses, and their copies in other strings become
// "********".
void mask_secrets(ComposeProject& project);

} // namespace aethel
