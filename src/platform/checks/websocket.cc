// A WebSocket: the whole upgrade, a ping and its pong. A port that is open, or a proxy that answers
// for a server that is away, is not enough.
#include "http/websocket.h"
#include "platform/check_kind.h"
#include "platform/checks/support/target.h"

namespace aethel::platform::checks {
namespace {

constexpr std::string_view keys[] = {"address", "url", "origin", "ca_file", "server_name"};
constexpr std::string_view schemes[] = {"ws", "wss"};

Result<Target> target_of(const Result<std::string>& address) {
  if (!address) return std::unexpected(address.error());
  auto target = parse_target(*address, schemes);
  if (target && !target->user.empty())
    return fail({.message = "the address of a WebSocket has no user",
                 .hint = "a token stands in its query"});
  return target;
}

Result<Look> make(const CheckPlan& plan) {
  if (auto target = target_of(plan.address()); !target) return std::unexpected(target.error());
  const http::Peer peer{.ca_file = plan.settings.ca_file.value,
                        .server_name = plan.settings.server_name.value};
  return [address = plan.address, origin = plan.settings.origin.value,
          from = peer](http::Deadline deadline) -> CheckResult {
    auto target = target_of(address());
    if (!target) return fail("its address cannot be read");
    http::Peer peer = from;
    peer.host = target->host;
    peer.port = target->port;
    peer.tls = target->scheme == "wss";
    auto connection = http::Connection::open(peer, deadline);
    if (!connection) return std::unexpected(connection.error());
    return http::ping_websocket(
        *connection, {.host = target->authority(), .target = target->path, .origin = origin});
  };
}

} // namespace

extern constinit const CheckKind websocket;
constinit const CheckKind websocket{.name = "websocket", .keys = keys, .make = make};

} // namespace aethel::platform::checks
