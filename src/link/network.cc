#include "link/network.h"

#include <algorithm>

namespace aethel {

bool has_network_mode(const Process& process) {
  return process.node->find("network_mode") != nullptr;
}

bool share_network(const Process& a, const Process& b) {
  return std::ranges::any_of(a.networks, [&](const std::string& network) {
    return std::ranges::find(b.networks, network) != b.networks.end();
  });
}

bool on_external_network(const Program& program, const Process& process) {
  const Node* networks = program.projects[process.target].root.find("networks");
  return std::ranges::any_of(process.networks, [&](const std::string& name) {
    const Node* network = networks != nullptr ? networks->find(name) : nullptr;
    const Node* external = network != nullptr ? network->find("external") : nullptr;
    return external != nullptr && external->is_scalar() && external->value() == "true";
  });
}

bool names_extra_host(const Process& process, std::string_view host) {
  if (const Node* hosts = process.node->find("extra_hosts")) {
    if (hosts->find(host) != nullptr) return true;
    for (const Node& item : hosts->items)
      if (item.value().starts_with(host)) return true;
  }
  for (const std::string_view key : {"links", "external_links"})
    if (const Node* links = process.node->find(key))
      for (const Node& item : links->items) {
        const std::string value = item.value();
        if (value == host || value.ends_with(":" + std::string(host))) return true;
      }
  return false;
}

bool is_project_name(std::string_view host) {
  return host != "localhost" && host.find_first_of(".:*/{}<>") == std::string_view::npos &&
         std::ranges::any_of(host, [](unsigned char c) { return std::islower(c) != 0; }) &&
         std::ranges::all_of(host, [](unsigned char c) {
           return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-' || c == '_';
         });
}

bool is_address(std::string_view host) {
  return host.find(':') != std::string_view::npos || std::ranges::all_of(host, [](unsigned char c) {
           return std::isdigit(c) != 0 || c == '.';
         });
}

const Process* process_of_host(const Program& program, const Process& client,
                               std::string_view host) {
  const Process* found = nullptr;
  for (const Process& process : program.processes_of(client.target)) {
    if (std::ranges::find(process.aliases, host) == process.aliases.end()) continue;
    if (share_network(client, process)) return &process;
    if (found == nullptr) found = &process;
  }
  return found;
}

} // namespace aethel
