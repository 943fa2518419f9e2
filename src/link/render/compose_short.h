// The short forms of ports and mounts: `127.0.0.1:8080:80/tcp`, `./data:/data:ro`
// (compose-go's format/volume.go; docker/go-connections nat.ParsePortSpec 0.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::compose {

// A part of the short form, with where it stands in it.
struct ShortPart {
  std::string text;
  std::size_t offset = 0;
  std::size_t length = 0; // in the short form; the text may differ ("007" is port 7)
};

struct ShortVolume {
  enum class Type : std::uint8_t { volume, bind };
  Type type = Type::volume;
  ShortPart source; // empty for an anonymous volume
  ShortPart target;
  bool bare = false; // one or two characters: compose adds no options to such
  bool read_only = false;
  bool nocopy = false;
  std::string propagation;
  std::string selinux;
};

std::expected<ShortVolume, std::string> parse_volume(std::string_view spec);

struct ShortPort {
  std::uint32_t target = 0;
  std::string published; // a number, a range "8000-8010", or empty
  std::string protocol;
  ShortPart host_ip;
};

struct ShortPorts {
  ShortPart target; // as written
  ShortPart published;
  std::vector<ShortPort> ports; // in compose's order
};

std::expected<ShortPorts, std::string> parse_ports(std::string_view spec);

// net.ParseIP.
bool is_ip_address(std::string_view text);

} // namespace aethel::compose
