// Who we are to a store: given, from the environment, or fetched and refreshed as AWS's SDKs do.
#pragma once

#include "store/object_store.h"
#include "store/s3_transport.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::store {

// A text that is wiped when it goes. Copies are wiped too.
class SecretText {
public:
  SecretText() = default;
  explicit SecretText(std::string_view text) : bytes_(text.begin(), text.end()) {}
  // Takes the text out of a string, which is wiped.
  static SecretText taken(std::string&& text);
  SecretText(const SecretText&) = default;
  SecretText(SecretText&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  SecretText& operator=(SecretText other) noexcept {
    bytes_.swap(other.bytes_);
    return *this;
  }
  ~SecretText();
  bool empty() const { return bytes_.empty(); }
  std::string_view text() const { return {bytes_.data(), bytes_.size()}; }

private:
  std::vector<char> bytes_; // no std::string: a short one would be copied with the object itself
};

void wipe(std::string& text);

struct Credentials {
  std::string access_key_id;
  SecretText secret_access_key;
  SecretText session_token;                 // empty: none
  std::optional<std::int64_t> expires = {}; // seconds since 1970
};

// Asked before each request is signed, from several threads at once: what was rotated is taken up.
using CredentialsProvider = std::function<StoreResult<Credentials>()>;

// A variable's value; nothing where it is not set.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

// What providers need of the world.
struct CredentialsWorld {
  std::shared_ptr<Transport> transport;        // never through a proxy
  std::function<std::int64_t()> now = nullptr; // seconds since 1970; the machine's clock
};

CredentialsProvider fixed_credentials(Credentials credentials);

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, looked up each time.
CredentialsProvider environment_credentials(Lookup lookup);

// EKS Pod Identity and ECS: AWS_CONTAINER_CREDENTIALS_FULL_URI, or _RELATIVE_URI on 169.254.170.2,
// with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE (read each time) or
// AWS_CONTAINER_AUTHORIZATION_TOKEN. Plain http only to loopback, 169.254.170.2, 169.254.170.23 and
// [fd00:ec2::23] (docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html).
CredentialsProvider container_credentials(Lookup lookup, CredentialsWorld world);

// IRSA: AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE (read each time), AWS_ROLE_SESSION_NAME, at
// STS of the region, or at AWS_ENDPOINT_URL_STS
// (docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html).
CredentialsProvider web_identity_credentials(Lookup lookup, std::string region,
                                             CredentialsWorld world);

// The first of these that the environment names, in the SDKs' order: keys, IRSA, container.
CredentialsProvider default_credentials(const Lookup& lookup, std::string region,
                                        CredentialsWorld world);

// What a container's endpoint answers: one JSON object with texts in it. Else what is wrong.
std::expected<Credentials, std::string> read_container_credentials(std::string_view json);

} // namespace aethel::store
