// Who reaches whom inside a compose project.
#pragma once

#include "link/program.h"

#include <cstdint>
#include <string_view>

namespace aethel {

// `network_mode`: the process lives in a network that is not the project's.
bool has_network_mode(const Process& process);
bool share_network(const Process& a, const Process& b);
// Anybody may live there.
bool on_external_network(const Program& program, const Process& process);
// `extra_hosts`, `links` with an alias, `external_links`.
bool names_extra_host(const Process& process, std::string_view host);
// A single word that only Docker's resolver can know: no address, no name of the world's.
bool is_project_name(std::string_view host);
// A number, with or without the dots of IPv4, or anything with a colon.
bool is_address(std::string_view host);
// The process that has the name, among those that share a network with `client` if any does.
const Process* process_of_host(const Program& program, const Process& client,
                               std::string_view host);

} // namespace aethel
