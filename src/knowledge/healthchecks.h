// Images whose Dockerfiles are known to hold no HEALTHCHECK: to wait for their health is to
// wait for ever, unless the compose file brings a check.
#pragma once

#include <string_view>

namespace aethel {

// False for every image that the table does not know.
bool is_known_without_healthcheck(std::string_view image);

} // namespace aethel
