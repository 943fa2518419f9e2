// Where a path that is not there may lie instead.
#pragma once

#include "link/program.h"

#include <string>
#include <string_view>

namespace aethel {

// The only file of ours with the same name in any folder: `./nginx.conf` -> `nginx/nginx.conf`.
// Empty when there is none, or more than one.
std::string only_file_named(const Program& program, std::string_view path);

} // namespace aethel
