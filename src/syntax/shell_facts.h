// What a command makes. Internal to shell_commands.
#pragma once

#include "syntax/shell_commands.h"
#include "syntax/shell_values.h"

#include <optional>
#include <span>
#include <vector>

namespace aethel::shell_commands {

// nullopt when the command is none of those that make something. Context, host and directory
// are the caller's.
std::optional<std::vector<Fact>> read_facts(std::span<const shell::Field> fields);

// A file that a redirection writes; nullopt for a device.
std::optional<Fact> read_redirection(const shell::Field& target,
                                     std::span<const shell::Field> command);

} // namespace aethel::shell_commands
