// An HTTP/1.1 server for few and small requests: health, metrics, an API of operators. Everything
// has a limit and a deadline; what does not keep to them is answered and cut off.
#pragma once

#include "base/result.h"
#include "http/message.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace aethel::http {

struct ServerOptions {
  std::string address = "127.0.0.1"; // to listen on: nothing beyond loopback unless it is said
  std::uint16_t port = 0;            // 0: any that is free
  unsigned connections = 512;        // at the same time; for one more who waits longest goes
  std::size_t header_limit = 16 << 10;
  std::size_t body_limit = 64 << 10;
  std::chrono::milliseconds header_time{10'000}; // from the first byte of a request to its end
  std::chrono::milliseconds idle_time{60'000};   // between requests
  std::chrono::milliseconds write_time{30'000};
  unsigned threads = 1; // of the network
  unsigned workers = 4; // of handlers that may wait for others
};

// Called for every whole request, on one of the workers; must not throw.
using Handler = std::function<Response(const Request&)>;
// Answers at once, on a thread of the network; nothing: the handler is asked.
using QuickHandler = std::function<std::optional<Response>(const Request&)>;

class Server {
public:
  // Listens when it returns.
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler handler,
                                               QuickHandler quick = {});
  virtual ~Server() = default; // cuts off what is under way
  virtual std::uint16_t port() const = 0;
  // Accepts nothing new; what is under way is answered, with "Connection: close". True when all was
  // answered within the time.
  virtual bool drain(std::chrono::milliseconds limit) = 0;
  virtual unsigned open_connections() const = 0;
};

} // namespace aethel::http
