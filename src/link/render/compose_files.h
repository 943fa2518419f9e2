// Which files `docker compose` takes when no -f names them (compose-go's cli/options.go).
#pragma once

#include "model/sources.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel {

// The default file and its override in the directory or, without one, in the nearest one
// above. Empty when there is none up to the root of the repository.
std::vector<std::string> default_compose_files(const Sources& sources, std::string_view directory);

// COMPOSE_FILE of the environment or of the directory's `.env`, split and relative to the
// repository; nullopt when it is not set.
std::optional<std::vector<std::string>>
compose_file_variable(const Sources& sources, std::string_view directory,
                      const std::vector<std::pair<std::string, std::string>>& environment,
                      const std::vector<std::string>& env_files);

} // namespace aethel
