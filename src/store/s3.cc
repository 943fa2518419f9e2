#include "store/s3.h"

#include "store/s3_retry.h"
#include "store/s3_xml.h"
#include "store/sigv4.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string_view>

namespace aethel::store {
namespace {

// 10 million objects are 1 GiB of listing here; nobody's backups, and the end of a server that
// never says that it is done.
constexpr std::size_t listing_limit = 10'000'000;
constexpr std::uint64_t page_limit = 16 << 20;
constexpr int versions_limit = 1000;
constexpr int compared = 5;

std::string base64_of(const sigv4::Digest& digest) {
  return sigv4::base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// Nothing where MD5 is forbidden (FIPS).
std::optional<std::string> content_md5(std::string_view bytes) {
  std::array<char, 16> out{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
                 EVP_md5(), nullptr) != 1)
    return std::nullopt;
  return sigv4::base64({out.data(), out.size()});
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// "bytes 3-5/10".
struct ContentRange {
  std::uint64_t first = 0, last = 0, total = 0;
};
std::optional<ContentRange> parse_content_range(std::string_view text) {
  if (!text.starts_with("bytes ")) return std::nullopt;
  text.remove_prefix(6);
  const std::size_t dash = text.find('-'), slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash)
    return std::nullopt;
  const auto first = parse_count(text.substr(0, dash)),
             last = parse_count(text.substr(dash + 1, slash - dash - 1)),
             total = parse_count(text.substr(slash + 1));
  if (!first || !last || !total || *first > *last || *last >= *total) return std::nullopt;
  return ContentRange{*first, *last, *total};
}

bool contains_word(std::string_view text, std::string_view word) {
  return !std::ranges::search(text, word, [](char a, char b) {
            return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
          }).empty();
}

class BucketStore final : public ObjectStore {
public:
  BucketStore(BucketOptions options, std::string scheme, std::string host, std::string base,
              bool checksums)
      : options_(std::move(options)), scheme_(std::move(scheme)), host_(std::move(host)),
        base_(std::move(base)), checksums_(checksums), retries_({.attempts = options_.attempts,
                                                                 .budget = options_.retry_budget,
                                                                 .sleep = options_.world.sleep,
                                                                 .random = options_.world.random}) {
  }

  StoreResult<void> put(std::string_view key, std::string_view bytes, Put mode) override {
    return put_hashed(key, bytes, mode, sigv4::sha256(bytes));
  }

  StoreResult<void> put_hashed(std::string_view key, std::string_view bytes, Put mode,
                               const sigv4::Digest& digest) override {
    if (auto named = check(key); !named) return named;
    if (bytes.size() > object_limit)
      return trouble(Trouble::refused,
                     fmt::format("\"{}\" has more than {} bytes", key, object_limit));
    Ask ask{.method = "PUT", .key = key, .what = "write", .body = bytes, .has_body = true};
    ask.payload = sigv4::hex(digest);
    if (mode == Put::if_absent) ask.headers.emplace_back("If-None-Match", "*");
    if (checksums_) ask.headers.emplace_back("x-amz-checksum-sha256", base64_of(digest));
    if (options_.lock) {
      // An upload with a lock has to carry a checksum of S3's own kinds (PutObject, "Content-MD5").
      // MD5 is the one that every server knows; it guards nothing here.
      if (!checksums_) {
        const auto md5 = content_md5(bytes);
        if (!md5)
          return trouble(Trouble::refused, "an object lock at this store needs MD5, which this "
                                           "machine's OpenSSL does not do");
        ask.headers.emplace_back("Content-MD5", *md5);
      }
      const bool compliance = options_.lock->mode == ObjectLock::Mode::compliance;
      const std::string until =
          sigv4::amz_date(options_.world.now() + options_.lock->days * std::int64_t{86'400});
      ask.headers.emplace_back("x-amz-object-lock-mode", compliance ? "COMPLIANCE" : "GOVERNANCE");
      ask.headers.emplace_back("x-amz-object-lock-retain-until-date",
                               fmt::format("{}-{}-{}T{}:{}:{}Z", until.substr(0, 4),
                                           until.substr(4, 2), until.substr(6, 2),
                                           until.substr(9, 2), until.substr(11, 2),
                                           until.substr(13, 2)));
    }
    StoreResult<HttpResponse> answer = send(ask);
    // There is an object: another's, or ours of an answer that was lost. It may be gone when it is
    // looked at: removed, or renamed by a server that is still at it (versitygw keeping a version).
    for (int i = 0; !answer && answer.error().trouble == Trouble::exists && i < compared; ++i) {
      StoreResult<void> same = compare(key, bytes);
      if (same || same.error().trouble != Trouble::absent) return same;
      options_.world.sleep(retries_.pause(i + 1, {}));
      answer = send(ask);
    }
    if (!answer) return std::unexpected(std::move(answer.error()));
    // A proxy's or a portal's friendly page is no proof that anything was kept.
    if (answer->header("etag") == nullptr)
      return trouble(Trouble::refused,
                     fmt::format("cannot write \"{}\": what answers at {} is no S3", key, host_));
    return {};
  }

  StoreResult<std::string> get(std::string_view key, std::uint64_t limit) override {
    if (auto named = check(key); !named) return std::unexpected(std::move(named.error()));
    Ask ask{.method = "GET", .key = key, .what = "read", .limit = limit};
    if (checksums_) ask.headers.emplace_back("x-amz-checksum-mode", "ENABLED");
    ask.accept = [this](const HttpResponse& response) -> std::optional<StoreFailure> {
      if (response.status != 200) return StoreFailure{Trouble::refused, "is answered strangely"};
      if (auto wrong = incomplete(response)) return wrong;
      const std::string* const sum = response.header("x-amz-checksum-sha256");
      // "-2" at its end: of an object that somebody copied in two parts, over its parts' sums.
      if (!checksums_ || sum == nullptr || sum->contains('-')) return std::nullopt;
      if (*sum == base64_of(sigv4::sha256(response.body))) return std::nullopt;
      return StoreFailure{Trouble::corrupt, "is not what was written: its SHA-256 differs"};
    };
    StoreResult<HttpResponse> answer = send(ask);
    if (!answer) return std::unexpected(std::move(answer.error()));
    return std::move(answer->body);
  }

  StoreResult<std::string> get_range(std::string_view key, std::uint64_t offset,
                                     std::uint64_t length) override {
    // No object ends after that, and servers count in signed numbers.
    constexpr std::uint64_t most = INT64_MAX;
    if (length == 0 || offset > most) {
      StoreResult<ObjectInfo> there = status(key);
      if (!there) return std::unexpected(std::move(there.error()));
      return std::string();
    }
    if (auto named = check(key); !named) return std::unexpected(std::move(named.error()));
    const std::uint64_t last = length - 1 > most - offset ? most : offset + (length - 1);
    Ask ask{.method = "GET", .key = key, .what = "read", .limit = length, .ranged = true};
    ask.headers.emplace_back("Range", last == most ? fmt::format("bytes={}-", offset)
                                                   : fmt::format("bytes={}-{}", offset, last));
    ask.accept = [&](const HttpResponse& response) -> std::optional<StoreFailure> {
      if (response.status == 200 && offset == 0)
        return incomplete(response);                   // all, and not too much
      if (response.status == 416) return std::nullopt; // it begins at the end, or after it
      if (response.status != 206)
        return StoreFailure{Trouble::refused, "cannot be read in parts from this store"};
      if (auto wrong = incomplete(response)) return wrong;
      const std::string* const text = response.header("content-range");
      const auto range = text == nullptr ? std::nullopt : parse_content_range(*text);
      if (!range || range->first != offset || range->last != std::min(last, range->total - 1) ||
          response.body.size() != range->last - range->first + 1)
        return StoreFailure{Trouble::corrupt, "is answered with another range than asked for"};
      return std::nullopt;
    };
    StoreResult<HttpResponse> answer = send(ask);
    if (!answer) return std::unexpected(std::move(answer.error()));
    return answer->status == 416 ? std::string() : std::move(answer->body);
  }

  StoreResult<ObjectInfo> status(std::string_view key) override {
    StoreResult<HttpResponse> answer = head(key);
    if (!answer) return std::unexpected(std::move(answer.error()));
    const std::string* const length = answer->header("content-length");
    const std::string* const modified = answer->header("last-modified");
    const auto size = length == nullptr ? std::nullopt : parse_count(*length);
    const auto time = modified == nullptr ? std::nullopt : parse_http_date(*modified);
    if (!size || !time)
      return trouble(Trouble::refused,
                     fmt::format("cannot find \"{}\": what answers at {} is no S3", key, host_));
    return ObjectInfo{std::string(key), *size, *time};
  }

  StoreResult<std::vector<ObjectInfo>> list(std::string_view prefix) override {
    const std::string below = options_.prefix.empty() ? "" : options_.prefix + "/";
    const std::string wanted = below + std::string(prefix);
    std::vector<ObjectInfo> out;
    std::set<std::string, std::less<>> tokens;
    std::string token;
    while (true) {
      Ask ask{.method = "GET", .what = "list", .limit = page_limit};
      // Keys may hold what XML cannot.
      ask.query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", wanted}};
      if (!token.empty()) ask.query.emplace_back("continuation-token", token);
      ListPage page;
      ask.accept = [&page](const HttpResponse& response) -> std::optional<StoreFailure> {
        auto read = read_list_page(response.body);
        if (!read) return StoreFailure{Trouble::corrupt, "is answered by what " + read.error()};
        page = std::move(*read);
        return std::nullopt;
      };
      StoreResult<HttpResponse> answer = send(ask);
      if (!answer) return std::unexpected(std::move(answer.error()));
      for (ObjectInfo& each : page.objects) {
        if (!each.key.starts_with(wanted))
          return trouble(
              Trouble::corrupt,
              fmt::format("cannot list {}: objects come that were not asked for", describe()));
        each.key.erase(0, below.size());
        // Others' objects, and the empty ones that consoles make for folders.
        if (is_key(each.key)) out.push_back(std::move(each));
      }
      if (out.size() > listing_limit)
        return trouble(Trouble::refused,
                       fmt::format("{} holds more than {} objects", describe(), listing_limit));
      if (!page.truncated) break;
      token = std::move(page.next);
      if (!tokens.insert(token).second)
        return trouble(Trouble::corrupt,
                       fmt::format("cannot list {}: its pages go in a circle", describe()));
    }
    std::ranges::sort(out, {}, &ObjectInfo::key);
    if (std::ranges::adjacent_find(out, {}, &ObjectInfo::key) != out.end())
      return trouble(Trouble::corrupt,
                     fmt::format("cannot list {}: an object comes twice", describe()));
    return out;
  }

  StoreResult<void> remove(std::string_view key) override {
    if (auto named = check(key); !named) return named;
    if (!options_.lock) return remove_version(key, "");
    // Under a lock the bucket has versions, and a plain DELETE would only hide the newest.
    std::string before;
    for (int i = 0; i < versions_limit; ++i) {
      StoreResult<HttpResponse> about = head(key);
      if (!about)
        return about.error().trouble == Trouble::absent ? StoreResult<void>()
                                                        : std::unexpected(std::move(about.error()));
      const std::string* const version = about->header("x-amz-version-id");
      if (version == nullptr) return remove_version(key, "");
      if (*version == before) break;
      const std::string* const until = about->header("x-amz-object-lock-retain-until-date");
      const std::string* const hold = about->header("x-amz-object-lock-legal-hold");
      if (hold != nullptr && *hold == "ON")
        return trouble(Trouble::locked, fmt::format("\"{}\" is under a legal hold", key));
      const std::string* const date = about->header("date");
      const auto now = date == nullptr ? std::nullopt : parse_http_date(*date);
      const auto end = until == nullptr ? std::nullopt : parse_iso_date(*until);
      if (end && now && *end > *now)
        return trouble(Trouble::locked, fmt::format("\"{}\" is locked until {}", key, *until));
      if (auto removed = remove_version(key, *version); !removed) return removed;
      before = *version;
    }
    return trouble(Trouble::refused, fmt::format("\"{}\" does not go: too many versions", key));
  }

  StoreResult<std::int64_t> clock() override {
    // An answer to a request that was let in: an error's date may be a proxy's.
    Ask ask{.method = "GET", .what = "ask the time of", .limit = page_limit};
    ask.query = {{"list-type", "2"}, {"max-keys", "1"}, {"prefix", options_.prefix}};
    ask.accept = [](const HttpResponse& response) -> std::optional<StoreFailure> {
      if (read_list_page(response.body)) return std::nullopt;
      return StoreFailure{Trouble::refused, "does not say the time: what answers is no S3"};
    };
    StoreResult<HttpResponse> answer = send(ask);
    if (!answer) return std::unexpected(std::move(answer.error()));
    const std::string* const date = answer->header("date");
    const auto time = date == nullptr ? std::nullopt : parse_http_date(*date);
    if (!time)
      return trouble(Trouble::refused, fmt::format("{} does not say the time", describe()));
    return *time;
  }

  std::string describe() const override {
    return fmt::format("bucket {} at {}://{}{}{}", options_.bucket, scheme_, host_,
                       options_.prefix.empty() ? "" : "/", options_.prefix);
  }

private:
  struct Ask {
    std::string_view method;
    std::string_view key = {}; // empty: the bucket
    std::string_view what;     // "cannot WHAT ..."
    std::string_view body = {};
    bool has_body = false;
    std::string payload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    sigv4::Pairs query = {};
    sigv4::Pairs headers = {};
    std::uint64_t limit = 64 * 1024;
    bool ranged = false; // 416 is an answer
    // What is wrong with an answer of success; `corrupt` is asked again.
    std::function<std::optional<StoreFailure>(const HttpResponse&)> accept = nullptr;
  };

  static StoreResult<void> check(std::string_view key) {
    if (!is_key(key)) return trouble(Trouble::refused, fmt::format("\"{}\" is no key", key));
    return {};
  }

  static std::optional<StoreFailure> incomplete(const HttpResponse& response) {
    // Every object has one; a portal's page has none.
    if (response.header("etag") == nullptr)
      return StoreFailure{Trouble::refused, "cannot be read: what answers is no S3"};
    // With neither an answer that ends early looks like one that is whole; chunks have an end that
    // libcurl waits for.
    const std::string* const length = response.header("content-length");
    if (length == nullptr ? response.header("transfer-encoding") != nullptr
                          : parse_count(*length) == response.body.size())
      return std::nullopt;
    return StoreFailure{Trouble::corrupt, "does not come with its length"};
  }

  StoreResult<HttpResponse> head(std::string_view key) {
    if (auto named = check(key); !named) return std::unexpected(std::move(named.error()));
    return send({.method = "HEAD", .key = key, .what = "find"});
  }

  StoreResult<void> remove_version(std::string_view key, std::string_view version) {
    Ask ask{.method = "DELETE", .key = key, .what = "remove"};
    if (!version.empty()) ask.query.emplace_back("versionId", version);
    ask.accept = [](const HttpResponse& response) -> std::optional<StoreFailure> {
      if (response.status == 204 || response.body.empty()) return std::nullopt;
      return StoreFailure{Trouble::refused, "cannot be removed: what answers is no S3"};
    };
    StoreResult<HttpResponse> answer = send(ask);
    if (!answer && answer.error().trouble != Trouble::absent)
      return std::unexpected(std::move(answer.error()));
    return {};
  }

  // What is there, against what was to be written.
  StoreResult<void> compare(std::string_view key, std::string_view bytes) {
    StoreResult<ObjectInfo> about = status(key);
    if (!about) return std::unexpected(std::move(about.error()));
    if (about->size == bytes.size()) {
      StoreResult<std::string> there = get(key, bytes.size());
      if (!there) return std::unexpected(std::move(there.error()));
      if (*there == bytes) return {};
    }
    return trouble(Trouble::exists, fmt::format("\"{}\" is there already", key));
  }

  std::string name_of(const Ask& ask) const {
    return ask.key.empty() ? describe() : fmt::format("\"{}\"", ask.key);
  }

  StoreResult<HttpResponse> send(const Ask& ask) {
    bool renewed = false;
    return retries_.run<HttpResponse>([&]() -> Attempt<HttpResponse> {
      Attempt<HttpResponse> out = once(ask);
      // Credentials that ended on the way: the next signature has those of then.
      if (out.again == Again::renewed) {
        out.again = renewed ? Again::no : Again::at_once;
        renewed = true;
      }
      return out;
    });
  }

  Attempt<HttpResponse> once(const Ask& ask) {
    if (options_.transport.stop.stop_requested())
      return {trouble(Trouble::unavailable,
                      fmt::format("cannot {} {}: stopped", ask.what, name_of(ask)))};
    StoreResult<Credentials> who = options_.credentials();
    if (!who)
      return {trouble(who.error().trouble,
                      fmt::format("cannot {} {}: {}", ask.what, name_of(ask), who.error().message)),
              who.error().trouble == Trouble::unavailable ? Again::yes : Again::no};

    std::string path = base_;
    if (!ask.key.empty()) {
      const std::string key = options_.prefix.empty()
                                  ? std::string(ask.key)
                                  : fmt::format("{}/{}", options_.prefix, ask.key);
      path += (path.ends_with('/') ? "" : "/") + sigv4::uri_encode(key, sigv4::Slash::kept);
    }
    const std::int64_t now = options_.world.now();
    const std::string date = sigv4::amz_date(now);
    sigv4::Request request{.method = std::string(ask.method),
                           .path = std::move(path),
                           .query = ask.query,
                           .headers = ask.headers,
                           .payload = ask.payload};
    request.headers.emplace_back("Host", host_);
    request.headers.emplace_back("x-amz-content-sha256", ask.payload);
    request.headers.emplace_back("x-amz-date", date);
    if (!who->session_token.empty())
      request.headers.emplace_back("x-amz-security-token", who->session_token.text());
    std::string authorization =
        sigv4::authorization(request,
                             {.access_key_id = who->access_key_id,
                              .secret_access_key = who->secret_access_key.text(),
                              .region = options_.region,
                              .service = "s3"},
                             date);
    const std::string signature = authorization.substr(authorization.rfind('=') + 1);
    request.headers.emplace_back("Authorization", std::move(authorization));
    const std::string query = sigv4::canonical_query(request.query);
    auto answer = options_.world.transport->exchange(
        {.method = request.method,
         .url = fmt::format("{}://{}{}{}{}", scheme_, host_, request.path, query.empty() ? "" : "?",
                            query),
         .headers = std::move(request.headers),
         .body = ask.body,
         .has_body = ask.has_body,
         .limit = ask.limit});

    Attempt<HttpResponse> out =
        answer ? judge(ask, std::move(*answer), now) : broken(ask, answer.error());
    if (!out.result) {
      // Whatever a server repeats of what it was sent.
      for (const std::string_view secret :
           {std::string_view(signature), who->secret_access_key.text(), who->session_token.text()})
        hide(out.result.error().message, secret);
    }
    return out;
  }

  static void hide(std::string& message, std::string_view secret) {
    if (secret.empty()) return;
    constexpr std::string_view shown = "***";
    for (std::size_t at = message.find(secret); at != std::string::npos;
         at = message.find(secret, at + shown.size()))
      message.replace(at, secret.size(), shown);
  }

  Attempt<HttpResponse> broken(const Ask& ask, const TransportFailure& failure) const {
    using Kind = TransportFailure::Kind;
    const std::string text =
        fmt::format("cannot {} {}: {}", ask.what, name_of(ask), failure.message);
    switch (failure.kind) {
    case Kind::too_large:
      return {trouble(Trouble::corrupt, fmt::format("cannot {} {}: it is larger than {} bytes",
                                                    ask.what, name_of(ask), ask.limit))};
    case Kind::untrusted:
    case Kind::unusable: return {trouble(Trouble::refused, text)};
    case Kind::stopped:
      return {trouble(Trouble::unavailable,
                      fmt::format("cannot {} {}: stopped", ask.what, name_of(ask)))};
    case Kind::unreachable:
    case Kind::stalled:
    case Kind::broken: break;
    }
    return {trouble(Trouble::unavailable, text), Again::yes};
  }

  Attempt<HttpResponse> judge(const Ask& ask, HttpResponse response, std::int64_t now) const {
    if ((response.status >= 200 && response.status < 300) ||
        (ask.ranged && response.status == 416)) {
      if (ask.accept) {
        if (auto wrong = ask.accept(response)) {
          const Again again = wrong->trouble == Trouble::corrupt ? Again::yes : Again::no;
          return {trouble(wrong->trouble, fmt::format("{} {}", name_of(ask), wrong->message)),
                  again};
        }
      }
      return {std::move(response)};
    }
    const S3Error error = read_s3_error(response.body).value_or(S3Error{});
    std::string why =
        fmt::format("cannot {} {}: status {}", ask.what, name_of(ask), response.status);
    if (!error.code.empty()) why += " " + error.code;
    if (!error.message.empty()) why += ": " + error.message;
    const auto is = [&error](std::initializer_list<std::string_view> codes) {
      return std::ranges::find(codes, error.code) != codes.end();
    };
    const auto failed = [&](Trouble kind, Again again = Again::no) -> Attempt<HttpResponse> {
      Attempt<HttpResponse> out{trouble(kind, std::move(why)), again};
      if (const std::string* const after = response.header("retry-after"))
        out.after =
            std::chrono::seconds(std::min<std::uint64_t>(parse_count(*after).value_or(0), 60));
      return out;
    };

    // Another region: 301, 307, or 400 AuthorizationHeaderMalformed with the right one in it.
    const std::string* const there = response.header("x-amz-bucket-region");
    const std::string region = !error.region.empty() ? error.region
                               : there != nullptr    ? *there
                                                     : "";
    const bool redirected =
        response.status >= 300 && response.status < 400 && response.status != 304;
    if (redirected || is({"AuthorizationHeaderMalformed"})) {
      if (!region.empty() && region != options_.region) {
        why = fmt::format("bucket {} is in region \"{}\", not \"{}\"", options_.bucket, region,
                          options_.region);
      } else if (redirected) {
        why += fmt::format("; redirects are not followed: the endpoint should be {}",
                           error.endpoint.empty() ? "another" : error.endpoint);
      }
      return failed(Trouble::refused);
    }
    if (is({"RequestTimeTooSkewed"})) {
      const std::string* const date = response.header("date");
      if (const auto time = date == nullptr ? std::nullopt : parse_http_date(*date); time) {
        const std::int64_t ahead = now - *time;
        why = fmt::format("cannot {} {}: this machine's clock is {} seconds {} the store's",
                          ask.what, name_of(ask), ahead < 0 ? -ahead : ahead,
                          ahead < 0 ? "behind" : "ahead of");
      }
      return failed(Trouble::refused);
    }
    // Before all that goes by status: what servers say with different ones.
    if (is({"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling",
            "ThrottlingException", "RequestLimitExceeded", "TooManyRequests", "OperationAborted",
            "ConditionalRequestConflict"}))
      return failed(Trouble::unavailable, Again::yes);
    if (is({"QuotaExceeded", "StorageQuotaExceeded", "InsufficientStorage", "XMinioStorageFull",
            "XMinioAdminBucketQuotaExceeded"}) ||
        response.status == 507)
      return failed(Trouble::full);
    // The body that arrived is not the one that was signed: changed on the way, as it was hashed
    // from memory.
    if (is({"BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch",
            "IncompleteBody"}))
      return failed(Trouble::corrupt, Again::yes);
    if (is({"NoSuchBucket"})) return failed(Trouble::refused);
    if (is({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}))
      return failed(Trouble::denied, Again::renewed);
    // Of an unknown key id versitygw says so with 404.
    if (is({"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "XAdminUserNotFound",
            "NotSignedUp", "AccountProblem"}))
      return failed(Trouble::denied);

    switch (response.status) {
    case 401:
    case 403:
    case 405:
      if (ask.method == "DELETE" &&
          (is({"ObjectLocked"}) || contains_word(error.message, "object lock") ||
           contains_word(error.message, "worm") || contains_word(error.message, "retention") ||
           contains_word(error.message, "legal hold")))
        return failed(Trouble::locked);
      return failed(response.status == 405 ? Trouble::refused : Trouble::denied);
    case 404:
      // Of a store, not of a proxy in between: "absent" is acted upon. HEAD has no more to say.
      if (!ask.key.empty() && ask.method != "PUT" &&
          (ask.method == "HEAD" || is({"NoSuchKey", "NoSuchVersion", "NotFound"}))) {
        why = fmt::format("\"{}\" is not there", ask.key);
        return failed(Trouble::absent);
      }
      return failed(Trouble::refused);
    case 412: why = fmt::format("\"{}\" is there already", ask.key); return failed(Trouble::exists);
    case 400:
      // An answer to HEAD says no more; it may be ExpiredToken.
      if (ask.method == "HEAD") return failed(Trouble::refused, Again::renewed);
      break;
    case 409:
      if (error.code.empty()) return failed(Trouble::unavailable, Again::yes);
      break;
    case 408:
    case 425:
    case 429: return failed(Trouble::unavailable, Again::yes);
    case 501:
    case 505: return failed(Trouble::refused); // "not implemented" does not pass
    default: break;
    }
    if (response.status >= 500) return failed(Trouble::unavailable, Again::yes);
    if (ask.method == "DELETE" && (is({"ObjectLocked"}) || contains_word(error.message, "worm")))
      return failed(Trouble::locked);
    return failed(Trouble::refused);
  }

  BucketOptions options_;
  std::string scheme_;
  std::string host_; // as in the header: with the port where it is not the scheme's
  std::string base_; // path of the bucket, encoded
  bool checksums_;
  Retries retries_;
};

// Names that go into a host or a path as they are (docs.aws.amazon.com/AmazonS3/latest/userguide/
// bucketnamingrules.html, and the capitals and underscores of the oldest buckets).
bool is_bucket(std::string_view name) {
  if (name.size() < 3 || name.size() > 255 || name.front() == '.' || name.contains(".."))
    return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool is_region(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Of a host and port: what libcurl cannot read otherwise than we do.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 255 && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == ':' || c == '[' || c == ']' || c == '_';
  });
}

} // namespace

StoreResult<std::unique_ptr<ObjectStore>> open_bucket(BucketOptions options) {
  if (!is_bucket(options.bucket))
    return trouble(Trouble::refused, fmt::format("\"{}\" is no bucket's name", options.bucket));
  if (!is_region(options.region))
    return trouble(Trouble::refused, fmt::format("\"{}\" is no region", options.region));
  while (options.prefix.ends_with('/')) options.prefix.pop_back();
  if (!options.prefix.empty() && (!is_key(options.prefix) || options.prefix.size() > 400))
    return trouble(
        Trouble::refused,
        fmt::format("\"{}\" is no prefix: parts of [A-Za-z0-9._-] joined by \"/\", of at "
                    "most 400 bytes",
                    options.prefix));
  if (options.lock && (options.lock->days < 1 || options.lock->days > 36'500))
    return trouble(Trouble::refused, "an object lock is for 1 to 36500 days");
  if (options.attempts < 1 || options.retry_budget < 0)
    return trouble(Trouble::refused, "a request needs an attempt");
  if (!options.credentials) return trouble(Trouble::refused, "no credentials for the bucket");

  const bool aws = options.endpoint.empty();
  std::string endpoint = aws ? fmt::format("https://s3.{}.amazonaws.com{}", options.region,
                                           options.region.starts_with("cn-") ? ".cn" : "")
                             : options.endpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  const std::size_t colon = endpoint.find("://");
  const std::string scheme = endpoint.substr(0, colon == std::string::npos ? 0 : colon);
  std::string host = colon == std::string::npos ? "" : endpoint.substr(colon + 3);
  if ((scheme != "http" && scheme != "https") || !is_host(host))
    return trouble(Trouble::refused,
                   "an endpoint is \"https://HOST[:PORT]\" or \"http://HOST[:PORT]\", without path "
                   "or credentials");
  // libcurl and servers leave the scheme's own port out.
  const std::string_view usual = scheme == "https" ? ":443" : ":80";
  if (host.ends_with(usual)) host.resize(host.size() - usual.size());

  using Style = BucketOptions::Style;
  const bool by_host = options.style == Style::virtual_host ||
                       (options.style == Style::automatic && aws && !options.bucket.contains('.'));
  const std::string base =
      by_host ? "/" : "/" + sigv4::uri_encode(options.bucket, sigv4::Slash::encoded);
  if (by_host) host = options.bucket + "." + host;

  using Checksum = BucketOptions::Checksum;
  const bool checksums =
      options.checksum == Checksum::sent || (options.checksum == Checksum::automatic && aws);
  complete(options.world, options.transport);
  return std::make_unique<BucketStore>(std::move(options), scheme, host, base, checksums);
}

} // namespace aethel::store
