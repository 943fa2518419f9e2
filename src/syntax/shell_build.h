// The command lines that build an image. Internal to shell_commands.
#pragma once

#include "syntax/shell_commands.h"
#include "syntax/shell_values.h"

#include <optional>
#include <span>

namespace aethel::shell_commands {

// `docker build`, `docker image build`, `docker buildx build`, `podman build`, `nerdctl build`.
// Context, host and directory are the caller's.
std::optional<Build> read_build(std::span<const shell::Field> fields);

} // namespace aethel::shell_commands
