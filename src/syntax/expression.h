// Regular expressions as nginx's `location ~` and `server_name ~` have them (PCRE), as far as they
// are regular: no look-around, no references back, no conditions. Time is linear in pattern times
// text, whatever stands in either.
// Source: https://www.pcre.org/current/doc/html/pcre2syntax.html
#pragma once

#include <cstdint>
#include <string_view>

namespace aethel {

enum class Found : std::uint8_t {
  no,
  yes,
  unknown // not understood, or over a limit
};

enum class Case : std::uint8_t { distinguished, ignored };

// Whether the expression matches somewhere in the text.
Found search_expression(std::string_view pattern, std::string_view text,
                        Case letters = Case::distinguished);

} // namespace aethel
