// One HTTP/1.1 exchange: libcurl, or a test's own.
#pragma once

#include "store/sigv4.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel::store {

struct HttpRequest {
  std::string method;
  std::string url;         // encoded; sent as it is
  sigv4::Pairs headers;    // with Host
  std::string_view body;   // lives as long as the exchange
  bool has_body = false;   // an empty one counts
  std::uint64_t limit = 0; // bytes of an answer of success; an error's answer is cut at 64 KiB
};

struct HttpResponse {
  int status = 0;
  sigv4::Pairs headers; // names in lower case
  std::string body;
  const std::string* header(std::string_view name) const;
};

struct TransportFailure {
  enum class Kind : std::uint8_t {
    unreachable, // no such host, or nobody there
    stalled,     // no progress, or a time-out
    broken,      // reset, or an answer that ended early
    untrusted,   // TLS: not who it should be
    too_large,   // over the request's limit
    stopped,     // by its owner
    unusable     // not HTTP, a bad address
  };
  Kind kind = Kind::broken;
  std::string message; // without credentials
};

// Of whom one asks, for messages: "it does not answer in time".
std::string_view describe(TransportFailure::Kind kind);

class Transport {
public:
  virtual ~Transport() = default;
  // From several threads at once. Redirects are not followed.
  virtual std::expected<HttpResponse, TransportFailure> exchange(const HttpRequest& request) = 0;
};

struct TransportOptions {
  std::string ca_file; // PEM; empty: what the machine trusts
  std::string proxy;   // empty: none. The environment's are not asked: loopback and the addresses
                       // of credentials must never go through one
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::seconds stall_timeout{30};             // with less than 1 KiB/s on average
  std::chrono::milliseconds request_timeout{900'000}; // 64 MiB at 75 KiB/s
  std::stop_token stop;                               // ends exchanges within a second
};

// Connections are kept and used again, with TCP keepalive; certificates are always verified.
std::unique_ptr<Transport> make_curl_transport(TransportOptions options);

// What servers write as dates, in seconds since 1970: "Wed, 12 Oct 2009 17:50:00 GMT" (RFC 9110,
// IMF-fixdate) and "2009-10-12T17:50:30.000Z" (ISO 8601, UTC).
std::optional<std::int64_t> parse_http_date(std::string_view text);
std::optional<std::int64_t> parse_iso_date(std::string_view text);

} // namespace aethel::store
