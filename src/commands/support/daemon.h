// `aethel backup` and `aethel serve` execute `aetheld` when it is installed.
#pragma once

#include "commands/command.h"

#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// Returns only when aetheld could not be executed, after saying how to install it.
Exit execute_daemon(std::string_view subcommand, const std::vector<std::string>& arguments);

} // namespace aethel
