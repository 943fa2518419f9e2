// The keys of a repository and what is done with them. docs/backup-format.md is the specification;
// primitives are libsodium's.
//
//   service, recovery   X25519: a backup's data key is wrapped to each of their public keys
//   signer              Ed25519: manifests and reports are signed
//
// A key as text is `aethel-KIND-` and base32 (RFC 4648, lower case) of 32 bytes and the first four
// of SHA-256("aethel-KIND-" bytes): a slip of a pen, or a key of another kind, is refused. Hyphens,
// blanks and case after the prefix do not count.
#pragma once

#include "base/result.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::backup {

using Bytes32 = std::array<unsigned char, 32>;

// Wiped when it goes, and kept out of swap and core files as far as the machine allows.
class Secret {
public:
  Secret();
  explicit Secret(const Bytes32& bytes);
  Secret(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();
  static Secret random();
  const Bytes32& bytes() const { return *bytes_; }
  Bytes32& bytes() { return *bytes_; }

private:
  Bytes32* bytes_;
};

struct PublicKey { // X25519
  Bytes32 bytes{};
  friend bool operator==(const PublicKey&, const PublicKey&) = default;
};
struct SignerKey { // Ed25519
  Bytes32 bytes{};
  friend bool operator==(const SignerKey&, const SignerKey&) = default;
};
struct PrivateKey {
  Secret secret;
  PublicKey public_key() const;
};
struct SigningKey {
  Secret seed;
  SignerKey signer() const;
};

// Has to be called before anything else here; more than once does no harm.
void initialise_keys();

PrivateKey make_private_key();
SigningKey make_signing_key();

std::string text_of(const PublicKey& key);
std::string text_of(const SignerKey& key);
std::string text_of(const PrivateKey& key); // to be shown once, by `init`
std::string text_of(const SigningKey& key);
Result<PublicKey> parse_public_key(std::string_view text);
Result<SignerKey> parse_signer_key(std::string_view text);
Result<PrivateKey> parse_private_key(std::string_view text);
Result<SigningKey> parse_signing_key(std::string_view text);

// How a key is called in manifests and messages: 16 hexadecimal digits of its SHA-256.
std::string id_of(const PublicKey& key);
std::string id_of(const SignerKey& key);

// A data key for one recipient: an ephemeral X25519 key and the key under ChaCha20-Poly1305.
// `context` is the backup's id: a wrapped key of one backup opens no other.
struct WrappedKey {
  std::string recipient; // id_of its public key
  Bytes32 ephemeral{};
  std::array<unsigned char, 48> sealed{};
};
WrappedKey wrap(const Secret& data_key, const PublicKey& recipient, std::string_view context);
Result<Secret> unwrap(const WrappedKey& wrapped, const PrivateKey& key, std::string_view context);

// HKDF-SHA256 (RFC 5869), one block of output.
Secret derive(std::span<const unsigned char> secret, std::string_view salt, std::string_view info);

// ChaCha20-Poly1305 (RFC 8439). The nonce is the number of the segment, little-endian, then four
// zero bytes: a key seals each number once.
inline constexpr std::size_t seal_overhead = 16;
void seal(std::string& out, std::string_view plain, std::string_view associated,
          std::uint64_t number, const Secret& key);
// False: not what was sealed.
bool unseal(std::string& out, std::string_view sealed, std::string_view associated,
            std::uint64_t number, const Secret& key);

std::array<unsigned char, 64> sign(std::string_view message, const SigningKey& key);
bool is_signed(std::string_view message, std::span<const unsigned char> signature,
               const SignerKey& signer);

std::string sha256_hex(std::string_view bytes);
std::string hex(std::span<const unsigned char> bytes);
// Of exactly that length, in lower case.
bool parse_hex(std::string_view text, std::span<unsigned char> out);
std::string random_hex(std::size_t bytes);
std::uint64_t random_number();

} // namespace aethel::backup
