// What a check says to Redis and Valkey, in RESP 2 (redis.io/docs/latest/develop/reference/
// protocol-spec): commands, and answers of one value. hiredis of Debian 12 has no TLS, bounds each
// read but not all of them, and allocates what an array claims to have.
#pragma once

#include "http/connection.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace aethel::platform {

std::string redis_command(std::initializer_list<std::string_view> words);

struct RedisAnswer {
  bool error = false;
  std::string text; // of an error: "NOAUTH Authentication required."
  // The first word of an error.
  std::string_view code() const;
};

class RedisReader {
public:
  explicit RedisReader(http::Connection& connection) : connection_(connection) {}
  Result<RedisAnswer> read();

private:
  Result<std::string> line();
  Result<void> fill();

  http::Connection& connection_;
  std::string bytes_;
  std::size_t total_ = 0;
};

// The value of a field of INFO; empty when it is not there.
std::string_view redis_info(std::string_view text, std::string_view field);

} // namespace aethel::platform
