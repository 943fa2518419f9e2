// The shape of a text, whatever it says: how random it looks, what alphabet it uses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aethel::knowledge {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
inline bool is_letter(char c) { return is_upper(c) || is_lower(c); }
inline bool is_alnum(char c) { return is_letter(c) || is_digit(c); }
inline char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower(std::string_view text);

// Shannon's entropy in bits for each character. Random hexadecimal digits come near 4, random
// base64 near 6 when the text is long; English words stay below 3.5.
double entropy(std::string_view text);

// Typed by a hand: few different characters, or runs like "abcd", "1234", "xxxx".
bool looks_made_up(std::string_view text);

// A character of an alphabet named in credentials.tsv.
bool in_alphabet(char c, std::string_view alphabet);

// What base64 (either alphabet) says, when it is whole and what it says is printable text.
std::optional<std::string> decode_base64_text(std::string_view text);

} // namespace aethel::knowledge
