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

// What it is about: whose business it is to make a value, and how much hangs on it.
enum class VariableGroup : std::uint8_t {
  auth,    // keys by which the application signs, encrypts or lets in: it makes them itself
  store,   // databases, caches, brokers and consoles that run beside it: so are their passwords
  payment, // from here on a provider gives the value
  identity,
  storage,
  mail,
  messages,
  ai,
  monitoring,
  delivery, // of pipelines, not of the application
  address,  // where users and services reach it
  config,
  other
};

struct KnownVariable {
  std::string_view name;
  VariableKind kind = VariableKind::config;
  VariableGroup group = VariableGroup::other;
  bool required = false; // production without it does not start, does not work or is not safe
  std::string_view en;   // how to make one; `...` around commands
  std::string_view pt;
  std::string_view source;
};

// Case and separators do not count ("nextauth-secret"), nor does the name of an environment in
// front ("PROD_STRIPE_SECRET_KEY"). Null when it is not known.
const KnownVariable* find_variable(std::string_view name);

// Of any variable: what the table says, else what the words of the name say.
VariableGroup group_of(std::string_view name);

// Who runs the application makes such a value at will; nobody else gives it.
constexpr bool is_own(VariableGroup group) {
  return group == VariableGroup::auth || group == VariableGroup::store;
}

} // namespace aethel
