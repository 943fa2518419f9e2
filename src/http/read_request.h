// One request out of bytes that are there already, as the server reads it from a connection: for
// tests and for the fuzz target, which feed it what no client would send.
#pragma once

#include "http/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aethel::http {

struct ReadRequest {
  std::optional<Request> request;
  std::optional<Response> refused; // neither: the bytes end before the request does
  std::size_t used = 0;            // where the next request of the connection would begin
};

ReadRequest read_request(std::string_view bytes, const std::string& peer, std::size_t header_limit,
                         std::size_t body_limit);

} // namespace aethel::http
