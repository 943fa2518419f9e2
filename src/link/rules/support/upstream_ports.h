// On which ports a process listens, as far as something in the repository says it.
#pragma once

#include "link/program.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct OtherPorts {
  std::vector<std::uint32_t> ports;
  Span evidence; // where it says so
};

// The ports on which the process is known to listen, when it is known that it does not listen on
// `asked`: nothing when it may. Looked at: the configuration of an nginx, what is published under
// another number, the port of a server that is known, the variable that tells a program its port,
// and the EXPOSE of the Dockerfile, when nothing in the folder that is built says `asked`.
std::optional<OtherPorts> listens_elsewhere_than(const Program& program, const Process& process,
                                                 std::uint32_t asked);

// Whether a number stands in a text by itself.
bool holds_number(std::string_view text, std::string_view number);

} // namespace aethel
