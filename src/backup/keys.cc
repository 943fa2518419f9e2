#include "backup/keys.h"

#include "store/sigv4.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <utility>

namespace aethel::backup {
namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";

Bytes32* allocate() {
  initialise_keys(); // a Secret may be made before main() is
  // Locked, between guard pages, wiped by sodium_free.
  void* const memory = ::sodium_malloc(sizeof(Bytes32));
  if (memory == nullptr) std::abort();
  return new (memory) Bytes32{};
}

std::string base32(std::span<const unsigned char> bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const unsigned char byte : bytes) {
    bits = (bits << 8U) | byte;
    for (count += 8; count >= 5; count -= 5) out += alphabet[(bits >> (count - 5)) & 31U];
  }
  if (count > 0) out += alphabet[(bits << (5 - count)) & 31U];
  ::sodium_memzero(&bits, sizeof bits);
  return out;
}

std::array<unsigned char, 4> checksum(std::string_view prefix, const Bytes32& bytes) {
  crypto_hash_sha256_state state;
  ::crypto_hash_sha256_init(&state);
  ::crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(prefix.data()),
                              prefix.size());
  ::crypto_hash_sha256_update(&state, bytes.data(), bytes.size());
  Bytes32 digest;
  ::crypto_hash_sha256_final(&state, digest.data());
  return {digest[0], digest[1], digest[2], digest[3]};
}

std::string write_key(std::string_view prefix, const Bytes32& bytes) {
  std::array<unsigned char, 36> all{};
  std::ranges::copy(bytes, all.begin());
  std::ranges::copy(checksum(prefix, bytes), all.begin() + 32);
  std::string text = std::string(prefix) + base32(all);
  ::sodium_memzero(all.data(), all.size());
  return text;
}

// Messages name the kind, never the text: it may be a secret.
Result<Secret> read_key(std::string_view prefix, std::string_view what, std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  if (!text.starts_with(prefix)) {
    for (const auto& [other, name] :
         {std::pair<std::string_view, std::string_view>{"aethel-private-", "a private key"},
          {"aethel-public-", "a public key"},
          {"aethel-signing-", "a signing key"},
          {"aethel-signer-", "the public key of a signer"}})
      if (text.starts_with(other))
        return fail(fmt::format("this is {}; {} begins with {}", name, what, prefix));
    return fail(fmt::format("not {}: it begins with {}", what, prefix));
  }
  std::array<unsigned char, 36> all{};
  std::size_t size = 0;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char raw : text.substr(prefix.size())) {
    if (raw == '-' || static_cast<unsigned char>(raw) <= ' ') continue;
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw - 'A' + 'a') : raw;
    const std::size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos)
      return fail(fmt::format("{} has a character that no key has", what));
    bits = (bits << 5U) | static_cast<std::uint32_t>(digit);
    count += 5;
    if (count >= 8) {
      if (size == all.size()) return fail(fmt::format("{} is too long", what));
      all[size++] = static_cast<unsigned char>((bits >> (count - 8)) & 255U);
      count -= 8;
    }
  }
  Secret secret;
  std::copy_n(all.begin(), 32, secret.bytes().begin());
  const bool right =
      size == all.size() && (bits & ((1U << count) - 1U)) == 0 && count < 5 &&
      std::ranges::equal(checksum(prefix, secret.bytes()), std::span(all).subspan(32));
  ::sodium_memzero(all.data(), all.size());
  ::sodium_memzero(&bits, sizeof bits);
  if (!right)
    return fail(fmt::format("{} is damaged: {}", what,
                            size < all.size() ? "characters are missing" : "a character is wrong"));
  return secret;
}

std::string id(std::string_view kind, const Bytes32& bytes) {
  return sha256_hex(std::string(kind) +
                    std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()))
      .substr(0, 16);
}

const unsigned char* data(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::array<unsigned char, crypto_aead_chacha20poly1305_IETF_NPUBBYTES>
nonce_of(std::uint64_t number) {
  std::array<unsigned char, crypto_aead_chacha20poly1305_IETF_NPUBBYTES> nonce{};
  for (int i = 0; i < 8; ++i) nonce[i] = static_cast<unsigned char>(number >> (8 * i));
  return nonce;
}

struct SignPair {
  SignerKey signer;
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
  ~SignPair() { ::sodium_memzero(secret.data(), secret.size()); }
};

void expand(const Secret& seed, SignPair& pair) {
  ::crypto_sign_seed_keypair(pair.signer.bytes.data(), pair.secret.data(), seed.bytes().data());
}

} // namespace

Secret::Secret() : bytes_(allocate()) {}
Secret::Secret(const Bytes32& bytes) : bytes_(allocate()) { *bytes_ = bytes; }
Secret::Secret(const Secret& other) : bytes_(allocate()) { *bytes_ = *other.bytes_; }
Secret::Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, nullptr)) {}
Secret& Secret::operator=(const Secret& other) {
  if (this != &other) *this = Secret(other);
  return *this;
}
Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}
Secret::~Secret() {
  if (bytes_ != nullptr) ::sodium_free(bytes_);
}
Secret Secret::random() {
  Secret secret;
  ::randombytes_buf(secret.bytes().data(), secret.bytes().size());
  return secret;
}

void initialise_keys() {
  if (::sodium_init() < 0) std::abort();
}

PublicKey PrivateKey::public_key() const {
  PublicKey key;
  ::crypto_scalarmult_base(key.bytes.data(), secret.bytes().data());
  return key;
}

SignerKey SigningKey::signer() const {
  SignPair pair;
  expand(seed, pair);
  return pair.signer;
}

PrivateKey make_private_key() { return {Secret::random()}; }
SigningKey make_signing_key() { return {Secret::random()}; }

std::string text_of(const PublicKey& key) { return write_key("aethel-public-", key.bytes); }
std::string text_of(const SignerKey& key) { return write_key("aethel-signer-", key.bytes); }
std::string text_of(const PrivateKey& key) {
  return write_key("aethel-private-", key.secret.bytes());
}
std::string text_of(const SigningKey& key) {
  return write_key("aethel-signing-", key.seed.bytes());
}

Result<PublicKey> parse_public_key(std::string_view text) {
  auto read = read_key("aethel-public-", "a public key", text);
  if (!read) return std::unexpected(read.error());
  return PublicKey{read->bytes()};
}
Result<SignerKey> parse_signer_key(std::string_view text) {
  auto read = read_key("aethel-signer-", "the public key of a signer", text);
  if (!read) return std::unexpected(read.error());
  return SignerKey{read->bytes()};
}
Result<PrivateKey> parse_private_key(std::string_view text) {
  auto read = read_key("aethel-private-", "a private key", text);
  if (!read) return std::unexpected(read.error());
  return PrivateKey{std::move(*read)};
}
Result<SigningKey> parse_signing_key(std::string_view text) {
  auto read = read_key("aethel-signing-", "a signing key", text);
  if (!read) return std::unexpected(read.error());
  return SigningKey{std::move(*read)};
}

std::string id_of(const PublicKey& key) { return id("aethel-public-", key.bytes); }
std::string id_of(const SignerKey& key) { return id("aethel-signer-", key.bytes); }

Secret derive(std::span<const unsigned char> secret, std::string_view salt, std::string_view info) {
  crypto_auth_hmacsha256_state state;
  Secret extracted;
  ::crypto_auth_hmacsha256_init(&state, data(salt), salt.size());
  ::crypto_auth_hmacsha256_update(&state, secret.data(), secret.size());
  ::crypto_auth_hmacsha256_final(&state, extracted.bytes().data());
  Secret out;
  constexpr unsigned char one = 1;
  ::crypto_auth_hmacsha256_init(&state, extracted.bytes().data(), extracted.bytes().size());
  ::crypto_auth_hmacsha256_update(&state, data(info), info.size());
  ::crypto_auth_hmacsha256_update(&state, &one, 1);
  ::crypto_auth_hmacsha256_final(&state, out.bytes().data());
  ::sodium_memzero(&state, sizeof state);
  return out;
}

namespace {

// Nothing when the shared secret is zero, which only a hostile public key makes.
Result<Secret> wrapping_key(const Secret& secret, const Bytes32& other, const Bytes32& ephemeral,
                            const Bytes32& recipient, std::string_view context) {
  Secret shared;
  if (::crypto_scalarmult(shared.bytes().data(), secret.bytes().data(), other.data()) != 0)
    return fail("the public key is of low order");
  std::string salt(reinterpret_cast<const char*>(ephemeral.data()), ephemeral.size());
  salt.append(reinterpret_cast<const char*>(recipient.data()), recipient.size());
  return derive(shared.bytes(), salt, "aethel 1 wrap " + std::string(context));
}

} // namespace

WrappedKey wrap(const Secret& data_key, const PublicKey& recipient, std::string_view context) {
  WrappedKey wrapped{.recipient = id_of(recipient)};
  const PrivateKey ephemeral = make_private_key();
  wrapped.ephemeral = ephemeral.public_key().bytes;
  const Result<Secret> key =
      wrapping_key(ephemeral.secret, recipient.bytes, wrapped.ephemeral, recipient.bytes, context);
  if (!key) std::abort(); // public keys are ours and checked where they are read
  std::string sealed;
  seal(sealed, {reinterpret_cast<const char*>(data_key.bytes().data()), data_key.bytes().size()},
       "", 0, *key);
  std::memcpy(wrapped.sealed.data(), sealed.data(), wrapped.sealed.size());
  return wrapped;
}

Result<Secret> unwrap(const WrappedKey& wrapped, const PrivateKey& key, std::string_view context) {
  const PublicKey recipient = key.public_key();
  if (wrapped.recipient != id_of(recipient)) return fail("the key is wrapped to another recipient");
  const Result<Secret> wrapping =
      wrapping_key(key.secret, wrapped.ephemeral, wrapped.ephemeral, recipient.bytes, context);
  if (!wrapping) return std::unexpected(wrapping.error());
  std::string plain;
  const bool opened =
      unseal(plain, {reinterpret_cast<const char*>(wrapped.sealed.data()), wrapped.sealed.size()},
             "", 0, *wrapping);
  if (!opened || plain.size() != sizeof(Bytes32)) return fail("the wrapped key is not authentic");
  Secret secret;
  std::memcpy(secret.bytes().data(), plain.data(), plain.size());
  ::sodium_memzero(plain.data(), plain.size());
  return secret;
}

void seal(std::string& out, std::string_view plain, std::string_view associated,
          std::uint64_t number, const Secret& key) {
  const std::size_t at = out.size();
  out.resize(at + plain.size() + seal_overhead);
  ::crypto_aead_chacha20poly1305_ietf_encrypt(
      reinterpret_cast<unsigned char*>(out.data() + at), nullptr, data(plain), plain.size(),
      data(associated), associated.size(), nullptr, nonce_of(number).data(), key.bytes().data());
}

bool unseal(std::string& out, std::string_view sealed, std::string_view associated,
            std::uint64_t number, const Secret& key) {
  if (sealed.size() < seal_overhead) return false;
  out.resize(sealed.size() - seal_overhead);
  return ::crypto_aead_chacha20poly1305_ietf_decrypt(
             reinterpret_cast<unsigned char*>(out.data()), nullptr, nullptr, data(sealed),
             sealed.size(), data(associated), associated.size(), nonce_of(number).data(),
             key.bytes().data()) == 0;
}

std::array<unsigned char, 64> sign(std::string_view message, const SigningKey& key) {
  SignPair pair;
  expand(key.seed, pair);
  std::array<unsigned char, 64> signature{};
  ::crypto_sign_detached(signature.data(), nullptr, data(message), message.size(),
                         pair.secret.data());
  return signature;
}

bool is_signed(std::string_view message, std::span<const unsigned char> signature,
               const SignerKey& signer) {
  return signature.size() == crypto_sign_BYTES &&
         ::crypto_sign_verify_detached(signature.data(), data(message), message.size(),
                                       signer.bytes.data()) == 0;
}

std::string hex(std::span<const unsigned char> bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  ::sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();
  return out;
}

bool parse_hex(std::string_view text, std::span<unsigned char> out) {
  std::size_t size = 0;
  // Only as hex() writes it: libsodium would take upper case as well, and a changed byte of a
  // signed document would not be noticed.
  return text.size() == out.size() * 2 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         ::sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size,
                          nullptr) == 0 &&
         size == out.size();
}

std::string sha256_hex(std::string_view bytes) {
  // OpenSSL's takes the processor's own instructions, and objects are large.
  return hex(store::sigv4::sha256(bytes));
}

std::string random_hex(std::size_t bytes) {
  std::string raw(bytes, '\0');
  ::randombytes_buf(raw.data(), raw.size());
  return hex({reinterpret_cast<const unsigned char*>(raw.data()), raw.size()});
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  ::randombytes_buf(&number, sizeof number);
  return number;
}

} // namespace aethel::backup
