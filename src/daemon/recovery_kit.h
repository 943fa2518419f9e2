// The page to print: all that somebody needs who has the store's credentials and nothing else.
#pragma once

#include "daemon/settings.h"

#include <string>

namespace aethel::daemon {

std::string recovery_kit(const Settings& settings, const backup::RepositoryConfig& config,
                         std::int64_t made, const backup::PrivateKey& recovery,
                         const backup::SignerKey& signer);

} // namespace aethel::daemon
