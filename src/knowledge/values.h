// What the literal value of a variable is: a real credential, a placeholder, a weak password...
// No caller may print the value of a secret; `masked` says what it is instead.
#pragma once

#include "base/range.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

enum class ValueKind : std::uint8_t { // from the gravest to the lightest
  credential,                         // looks real
  placeholder,                        // to be replaced
  weak,                               // a secret that can be guessed
  test_mode_key,                      // opens a provider's test mode, a sandbox or an emulator only
  reserved_host, // a host that cannot exist or is to be replaced: smtp.example.com
  localhost,     // this machine
  empty,
  ordinary
};

struct Value {
  ValueKind kind = ValueKind::ordinary;
  Range range;         // where, within the value
  std::string_view id; // what it was recognised by: a row of a table or "words", "entropy", ...
  std::string_view en; // a noun phrase, empty when the kind says enough
  std::string_view pt;
  bool test_mode = false; // a placeholder, but in the form of a test-mode key
};

// Give the value that a program gets, or the default of a `${X:-default}`: text in which something
// is still to be filled in is `ordinary`, but for the parts of an address without holes.
// Everything there is to say, the gravest first; of an address, the password and the host.
// `user` is the name that goes with the password, when it is known.
std::vector<Value> inspect(std::string_view name, std::string_view raw, std::string_view user = {});
// The gravest; `ordinary` when there is nothing to say.
Value classify(std::string_view name, std::string_view value, std::string_view user = {});

struct Description {
  std::string_view en;
  std::string_view pt;
};
// In place of the value: "a GitHub personal access token", "a weak password".
Description masked(const Value& value);

} // namespace aethel
