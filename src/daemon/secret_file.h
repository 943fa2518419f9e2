// A file that holds a secret: new, and nobody else's to read.
#pragma once

#include "base/result.h"

#include <string>

namespace aethel::daemon {

Result<void> write_secret(const std::string& path, const std::string& text);

} // namespace aethel::daemon
