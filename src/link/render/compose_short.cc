#include "link/render/compose_short.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace aethel::compose {
namespace {

bool is_letter_rune(std::string_view text) {
  if (text.size() == 1)
    return (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
  if (text.empty() || static_cast<unsigned char>(text[0]) < 0xc0) return false;
  return std::ranges::all_of(text.substr(1),
                             [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
}

bool is_file_path(std::string_view source) {
  if (source.empty()) return false;
  if (source[0] == '.' || source[0] == '/' || source[0] == '~' || source.starts_with("\\\\"))
    return true;
  const std::size_t colon = source.find(':');
  return colon != std::string_view::npos && is_letter_rune(source.substr(0, colon));
}

void set_option(ShortVolume& volume, std::string_view option) {
  static constexpr std::array propagations = {"rprivate", "private", "rshared",
                                              "shared",   "rslave",  "slave"};
  if (option == "ro")
    volume.read_only = true;
  else if (option == "rw")
    volume.read_only = false;
  else if (option == "nocopy")
    volume.nocopy = true;
  else if (option == "z" || option == "Z")
    volume.selinux = option;
  else if (std::ranges::find(propagations, option) != propagations.end())
    volume.propagation = option;
  // Unknown options are ignored, as compose does.
}

enum class Last : std::uint8_t { no, yes };

std::optional<std::string> take_section(ShortVolume& volume, ShortPart part, Last last) {
  if (part.text.empty()) return "empty section between colons";
  if (volume.source.text.empty() && last == Last::yes) {
    volume.target = std::move(part);
  } else if (volume.source.text.empty()) {
    volume.source = std::move(part);
  } else if (volume.target.text.empty()) {
    volume.target = std::move(part);
  } else if (last == Last::no) {
    return "too many colons";
  } else {
    std::string_view options = part.text;
    for (;;) {
      const std::size_t comma = options.find(',');
      set_option(volume, options.substr(0, comma));
      if (comma == std::string_view::npos) break;
      options.remove_prefix(comma + 1);
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_port(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > 65535)
    return std::nullopt;
  return value;
}

struct PortRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// Go ignores what follows a second '-'.
std::optional<PortRange> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_port(text.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash == std::string_view::npos) return PortRange{*first, *first};
  const std::string_view rest = text.substr(dash + 1);
  const auto last = parse_port(rest.substr(0, rest.find('-')));
  if (!last || *last < *first) return std::nullopt;
  return PortRange{*first, *last};
}

// What stands in brackets, or the text when it has no colon (net.SplitHostPort).
std::optional<std::string_view> host_of(std::string_view text) {
  if (text.starts_with('[')) {
    if (!text.ends_with(']') || text.find(']') != text.size() - 1) return std::nullopt;
    text = text.substr(1, text.size() - 2);
    if (text.find('[') != std::string_view::npos) return std::nullopt;
    return text;
  }
  if (text.find_first_of(":[]") != std::string_view::npos) return std::nullopt;
  return text;
}

} // namespace

bool is_ip_address(std::string_view text) {
  // Zone names (fe80::1%eth0) are no addresses to net.ParseIP; nor to inet_pton.
  const std::string copy(text);
  std::array<unsigned char, 16> buffer{};
  if (inet_pton(AF_INET, copy.c_str(), buffer.data()) == 1) return copy.size() == text.size();
  return inet_pton(AF_INET6, copy.c_str(), buffer.data()) == 1;
}

std::expected<ShortVolume, std::string> parse_volume(std::string_view spec) {
  ShortVolume volume;
  if (spec.empty()) return std::unexpected("invalid empty volume spec");
  if (spec.size() <= 2) {
    volume.target = {.text = std::string(spec), .offset = 0, .length = spec.size()};
    volume.bare = true;
    return volume;
  }
  std::size_t begin = 0;
  int braces = 0; // of ${...} that stands for itself
  for (std::size_t at = 0; at <= spec.size(); ++at) {
    const bool end = at == spec.size();
    const char c = end ? '\0' : spec[at];
    if (c == '$' && at + 1 < spec.size() && spec[at + 1] == '{')
      ++braces;
    else if (c == '}' && braces > 0)
      --braces;
    else if (!end && c == ':' && is_letter_rune(spec.substr(begin, at - begin)))
      continue;
    else if ((end || c == ':') && braces == 0) {
      ShortPart part{.text = std::string(spec.substr(begin, at - begin)),
                     .offset = begin,
                     .length = at - begin};
      if (auto problem = take_section(volume, std::move(part), end ? Last::yes : Last::no))
        return std::unexpected(fmt::format("invalid spec: {}: {}", spec, *problem));
      begin = at + 1;
    }
  }
  if (is_file_path(volume.source.text)) volume.type = ShortVolume::Type::bind;
  return volume;
}

std::expected<ShortPorts, std::string> parse_ports(std::string_view spec) {
  ShortPorts result;
  const auto part = [&](std::size_t begin, std::size_t end) -> ShortPart {
    return {.text = std::string(spec.substr(begin, end - begin)),
            .offset = begin,
            .length = end - begin};
  };
  const std::size_t last = spec.rfind(':');
  const std::size_t container = last == std::string_view::npos ? 0 : last + 1;
  std::size_t before = std::string_view::npos;
  ShortPart ip;
  if (last != std::string_view::npos) {
    before = last == 0 ? std::string_view::npos : spec.rfind(':', last - 1);
    result.published = part(before == std::string_view::npos ? 0 : before + 1, last);
    if (before != std::string_view::npos) ip = part(0, before);
  }
  const auto host = host_of(ip.text);
  if (!host || (!host->empty() && !is_ip_address(*host)))
    return std::unexpected(fmt::format("invalid ip address: {}", ip.text));
  if (host->size() != ip.text.size()) ++ip.offset;
  ip = {.text = std::string(*host), .offset = ip.offset, .length = host->size()};

  const std::size_t slash = spec.find('/', container);
  result.target = part(container, std::min(slash, spec.size()));
  std::string protocol;
  if (slash != std::string_view::npos)
    protocol = spec.substr(slash + 1, spec.find('/', slash + 1) - slash - 1);
  if (protocol.empty()) protocol = "tcp";
  std::ranges::transform(protocol, protocol.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (result.target.text.empty())
    return std::unexpected(fmt::format("no port specified: {}<empty>", spec));
  const auto target = parse_range(result.target.text);
  if (!target) return std::unexpected(fmt::format("invalid containerPort: {}", result.target.text));
  PortRange published;
  const bool has_published = !result.published.text.empty();
  if (has_published) {
    const auto range = parse_range(result.published.text);
    if (!range) return std::unexpected(fmt::format("invalid hostPort: {}", result.published.text));
    published = *range;
  }
  if (has_published && target->last - target->first != published.last - published.first &&
      target->last != target->first)
    return std::unexpected(
        fmt::format("invalid ranges specified for container and host ports: {} and {}",
                    result.target.text, result.published.text));
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp")
    return std::unexpected(fmt::format("invalid proto: {}", protocol));
  for (std::uint64_t i = 0; i <= target->last - target->first; ++i) {
    ShortPort port{.target = static_cast<std::uint32_t>(target->first + i),
                   .published = {},
                   .protocol = protocol,
                   .host_ip = ip};
    if (has_published) port.published = fmt::format("{}", published.first + i);
    if (target->first == target->last && published.first != published.last)
      port.published += fmt::format("-{}", published.last);
    result.ports.push_back(std::move(port));
  }
  // Compose sorts the ports of a range as text: 100 comes before 99.
  std::ranges::sort(result.ports, {},
                    [](const ShortPort& port) { return fmt::format("{}", port.target); });
  return result;
}

} // namespace aethel::compose
