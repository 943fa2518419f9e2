// Values that somebody is to replace, and values that only say where the real one is.
#pragma once

#include <cstdint>
#include <string_view>

namespace aethel {

enum class PlaceholderScope : std::uint8_t {
  any,   // any variable: only what can be nothing else
  secret // a secret or an address: "example" is no password, though it is a fine database name
};

// By its words alone: "changeme", "your-key-here", "sua-senha".
bool placeholder_words(std::string_view text, PlaceholderScope scope);
// By words, brackets, dots, crosses, and by repeating the name of the variable.
bool is_placeholder(std::string_view name, std::string_view value, PlaceholderScope scope);

// A hole that a shell, a template or a deployment fills: ${X}, {{ x }}, __X__, %X%.
bool has_hole(std::string_view value);
// The value names the place of the secret, holds it encrypted, or is a hash of it.
bool is_reference(std::string_view value);

} // namespace aethel
