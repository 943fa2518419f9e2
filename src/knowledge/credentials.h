// Credentials recognised by their form. The table knows prefixes, alphabets and lengths; the
// value itself never leaves this layer but as a range.
#pragma once

#include "base/range.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace aethel {

enum class CredentialKind : std::uint8_t {
  credential, // opens something real
  test,       // opens a provider's test mode or an emulator only
  known,      // the example of some documentation, the default of some program
  weak,       // a default password that everybody knows
  public_key, // meant to be seen
  made_up     // the form is right, the rest is typed by a hand
};

struct Credential {
  CredentialKind kind = CredentialKind::credential;
  Range range;
  std::string_view id; // row of the table
  std::string_view en; // noun phrases that describe it
  std::string_view pt;
  bool test_mode = false; // its form is that of a test-mode key
};

// All that stand in the value of a variable, in the order of the table.
std::vector<Credential> find_credentials(std::string_view name, std::string_view value);

// The value behind the longest prefix of a known form ("sk_test_", "AIza"), or all of it.
struct Prefixed {
  std::string_view rest;
  bool known = false;
  bool distinct = false; // nothing else begins so, whatever the variable is called
  bool test_mode = false;
};
Prefixed without_prefix(std::string_view value);

} // namespace aethel
