// The command lines of compose. Internal to shell_commands.
#pragma once

#include "syntax/shell_commands.h"
#include "syntax/shell_values.h"

#include <optional>
#include <span>

namespace aethel::shell_commands {

// An invocation of compose that begins with the first field (`docker`, `docker-compose`, ...).
// Context, host, variables and directory are the caller's.
std::optional<Invocation> read_compose(std::span<const shell::Field> fields);

bool is_compose_subcommand(std::string_view name);

// `NAME` or `NAME.exe`, with or without a directory in front.
std::string_view program_name(const shell::Field& field);

} // namespace aethel::shell_commands
