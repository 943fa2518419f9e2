// What the name of a host says about where it is.
#pragma once

#include <cstdint>
#include <string_view>

namespace aethel {

enum class HostKind : std::uint8_t {
  ordinary,
  local,       // this machine: localhost, 127.0.0.0/8, ::1
  any,         // 0.0.0.0 and ::, all addresses: an address to listen on, not one to reach
  reserved,    // never resolves to anything of use: example.com, *.test (RFC 2606)
  placeholder, // to be replaced: yourdomain.com
  sandbox      // the test system of a provider
};

HostKind host_kind(std::string_view text);

} // namespace aethel
