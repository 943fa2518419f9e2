// The client's side of a WebSocket (RFC 6455), as far as a check needs it.
#pragma once

#include "http/connection.h"

#include <string>

namespace aethel::http {

struct WebSocketTarget {
  std::string host;   // of the header Host, with its port when it is not the usual one
  std::string target; // "/socket?x=1"
  std::string origin; // empty: none is sent
};

// A whole upgrade, a ping, and the pong that answers it; then it closes. What the server sends
// meanwhile is read and forgotten, up to a limit.
Result<void> ping_websocket(Connection& connection, const WebSocketTarget& target);

} // namespace aethel::http
