// Sets aside what the user told to ignore, with the reason; and reports what is ignored
// for nothing, so that an old excuse does not hide a new defect.
#pragma once

#include "link/passes.h"

namespace aethel {

void suppress(Report& report);

} // namespace aethel
