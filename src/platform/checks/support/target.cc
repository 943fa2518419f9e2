#include "platform/checks/support/target.h"

#include "knowledge/secret_names.h"
#include "knowledge/url.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace aethel::platform {

std::string Target::authority() const {
  const std::string name = host.contains(':') ? fmt::format("[{}]", host) : host;
  return port == default_port(scheme) ? name : fmt::format("{}:{}", name, port);
}

Result<Target> parse_target(const std::string& text, std::span<const std::string_view> schemes) {
  const auto wrong = [&] {
    return fail({.message = fmt::format("its address is not of the form {}://...",
                                        fmt::join(schemes, "://... or ")),
                 .hint = fmt::format("{}://host:port; in a password @ is %40, / is %2F, % is %25",
                                     schemes.front())});
  };
  if (text.find_first_of(" \t\r\n") != std::string::npos) return wrong();
  const auto url = parse_url(text);
  if (!url) return wrong();
  Target target;
  target.scheme = text_at(text, url->scheme);
  std::ranges::transform(target.scheme, target.scheme.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  if (std::ranges::find(schemes, target.scheme) == schemes.end()) return wrong();
  target.user = decode_percent(text_at(text, url->user));
  if (url->has_password) target.password = decode_percent(text_at(text, url->password));
  if (url->hosts.size() != 1) return wrong();
  target.host = text_at(text, url->hosts.front().name);
  if (target.host.empty()) return wrong();
  const std::string_view port = text_at(text, url->hosts.front().port);
  unsigned number = port.empty() ? default_port(target.scheme) : 0;
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size()) return wrong();
  }
  // What has no usual port needs one: TLS may stand before anything.
  if (port.empty() && target.scheme == "tls") number = 443;
  if (number == 0 || number > 65535) return wrong();
  target.port = static_cast<std::uint16_t>(number);
  target.path = "/" + std::string(text_at(text, url->path));
  if (const std::string_view query = text_at(text, url->query); !query.empty())
    target.path += "?" + std::string(query);
  return target;
}

bool holds_secret(std::string_view address) {
  const auto url = parse_connection(address);
  if (!url) return address.contains('@'); // what nobody can read may be anything
  if (url->has_password) return true;
  // A token may stand where the user does. PostgreSQL's user is not one, and is needed.
  const std::string_view scheme = text_at(address, url->scheme);
  if (!scheme.empty() && !scheme.starts_with("postgres") && url->user != Range{}) return true;
  std::string_view query = text_at(address, url->query);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find_first_of("&;"));
    if (name_kind(pair.substr(0, pair.find('='))) != NameKind::no) return true;
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
  }
  return false;
}

} // namespace aethel::platform
