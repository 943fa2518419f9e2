// Addresses of servers as programs are given them: URLs (RFC 3986, with several hosts and a
// "jdbc:" in front), keyword strings ("Host=db;Password=..." and libpq's "host=db password=..."),
// and Go's "user:password@tcp(host:3306)/name". Every part comes with its place, so that a rule
// can point at the password without repeating it. Never fails on odd text: it is no address then.
#pragma once

#include "base/range.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct Url {
  struct Host {
    Range name; // without the brackets of an IPv6 address
    Range port; // empty when none is written
  };
  Range scheme; // without "jdbc:"; empty for keyword strings
  Range user;
  Range password;
  bool has_password = false; // one is written, though it may be empty
  std::vector<Host> hosts;
  Range path;  // after the first '/': the name of the database
  Range query; // after '?', or after ';' for SQL Server
};

inline std::string_view text_at(std::string_view text, Range range) {
  return text.substr(range.begin, range.end - range.begin);
}

std::optional<Url> parse_url(std::string_view text);
// Any of the three forms.
std::optional<Url> parse_connection(std::string_view text);
// "db", "db:5432", "[::1]:5432".
std::optional<Url::Host> parse_host_port(std::string_view text);

// The value of a parameter of the query, as written.
std::optional<Range> query_value(std::string_view text, const Url& url, std::string_view key);
std::string decode_percent(std::string_view text);
// The default port of a scheme, 0 when it is not known.
unsigned default_port(std::string_view scheme);

} // namespace aethel
