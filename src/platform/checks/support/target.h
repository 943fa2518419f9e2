// The parts of an address that a check uses.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace aethel::platform {

struct Target {
  std::string scheme; // in lower case
  std::string user, password;
  std::string host;
  std::uint16_t port = 0;
  std::string path; // with the query; begins with "/"
  // For the header Host: without the port that is usual for the scheme.
  std::string authority() const;
};

// Fails with what is wrong, and nothing of the text.
Result<Target> parse_target(const std::string& text, std::span<const std::string_view> schemes);

// Whether a text that stands in a file holds what should not: a user, a password, a token.
bool holds_secret(std::string_view address);

} // namespace aethel::platform
