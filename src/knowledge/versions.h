// Versions that generated files name, each with its source and the day on which it was read.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct Version {
  std::string_view name;    // "cert_manager"
  std::string_view version; // "1.21.2"
  std::string_view image;   // without a tag; empty when it is no image
};

std::span<const Version> versions();

} // namespace aethel
