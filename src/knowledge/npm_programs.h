// Programs that come with packages of npm under another or the same name.
#pragma once

#include <string_view>
#include <vector>

namespace aethel {

// The packages of which any brings the program; empty when the program is not known.
std::vector<std::string_view> packages_of_program(std::string_view program);

} // namespace aethel
