// A file that holds a secret: new, and nobody else's to read.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace aethel::daemon {

// `option`: that which names the file, for who has to name another.
Result<void> write_secret(const std::string& path, const std::string& text,
                          std::string_view option);

} // namespace aethel::daemon
