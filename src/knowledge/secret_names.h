// What the name of a variable, a key or an option says about its value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

enum class NameKind : std::uint8_t {
  no,                  // no secret, or one that is public by construction
  secret,              // DB_PASSWORD, stripeSecretKey, jwt-secret
  url_with_credentials // DATABASE_URL, REDIS_URL: an address that may hold a password
};

NameKind name_kind(std::string_view name);

// The words of a name in lower case: "openaiAPIKey", "OPENAI_API_KEY" and "openai.api-key" are
// {"openai", "api", "key"}; "PGPASSWORD" is {"pg", "password"}.
std::vector<std::string> name_words(std::string_view name);

// The value reaches the browser by construction: NEXT_PUBLIC_*, VITE_*, ...
bool is_public_name(std::string_view name);

} // namespace aethel
