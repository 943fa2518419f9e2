#include "link/rules/support/credential_forms.h"

#include "knowledge/credentials.h"

#include <cstdint>
#include <string>

namespace aethel {
namespace {

// The last six characters of GitHub's tokens are a CRC-32 of the thirty before them, in base 62.
// Source:
// https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
bool has_checksum(std::string_view token) {
  constexpr std::string_view digits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::uint32_t crc = 0xffffffff;
  for (const char c : token.substr(4, 30)) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  crc = ~crc;
  std::string sum(6, '0');
  for (std::size_t at = sum.size(); at-- > 0; crc /= 62) sum[at] = digits[crc % 62];
  return token.substr(34) == sum;
}

} // namespace

bool is_forged(const Value& value, std::string_view text) {
  return value.id == "github-token" && text.size() == 40 && !has_checksum(text);
}

bool is_certain_credential(const Value& value, std::string_view text) {
  if (value.kind != ValueKind::credential || is_forged(value, text)) return false;
  if (value.id == "private-key") return true;
  // Half of a credential; one that is often public and restricted.
  if (value.id == "aws-access-key-id" || value.id == "google-api-key") return false;
  const Prefixed prefixed = without_prefix(text);
  return prefixed.known && prefixed.distinct && !prefixed.test_mode;
}

} // namespace aethel
