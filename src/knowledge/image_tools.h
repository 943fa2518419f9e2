// The tools that images hold, and those that packages bring.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace aethel {

enum class ToolPresence : unsigned char { unknown, there, lacking };

// Whether a program can be started by its name in an image as it is published. `lacking` only where
// that is documented. `scratch` lacks all.
ToolPresence find_tool(std::string_view image, std::string_view tool);

// The tools that a package of Debian or Alpine brings; nullopt when the package is not known.
std::optional<std::vector<std::string_view>> tools_of_package(std::string_view package);

} // namespace aethel
