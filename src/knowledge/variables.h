// What well-known variables are for and how to get a value.
#pragma once

#include <cstdint>
#include <string_view>

namespace aethel {

enum class VariableKind : std::uint8_t {
  secret,
  url,
  host,
  dsn,  // an address whose key is public: SENTRY_DSN
  mode, // test or production of a provider: PAYPAL_MODE
  config
};

struct Variable {
  std::string_view name;
  VariableKind kind = VariableKind::config;
  bool required = false; // production without it does not start, does not work or is not safe
  std::string_view en;   // how to make one; `...` around commands
  std::string_view pt;
  std::string_view source;
};

// Case and separators do not count ("nextauth-secret"), nor does the name of an environment in
// front ("PROD_STRIPE_SECRET_KEY"). Null when it is not known.
const Variable* find_variable(std::string_view name);

} // namespace aethel
