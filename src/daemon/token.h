// `aetheld token NAME --scope read`: a token for the API, and its line for the file.
#pragma once

#include "daemon/verb.h"

namespace aethel::daemon {

std::function<Exit()> declare_token(CLI::App& app);

} // namespace aethel::daemon
