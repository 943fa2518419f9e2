// How sure it is that a value is a credential of somebody's.
#pragma once

#include "knowledge/values.h"

#include <string_view>

namespace aethel {

// Nobody else has values of this form: a prefix of the provider's own, with a checksum that
// holds where there is one, or a private key. `text`: the part that `value` is about.
bool is_certain_credential(const Value& value, std::string_view text);

// Has the form, but its checksum is wrong: typed by a hand.
bool is_forged(const Value& value, std::string_view text);

} // namespace aethel
