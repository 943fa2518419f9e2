// A connection to a server as its client. Every step ends by one deadline, whatever the other end
// does: a peer that accepts and says nothing, one that sends a byte at a time, and a name server
// that does not answer cost no more than that. Failures say what went wrong and hold no address.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::http {

using Deadline = std::chrono::steady_clock::time_point;

struct Peer {
  std::string host; // a name, an address, or the path of a unix socket
  std::uint16_t port = 0;
  bool tls = false;
  std::string ca_file;     // PEM; empty: what the machine trusts
  std::string server_name; // that the certificate has to be for; empty: the host
  enum class Trust : std::uint8_t { required, reported } trust = Trust::required;
};

// Names become addresses here; what comes after it needs no name server.
Result<void> resolve(const std::string& host, Deadline deadline);

// When a certificate begins and ends, in seconds since 1970.
struct Validity {
  std::int64_t begin = 0, end = 0;
};
// Of every certificate of a text of PEM. Fails when there is none, or one cannot be read.
Result<std::vector<Validity>> read_certificates(std::string_view pem);

class Connection {
public:
  static Result<Connection> open(const Peer& peer, Deadline deadline);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // At least one byte, as soon as there is one; 0: the other end closed.
  Result<std::size_t> read_some(char* to, std::size_t size);
  Result<void> write(std::string_view bytes);

  // Of the chain that was verified, else of what the server presented; its own is the first.
  std::vector<Validity> certificates() const;
  // Whether the chain leads to somebody who is trusted, and is for the host.
  bool trusted() const;
  // It is trusted but for times: somebody's certificate of the chain is over, or not valid yet.
  bool out_of_time() const;

private:
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace aethel::http
