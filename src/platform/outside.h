// What stands outside of aethel.yaml, and where things stand in it.
#pragma once

#include "base/result.h"
#include "config/running.h"

#include <functional>
#include <string>

namespace aethel::platform {

struct Outside {
  // The value of a secret as it is now: of the file or the variable. Its failure names the place.
  std::function<Result<std::string>(const SecretPlace& place)> secret;
  // A failure at a place of aethel.yaml.
  std::function<Failure(const Range& range, std::string message, std::string hint)> wrong;
};

} // namespace aethel::platform
