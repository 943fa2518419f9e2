// Objects in a bucket of S3, or of what speaks its protocol: one PUT an object, no multipart.
// Signed by sigv4.h, sent by libcurl (s3_transport.h). The protocol is
// docs.aws.amazon.com/AmazonS3/latest/API (PutObject, GetObject, HeadObject, DeleteObject,
// ListObjectsV2; "Error responses").
#pragma once

#include "store/object_store.h"
#include "store/s3_credentials.h"
#include "store/s3_transport.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace aethel::store {

// What one PUT may carry here. S3 takes 5 GiB; what is larger than this belongs into several
// objects, so that a retry costs little.
inline constexpr std::uint64_t object_limit = 64ULL << 20;

struct ObjectLock {
  enum class Mode : std::uint8_t { governance, compliance };
  Mode mode = Mode::governance;
  int days = 0; // 1 to 36,500, from each PUT
};

struct BucketOptions {
  std::string bucket;
  std::string region = "us-east-1";
  // "https://HOST[:PORT]"; empty: AWS's of the region. With "http://" session tokens and what is
  // read go in the clear, and nobody's identity is checked.
  std::string endpoint;
  std::string prefix; // parts as in a key; every object's name begins with it and '/'

  // https://HOST/BUCKET/KEY or https://BUCKET.HOST/KEY. Automatic: a path at an endpoint that is
  // given, and where a dot in the bucket's name would not fit AWS's certificate.
  enum class Style : std::uint8_t { automatic, path, virtual_host };
  Style style = Style::automatic;

  CredentialsProvider credentials;

  // Sent with every PUT. `remove` then removes versions rather than hiding them under a delete
  // marker, so that `locked` is what the store says.
  std::optional<ObjectLock> lock;

  // SHA-256 kept by the store beside the object (x-amz-checksum-sha256) and compared on reading.
  // Automatic: at AWS only. Others refuse the header (Backblaze B2: 400 "Unsupported header");
  // their uploads are still held to the signed x-amz-content-sha256, and what is read is held to
  // what sealed it, by the caller.
  enum class Checksum : std::uint8_t { automatic, sent, omitted };
  Checksum checksum = Checksum::automatic;

  // CA file, proxy, time-outs, stop.
  TransportOptions transport;

  // A request is sent at most so often; 0.1 s, 0.2 s, ... at most 20 s pass between, with full
  // jitter. All requests of a store share `retry_budget`: a retry takes one, a success gives a
  // tenth back, so that a store that is down is not asked six times by everybody.
  int attempts = 6;
  int retry_budget = 100;

  // The world; each has a default.
  struct World {
    std::function<std::int64_t()> now;                    // seconds since 1970
    std::function<void(std::chrono::milliseconds)> sleep; // ends early when stopped
    std::function<double()> random;                       // in [0, 1)
    std::shared_ptr<Transport> transport;
  };
  World world;
};

// `refused` when the options do not hold together. Asks nobody.
//
// Rights that are needed: s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket (without it
// AWS says of what is absent that it is denied); with a lock s3:PutObjectRetention,
// s3:GetObjectRetention and s3:DeleteObjectVersion too.
//
// Failures of what it gives back, beside those of every store:
//   denied       wrong or expired credentials, rights
//   refused      no such bucket, another region (named), a clock that differs (by how many
//   seconds),
//                a certificate that is not trusted, a request that the store does not know
//   unavailable  the last of all attempts failed: network, 5xx, 408, 429, SlowDown, stopped
//   corrupt      shorter, longer or with another checksum than said, each time
//   full         quota
// Messages hold the store's code and message, never a key, a token or a signature.
StoreResult<std::unique_ptr<ObjectStore>> open_bucket(BucketOptions options);

// Whether Put::if_absent holds: some servers ignore If-None-Match, some check it and then write, so
// that of two writers both win. Writes below "probe/", also from several threads at once, and
// removes that again; a bucket with versions keeps those. `nonce` is one part of a key and new for
// each probe.
StoreResult<bool> has_conditional_writes(ObjectStore& store, std::string_view nonce);
// The same of a bucket, without the lock that would keep what was written.
StoreResult<bool> has_conditional_writes(BucketOptions options, std::string_view nonce);

// The store's clock less ours, in seconds: at most one off by rounding, and half of the time that
// the answer took.
StoreResult<std::int64_t> clock_skew(ObjectStore& store, const std::function<std::int64_t()>& now);

} // namespace aethel::store
