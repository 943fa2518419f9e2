#include "store/sigv4.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>

namespace aethel::store::sigv4 {
namespace {

std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Without blanks around it, and with one where there were several.
std::string trimmed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t';
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c;
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// Several of one name are one, in their order.
std::map<std::string, std::string> canonical_headers(const Pairs& headers) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : headers) {
    const auto [place, added] = out.try_emplace(lower(name), trimmed(value));
    if (!added) place->second += "," + trimmed(value);
  }
  return out;
}

std::string names_of(const std::map<std::string, std::string>& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

std::string scope_of(const Signer& signer, std::string_view date) {
  return fmt::format("{}/{}/{}/aws4_request", date.substr(0, 8), signer.region, signer.service);
}

} // namespace

Digest hmac_sha256(std::string_view key, std::string_view text) {
  Digest out{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(),
           &size) == nullptr)
    std::abort(); // no memory, or an OpenSSL without SHA-256
  return out;
}

Digest sha256(std::string_view bytes) {
  Digest out{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha256(), nullptr) != 1)
    std::abort();
  return out;
}

std::string hex(const Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : digest) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0'); // EVP_EncodeBlock ends with a NUL
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string uri_encode(std::string_view text, Slash slash) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
        c == '.' || c == '_' || c == '~' || (c == '/' && slash == Slash::kept)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string canonical_query(const Pairs& query) {
  // Sorted after they are encoded: "%E1" stands before "P".
  Pairs encoded;
  for (const auto& [name, value] : query)
    encoded.emplace_back(uri_encode(name, Slash::encoded), uri_encode(value, Slash::encoded));
  std::ranges::sort(encoded);
  std::string out;
  for (const auto& [name, value] : encoded)
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
  return out;
}

std::string amz_date(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string canonical_request(const Request& request) {
  const auto headers = canonical_headers(request.headers);
  std::string out =
      fmt::format("{}\n{}\n{}\n", request.method, request.path, canonical_query(request.query));
  for (const auto& [name, value] : headers) out += fmt::format("{}:{}\n", name, value);
  return out + fmt::format("\n{}\n{}", names_of(headers), request.payload);
}

std::string string_to_sign(const Request& request, const Signer& signer, std::string_view date) {
  return fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", date, scope_of(signer, date),
                     hex(sha256(canonical_request(request))));
}

std::string signature(const Request& request, const Signer& signer, std::string_view date) {
  std::string secret = fmt::format("AWS4{}", signer.secret_access_key);
  Digest key = hmac_sha256(secret, date.substr(0, 8));
  OPENSSL_cleanse(secret.data(), secret.size());
  for (const std::string_view part :
       {signer.region, signer.service, std::string_view("aws4_request")})
    key = hmac_sha256(view(key), part);
  const Digest out = hmac_sha256(view(key), string_to_sign(request, signer, date));
  OPENSSL_cleanse(key.data(), key.size());
  return hex(out);
}

std::string authorization(const Request& request, const Signer& signer, std::string_view date) {
  return fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                     signer.access_key_id, scope_of(signer, date),
                     names_of(canonical_headers(request.headers)),
                     signature(request, signer, date));
}

} // namespace aethel::store::sigv4
