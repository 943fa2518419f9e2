#include "knowledge/shapes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace aethel::knowledge {
namespace {

int base64_digit(char c) {
  if (is_upper(c)) return c - 'A';
  if (is_lower(c)) return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

} // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), to_lower);
  return out;
}

double entropy(std::string_view text) {
  std::array<unsigned, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const unsigned count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

bool looks_made_up(std::string_view text) {
  if (text.size() < 4) return false;
  std::array<bool, 256> seen{};
  std::size_t different = 0, steps = 0, repeats = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(to_lower(text[i]));
    if (!seen[c]) ++different;
    seen[c] = true;
    if (i == 0) continue;
    const int step = c - static_cast<unsigned char>(to_lower(text[i - 1]));
    if (step >= -1 && step <= 1) ++steps;
    repeats = step == 0 ? repeats + 1 : 0;
    if (repeats == 5) return true; // six equal ones: once in 10^7 random texts of base64
  }
  // Two neighbours of a random hexadecimal text are equal or one apart in 17 % of cases, in
  // base64 in 5 %; "1234567890abcdef" comes to 93 %.
  return (text.size() >= 12 && different <= 4) ||
         (text.size() >= 8 && steps * 2 >= text.size() - 1);
}

bool in_alphabet(char c, std::string_view alphabet) {
  if (alphabet == "alnum") return is_alnum(c);
  if (alphabet == "hex") return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  if (alphabet == "upper") return is_upper(c) || is_digit(c);
  if (alphabet == "letters") return is_letter(c);
  if (alphabet == "word") return is_alnum(c) || c == '_';
  if (alphabet == "dash") return is_alnum(c) || c == '-';
  if (alphabet == "word-") return is_alnum(c) || c == '_' || c == '-';
  if (alphabet == "base64url=") return is_alnum(c) || c == '_' || c == '-' || c == '=';
  if (alphabet == "dotted" || alphabet == "three-parts")
    return is_alnum(c) || c == '_' || c == '-' || c == '.';
  if (alphabet == "path") return is_alnum(c) || c == '_' || c == '-' || c == '/';
  if (alphabet == "base64") return is_alnum(c) || c == '+' || c == '/' || c == '=';
  if (alphabet == "word+") return is_alnum(c) || c == '+' || c == '/' || c == '=' || c == '_';
  if (alphabet == "telegram") return is_alnum(c) || c == '_' || c == '-' || c == ':';
  std::abort(); // the table names an alphabet that is not here
}

std::optional<std::string> decode_base64_text(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() < 8 || text.size() % 4 == 1) return {};
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    const auto byte = static_cast<unsigned char>(bits >> count);
    if (byte != '\n' && byte != '\r' && byte != '\t' && (byte < 0x20 || byte >= 0x7f)) return {};
    out += static_cast<char>(byte);
  }
  return out;
}

} // namespace aethel::knowledge
