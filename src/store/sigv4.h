// AWS Signature Version 4, in the header Authorization: who asks, and that nobody changed what is
// asked. Pure functions. The specification is "Create a signed AWS API request"
// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html), and for S3
// "Authenticating Requests: Using the Authorization Header" (AmazonS3/latest/API).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel::store::sigv4 {

using Digest = std::array<unsigned char, 32>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view text);
std::string hex(const Digest& digest);
std::string base64(std::string_view bytes);

enum class Slash : std::uint8_t { kept, encoded };
// RFC 3986: all but A-Z a-z 0-9 - . _ ~ becomes %XX, in capitals.
std::string uri_encode(std::string_view text, Slash slash);

// Encoded and sorted as a query is signed, and as it is best sent.
std::string canonical_query(const Pairs& query);

struct Request {
  std::string method;
  std::string path;    // encoded once, as it is sent: S3 neither normalises nor encodes it again
  Pairs query;         // names and values, not encoded
  Pairs headers;       // all of them are signed; "host" and "x-amz-date" have to be among them
  std::string payload; // SHA-256 of the body in hexadecimal
};

struct Signer {
  std::string_view access_key_id;
  std::string_view secret_access_key;
  std::string_view region;
  std::string_view service;
};

// "20130524T000000Z": the value of x-amz-date.
std::string amz_date(std::int64_t seconds);

std::string canonical_request(const Request& request);
// `date` is what x-amz-date says.
std::string string_to_sign(const Request& request, const Signer& signer, std::string_view date);
std::string signature(const Request& request, const Signer& signer, std::string_view date);
// The header's value.
std::string authorization(const Request& request, const Signer& signer, std::string_view date);

} // namespace aethel::store::sigv4
