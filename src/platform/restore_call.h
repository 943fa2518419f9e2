// What both addresses of a restore do.
#pragma once

#include "platform/route.h"

namespace aethel::platform {

// `id`: of the path; empty: it stands in the body.
http::Response restore_call(Call& call, std::string id);

} // namespace aethel::platform
