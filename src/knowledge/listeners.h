// Servers that say on their command line where they listen.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace aethel {

struct Listener {
  enum class Host : std::uint8_t { unknown, any, loopback };
  std::string_view program;
  std::vector<std::string_view> words;      // that follow it: "run"
  std::vector<std::string_view> flags;      // of the port
  std::vector<std::string_view> bind;       // of HOST:PORT
  std::string_view environment;             // the variable of the port; may be empty
  std::optional<std::uint32_t> port;        // when nothing else says so
  std::vector<std::string_view> host_flags; // whoever gives one of them says the host
  std::string_view host_environment;
  Host host = Host::unknown;            // when nothing else says so
  std::vector<std::string_view> others; // options that make it listen elsewhere: on a socket
  std::vector<std::string_view> files;  // of its folder that may say port and host
};

// `arguments` are those behind the program; unknown ones are empty. Null when it is none that is
// known.
const Listener* find_listener(std::string_view program,
                              std::span<const std::string_view> arguments);

} // namespace aethel
