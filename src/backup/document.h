// Signed documents: what a repository says of itself. A header of lines, an empty line, JSON:
//
//   aethel manifest 1
//   signed-by: <id of the signer> <signature, hexadecimal>
//
//   {...}
//
// Signed is the first line and the JSON, so that no kind or version can be taken for another. A
// signature is checked before a byte of the JSON is read.
#pragma once

#include "backup/keys.h"
#include "base/result.h"

#include <span>
#include <string>
#include <string_view>

namespace aethel::backup {

inline constexpr int format_version = 1;

std::string write_document(std::string_view kind, std::string_view json, const SigningKey& key);
// With one more signature: a configuration that changes its signer has both.
std::string sign_again(std::string_view document, const SigningKey& key);

struct Document {
  std::string json;
  std::vector<SignerKey> signed_by; // those of `trusted` whose signature holds; never empty
  std::size_t strangers = 0;        // signatures of others, which say nothing
};
// Fails for another kind, for a version that this program does not know - which it says -, when
// no signature of a trusted signer is there, and when one is and does not hold.
Result<Document> read_document(std::string_view kind, std::string_view bytes,
                               std::span<const SignerKey> trusted);
// Who says to have signed it, unchecked: for messages only.
std::string claimed_signer(std::string_view bytes);

} // namespace aethel::backup
