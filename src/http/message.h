// Requests and responses, as handlers see them: plain values, no header of a library.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel::http {

struct Request {
  std::string method; // as sent; methods are case-sensitive
  std::string path;   // decoded, without the query: "/api/backup"
  std::vector<std::pair<std::string, std::string>> query; // decoded, in the order of the target
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer; // address of the other end, without its port

  std::string_view header(std::string_view name) const; // of any case; empty when absent
  std::optional<std::string> parameter(std::string_view name) const;
  bool has_parameter(std::string_view name) const;
};

struct Response {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Of a path or a part of a query; nothing for what is no encoding, or holds a zero byte.
std::optional<std::string> decode(std::string_view text, bool plus_is_space);

// Splits a target "/a%20b?c=d&e" into path and query; nothing when it is none. One with a scheme
// and an authority before that (RFC 9112, 3.2.2) is taken as without them.
struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};
std::optional<Target> parse_target(std::string_view target);

std::string_view reason_of(unsigned status);

// Which of the types offered an Accept header likes best, in the order of `offered` among equals;
// npos: none. RFC 9110, section 12.5.1.
std::size_t negotiate(std::string_view accept, const std::vector<std::string_view>& offered);

} // namespace aethel::http
