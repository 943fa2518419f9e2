// A bucket on a server that listens on loopback, which tests/running/s3.py starts: ours, with its
// mistakes (tests/support/s3_server.py), or versitygw.
#include "store/s3.h"
#include "store/s3_retry.h"
#include "support/store_contract.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <unistd.h>

namespace aethel::store {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

std::string env(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}
const bool ours = env("S3_KIND") == "ours";

Credentials credentials() {
  return {.access_key_id = env("S3_ACCESS"),
          .secret_access_key = SecretText(env("S3_SECRET")),
          .session_token = SecretText(env("S3_TOKEN"))};
}

// Pauses are noted and not made.
struct Pauses {
  std::mutex mutex;
  std::vector<std::chrono::milliseconds> all;
};

BucketOptions options(const std::shared_ptr<Pauses>& pauses = std::make_shared<Pauses>()) {
  static std::atomic<int> count = 0;
  BucketOptions out;
  out.bucket = env("S3_BUCKET");
  out.region = env("S3_REGION");
  out.endpoint = env("S3_ENDPOINT");
  if (out.endpoint.empty()) out.endpoint = "http://127.0.0.1:1"; // never AWS
  out.prefix = "test-" + std::to_string(::getpid()) + "/" + std::to_string(count++);
  out.credentials = fixed_credentials(credentials());
  out.retry_budget = 100'000; // its own test has less
  out.world.sleep = [pauses](std::chrono::milliseconds time) {
    const std::scoped_lock lock(pauses->mutex);
    pauses->all.push_back(time);
  };
  return out;
}

// The value, or the end of the test with the failure's message.
template <class T> T value_of(StoreResult<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::unique_ptr<ObjectStore> open(BucketOptions given) {
  auto store = open_bucket(std::move(given));
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

INSTANTIATE_TEST_SUITE_P(
    Bucket, Store,
    testing::Values(StoreMaker{"bucket", [] { return MadeStore{{}, open(options())}; }},
                    StoreMaker{"with_checksums",
                               [] {
                                 BucketOptions given = options();
                                 given.checksum = BucketOptions::Checksum::sent;
                                 return MadeStore{{}, open(std::move(given))};
                               }},
                    StoreMaker{"without_prefix",
                               [] {
                                 BucketOptions given = options();
                                 given.prefix = "";
                                 auto store = open(std::move(given));
                                 for (const ObjectInfo& each : store->list("").value())
                                   EXPECT_TRUE(store->remove(each.key));
                                 return MadeStore{{}, std::move(store)};
                               }}),
    store_name);

class Bucket : public testing::Test {
protected:
  std::shared_ptr<Pauses> pauses = std::make_shared<Pauses>();
  std::unique_ptr<ObjectStore> store = open(options(pauses));
};

TEST_F(Bucket, KeepsEmptyAndLargeObjects) {
  std::string large(8 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i)
    large[i] = static_cast<char>((i * 2654435761U) >> 13);
  ASSERT_TRUE(store->put("large", large, Put::if_absent));
  EXPECT_TRUE(value_of(store->get("large", large.size())) == large);
  EXPECT_EQ(value_of(store->get_range("large", 5'000'000, 10)), large.substr(5'000'000, 10));
  EXPECT_EQ(store->get_range("large", large.size() - 3, UINT64_MAX).value(),
            large.substr(large.size() - 3));
  EXPECT_EQ(store->get("large", large.size() - 1).error().trouble, Trouble::corrupt);
  ASSERT_TRUE(store->put("empty", "", Put::if_absent));
  EXPECT_EQ(value_of(store->get_range("empty", 0, 5)), "");
  EXPECT_EQ(value_of(store->get_range("empty", 0, 0)), "");
  EXPECT_EQ(store->get_range("none", 0, 0).error().trouble, Trouble::absent);
}

TEST_F(Bucket, RefusesWhatIsTooLargeForOnePut) {
  EXPECT_EQ(store->put("a", std::string(object_limit + 1, 'x'), Put::always).error().trouble,
            Trouble::refused);
}

TEST_F(Bucket, SaysWhereItIs) {
  EXPECT_THAT(store->describe(), HasSubstr("bucket " + env("S3_BUCKET") + " at http://127.0.0.1:"));
}

TEST_F(Bucket, HasTheStoresClock) {
  const auto skew = clock_skew(*store, [] { return std::int64_t{std::time(nullptr)}; });
  ASSERT_TRUE(skew) << skew.error().message;
  EXPECT_LE(std::abs(*skew), 30);
  ASSERT_TRUE(store->put("a", "x", Put::always));
  EXPECT_LE(std::abs(value_of(store->status("a")).modified - value_of(store->clock())), 30);
  EXPECT_EQ(value_of(store->list("")).at(0).modified, value_of(store->status("a")).modified);
}

TEST_F(Bucket, HasConditionalWrites) {
  const auto holds = has_conditional_writes(*store, "nonce");
  ASSERT_TRUE(holds) << holds.error().message;
  EXPECT_TRUE(*holds);
  EXPECT_EQ(value_of(store->list("")).size(), 0u) << "it cleans up";
}

TEST_F(Bucket, RefusesWrongCredentials) {
  BucketOptions wrong = options();
  Credentials who = credentials();
  who.secret_access_key = SecretText("the-wrong-secret-of-somebody");
  wrong.credentials = fixed_credentials(who);
  const auto result = open(wrong)->put("a", "x", Put::always);
  EXPECT_EQ(result.error().trouble, Trouble::denied);
  EXPECT_THAT(result.error().message, HasSubstr("SignatureDoesNotMatch"));
  EXPECT_THAT(result.error().message, Not(HasSubstr("the-wrong-secret")));
  who.access_key_id = "NOBODY";
  wrong.credentials = fixed_credentials(who);
  EXPECT_EQ(open(wrong)->get("a", 9).error().trouble, Trouble::denied);
  EXPECT_EQ(open(wrong)->list("").error().trouble, Trouble::denied);
}

TEST_F(Bucket, NamesABucketThatIsNotThere) {
  BucketOptions wrong = options();
  wrong.bucket = "no-such-bucket";
  const auto store = open(wrong);
  for (const auto& failure : {store->put("a", "x", Put::always).error(), store->list("").error(),
                              store->get("a", 9).error(), store->clock().error()}) {
    EXPECT_EQ(failure.trouble, Trouble::refused) << failure.message;
    EXPECT_THAT(failure.message, HasSubstr("NoSuchBucket"));
  }
}

TEST_F(Bucket, SaysByHowMuchTheClockDiffers) {
  BucketOptions late = options();
  late.world.now = [] { return std::int64_t{std::time(nullptr)} - 7200; };
  const auto result = open(late)->put("a", "x", Put::always);
  EXPECT_EQ(result.error().trouble, Trouble::refused);
  EXPECT_THAT(result.error().message,
              testing::ContainsRegex("clock is 7(19|20|21)[0-9] seconds behind the store's"));
}

TEST_F(Bucket, SaysThatNobodyIsThere) {
  BucketOptions gone = options(pauses);
  gone.endpoint = "http://127.0.0.1:1";
  const auto result = open(gone)->put("a", "x", Put::if_absent);
  EXPECT_EQ(result.error().trouble, Trouble::unavailable);
  EXPECT_THAT(result.error().message, HasSubstr("6 times"));
  EXPECT_EQ(pauses->all.size(), 5u);
}

TEST_F(Bucket, KeepsWhatIsLocked) {
  using Mode = ObjectLock::Mode;
  for (const Mode mode : {Mode::governance, Mode::compliance}) {
    BucketOptions given = options();
    given.bucket = env("S3_LOCK_BUCKET");
    given.lock = ObjectLock{.mode = mode, .days = 1};
    const auto locking = open(given);
    ASSERT_TRUE(locking->put("a", "x", Put::if_absent));
    EXPECT_TRUE(locking->put("a", "x", Put::if_absent));
    const auto removed = locking->remove("a");
    EXPECT_EQ(removed.error().trouble, Trouble::locked) << removed.error().message;
    EXPECT_EQ(value_of(locking->get("a", 9)), "x");
    EXPECT_EQ(value_of(locking->list("")).size(), 1u);
    EXPECT_TRUE(locking->remove("absent"));
    given.checksum = BucketOptions::Checksum::sent;
    EXPECT_TRUE(open(given)->put("b", "x", Put::if_absent));
  }
}

TEST_F(Bucket, RemovesEveryVersionOnceItIsFree) {
  BucketOptions given = options();
  given.bucket = env("S3_LOCK_BUCKET");
  const auto plain = open(given);
  for (const char* text : {"1", "22", "333"}) ASSERT_TRUE(plain->put("a", text, Put::always));
  given.lock = ObjectLock{.days = 1};
  ASSERT_TRUE(open(given)->remove("a"));
  EXPECT_EQ(plain->status("a").error().trouble, Trouble::absent);
  // versitygw 1.8.0 lets two writers win in a bucket with versions, which is what the probe is for.
  const auto holds = has_conditional_writes(given, "nonce");
  ASSERT_TRUE(holds) << holds.error().message;
  if (ours) EXPECT_TRUE(*holds);
}

// --- Mistakes: of our server only
// -----------------------------------------------------------------

class Faulty : public Bucket {
protected:
  void SetUp() override {
    if (!ours) GTEST_SKIP() << "this server makes no mistakes on demand";
    order("POST", "/-/reset", "");
  }
  void TearDown() override {
    if (ours) order("POST", "/-/reset", "");
  }
  std::string order(const std::string& method, const std::string& path, std::string_view body) {
    auto answer = transport->exchange({.method = method,
                                       .url = env("S3_ENDPOINT") + path,
                                       .body = body,
                                       .has_body = method == "POST",
                                       .limit = 1 << 20});
    EXPECT_TRUE(answer && answer->status == 200);
    return answer ? answer->body : "";
  }
  void faults(std::string_view json) { order("POST", "/-/faults", json); }
  void settings(std::string_view json) { order("POST", "/-/settings", json); }
  int count(std::string_view what) {
    const std::string log = order("GET", "/-/log", "");
    int out = 0;
    for (std::size_t at = log.find(what); at != std::string::npos; at = log.find(what, at + 1))
      ++out;
    return out;
  }
  std::unique_ptr<Transport> transport = make_curl_transport({});
  const std::string bytes = std::string(300'000, 'b') + "end";
};

TEST_F(Faulty, TriesAgainWhatPasses) {
  for (
      const std::string_view fault :
      {R"({"what": "error", "status": 500, "code": "InternalError"})",
       R"({"what": "error", "status": 503, "code": "ServiceUnavailable"})",
       R"({"what": "error", "status": 503, "code": "SlowDown", "message": "Please reduce your request rate."})",
       R"({"what": "error", "status": 429, "code": "TooManyRequests"})",
       R"({"what": "error", "status": 408, "code": "RequestTimeout"})",
       R"({"what": "error", "status": 400, "code": "RequestTimeout"})",
       R"({"what": "error", "status": 409, "code": "OperationAborted"})",
       R"({"what": "error", "status": 502, "code": "not XML"})",
       R"({"what": "reset_up", "bytes": 0})", R"({"what": "reset_up", "bytes": 1000})",
       R"({"what": "reset_down"})", R"({"what": "short_down"})", R"({"what": "lost"})"}) {
    SCOPED_TRACE(fault);
    const std::string twice = std::string(fault.substr(0, fault.size() - 1)) + R"(, "times": 2})";
    for (const Put mode : {Put::always, Put::if_absent}) {
      order("POST", "/-/reset", "");
      faults("[" + twice + "]");
      const auto put = store->put("a", bytes, mode);
      EXPECT_TRUE(put) << put.error().message;
      faults("[" + twice + "]");
      const auto read = store->get("a", bytes.size());
      EXPECT_TRUE(read && *read == bytes) << (read ? "" : read.error().message);
      faults("[" + twice + "]");
      const auto range = store->get_range("a", 299'990, 100);
      EXPECT_EQ(range.value_or(""), "bbbbbbbbbbend");
      faults("[" + twice + "]");
      if (!fault.contains(R"("status": 400)")) // without a body there is no code
        EXPECT_EQ(store->status("a").value_or(ObjectInfo{}).size, bytes.size());
      faults("[" + twice + "]");
      EXPECT_EQ(store->list("").value_or(std::vector<ObjectInfo>()).size(), 1u);
      faults("[" + twice + "]");
      EXPECT_TRUE(store->clock());
      faults("[" + twice + "]");
      EXPECT_TRUE(store->remove("a"));
      EXPECT_EQ(value_of(store->list("")).size(), 0u);
    }
  }
}

TEST_F(Faulty, TriesAgainWhatStalls) {
  BucketOptions given = options(pauses);
  given.transport.stall_timeout = 1s;
  const auto hasty = open(given);
  // Small: libcurl looks at the average of five seconds.
  const std::string small(600, 's');
  faults(R"([{"what": "stall_up", "method": "PUT", "bytes": 100}])");
  EXPECT_TRUE(hasty->put("a", small, Put::if_absent));
  faults(R"([{"what": "stall_down", "method": "GET"}])");
  EXPECT_EQ(hasty->get("a", 1000).value_or(""), small);
  EXPECT_EQ(pauses->all.size(), 2u);
}

TEST_F(Faulty, GivesUpWhatDoesNotPass) {
  faults(R"([{"what": "error", "status": 503, "code": "SlowDown", "times": 99}])");
  const auto put = store->put("a", bytes, Put::always);
  EXPECT_EQ(put.error().trouble, Trouble::unavailable);
  EXPECT_THAT(put.error().message, HasSubstr("cannot write \"a\": status 503 SlowDown"));
  EXPECT_EQ(count("PUT"), 6);
  ASSERT_EQ(pauses->all.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_LE(pauses->all[i], 100ms * (1 << i));
  faults(R"([{"what": "short_down", "times": 99}])");
  EXPECT_EQ(store->get("b", 9).error().trouble, Trouble::unavailable);
}

TEST_F(Faulty, SpendsItsBudgetOnce) {
  BucketOptions given = options(pauses);
  given.retry_budget = 7;
  const auto poor = open(given);
  faults(R"([{"what": "error", "status": 500, "times": 999}])");
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(poor->get("a", 9));
  EXPECT_EQ(pauses->all.size(), 7u) << "5 of the first, 2 of the second, none of the others";
  order("POST", "/-/reset", "");
  EXPECT_TRUE(poor->put("a", "x", Put::always)) << "the first attempt is free";
}

TEST_F(Faulty, WaitsAsLongAsItIsTold) {
  faults(
      R"([{"what": "error", "status": 503, "code": "SlowDown", "headers": {"Retry-After": "7"}}])");
  EXPECT_TRUE(store->put("a", "x", Put::always));
  ASSERT_EQ(pauses->all.size(), 1u);
  EXPECT_GE(pauses->all[0], 7s);
}

TEST_F(Faulty, KnowsItsOwnObjectAfterALostAnswer) {
  faults(R"([{"what": "lost", "method": "PUT"}])");
  EXPECT_TRUE(store->put("a", bytes, Put::if_absent));
  EXPECT_EQ(count(R"("PUT")"), 2);
  EXPECT_EQ(count(R"("status": 412)"), 1) << "and then read what was there";
  // Another's object meanwhile is not ours.
  ASSERT_TRUE(store->put("other", "theirs", Put::always));
  faults(R"([{"what": "reset_up", "method": "PUT", "bytes": 0}])");
  EXPECT_EQ(store->put("other", "ours!!", Put::if_absent).error().trouble, Trouble::exists);
  EXPECT_EQ(value_of(store->get("other", 9)), "theirs");
}

TEST_F(Faulty, TriesAgainAfterAConflict) {
  faults(R"([{"what": "error", "status": 409, "code": "ConditionalRequestConflict", "times": 2}])");
  EXPECT_TRUE(store->put("a", "x", Put::if_absent));
  EXPECT_EQ(count(R"("PUT")"), 3);
}

TEST_F(Faulty, LooksWhetherThereIsAnObject) {
  faults(R"([{"what": "error", "status": 412, "code": "PreconditionFailed"}])");
  EXPECT_TRUE(store->put("a", "x", Put::if_absent)) << "nothing was there after all";
  EXPECT_EQ(value_of(store->get("a", 9)), "x");
  faults(
      R"([{"what": "error", "status": 412, "code": "PreconditionFailed", "method": "PUT", "times": 99}])");
  EXPECT_EQ(store->put("b", "x", Put::if_absent).error().trouble, Trouble::exists);
}

TEST_F(Faulty, FindsABitThatFlippedOnTheWay) {
  faults(R"([{"what": "flip_up", "method": "PUT", "times": 2}])");
  EXPECT_TRUE(store->put("a", bytes, Put::always));
  EXPECT_TRUE(value_of(store->get("a", bytes.size())) == bytes);
  faults(R"([{"what": "flip_up", "method": "PUT", "times": 99}])");
  EXPECT_EQ(store->put("never", bytes, Put::always).error().trouble, Trouble::corrupt);

  BucketOptions given = options(pauses);
  given.checksum = BucketOptions::Checksum::sent;
  const auto summed = open(given);
  faults("[]");
  ASSERT_TRUE(summed->put("b", bytes, Put::always));
  faults(R"([{"what": "flip_down", "method": "GET", "times": 2}])");
  EXPECT_TRUE(value_of(summed->get("b", bytes.size())) == bytes);
  faults(R"([{"what": "flip_down", "method": "GET", "times": 99}])");
  EXPECT_EQ(summed->get("b", bytes.size()).error().trouble, Trouble::corrupt);
  // Without one the length holds and nothing else: what sealed the object has to find it.
  faults(R"([{"what": "flip_down", "method": "GET"}])");
  const std::string flipped = value_of(store->get("a", bytes.size()));
  EXPECT_EQ(flipped.size(), bytes.size());
  EXPECT_TRUE(flipped != bytes);
}

TEST_F(Faulty, ListsPagesWhole) {
  settings(R"({"page": 2})");
  for (const char* key : {"b/2", "b/10", "a", "b.x", "bc/d", "b/1/e", "z"})
    ASSERT_TRUE(store->put(key, "x", Put::if_absent));
  EXPECT_EQ(value_of(store->list("")).size(), 7u);
  EXPECT_EQ(value_of(store->list("b/")).size(), 3u);
  // Each fault on the second page: a part is no answer.
  for (const char* what : {"cut", "no_token", "circle", "count", "doctype", "foreign", "twice"}) {
    SCOPED_TRACE(what);
    faults(std::string(R"([{"what": ")") + what + R"(", "skip": 1, "times": 99}])");
    const auto listed = store->list("");
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().trouble, Trouble::corrupt) << listed.error().message;
  }
  faults(R"([{"what": "cut", "skip": 1, "times": 2}])");
  EXPECT_EQ(value_of(store->list("")).size(), 7u);
  faults(R"([{"what": "error", "status": 500, "skip": 2, "times": 99}])");
  EXPECT_EQ(store->list("").error().trouble, Trouble::unavailable);
}

TEST_F(Faulty, SeesThatConditionsAreIgnored) {
  settings(R"({"ignore_conditions": true})");
  auto holds = has_conditional_writes(*store, "nonce");
  ASSERT_TRUE(holds) << holds.error().message;
  EXPECT_FALSE(*holds);
  settings(R"({"ignore_conditions": false, "racy_conditions": true})");
  holds = has_conditional_writes(*store, "other");
  ASSERT_TRUE(holds) << holds.error().message;
  EXPECT_FALSE(*holds) << "of two writers both won";
  EXPECT_EQ(value_of(store->list("")).size(), 0u);
}

TEST_F(Faulty, NamesTheRegion) {
  for (
      const char* fault :
      {R"([{"what": "error", "status": 301, "code": "PermanentRedirect", "headers": {"x-amz-bucket-region": "eu-central-1", "Location": "http://127.0.0.1:1/"}}])",
       R"([{"what": "error", "status": 307, "code": "TemporaryRedirect", "extra": "<Region>eu-central-1</Region>"}])",
       R"([{"what": "error", "status": 400, "code": "AuthorizationHeaderMalformed", "extra": "<Region>eu-central-1</Region>"}])"}) {
    faults(fault);
    const auto put = store->put("a", "x", Put::always);
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().trouble, Trouble::refused);
    EXPECT_THAT(put.error().message, HasSubstr("is in region \"eu-central-1\", not \"us-east-1\""));
  }
  BucketOptions wrong = options();
  wrong.region = "sa-east-1";
  EXPECT_THAT(open(wrong)->list("").error().message,
              HasSubstr("is in region \"us-east-1\", not \"sa-east-1\""));
}

TEST_F(Faulty, KnowsAStoresClockByItsAnswers) {
  settings(R"({"skew": 3600})");
  const auto put = store->put("a", "x", Put::always);
  EXPECT_EQ(put.error().trouble, Trouble::refused);
  EXPECT_THAT(put.error().message,
              testing::ContainsRegex("clock is 3(59|60|61)[0-9] seconds behind the store's"));
  settings(R"({"skew": -500})");
  const auto skew = clock_skew(*store, [] { return std::int64_t{std::time(nullptr)}; });
  ASSERT_TRUE(skew) << skew.error().message;
  EXPECT_NEAR(static_cast<double>(*skew), -500, 20);
}

TEST_F(Faulty, TellsTroublesApart) {
  ASSERT_TRUE(store->put("a", "x", Put::always));
  const auto after = [&](int status, const std::string& code, const std::string& message = "") {
    faults(R"([{"what": "error", "status": )" + std::to_string(status) + R"(, "code": ")" + code +
           R"(", "message": ")" + message + R"(", "times": 99}])");
  };
  after(403, "AccessDenied", "Access Denied because object protected by object lock.");
  EXPECT_EQ(store->remove("a").error().trouble, Trouble::locked);
  EXPECT_EQ(store->put("a", "x", Put::always).error().trouble, Trouble::denied);
  after(400, "InvalidRequest", "Object is WORM protected and cannot be overwritten");
  EXPECT_EQ(store->remove("a").error().trouble, Trouble::locked);
  after(403, "AccessDenied");
  EXPECT_EQ(store->remove("a").error().trouble, Trouble::denied);
  after(403, "QuotaExceeded");
  EXPECT_EQ(store->put("a", "x", Put::always).error().trouble, Trouble::full);
  after(507, "InsufficientStorage");
  EXPECT_EQ(store->put("a", "x", Put::always).error().trouble, Trouble::full);
  after(501, "NotImplemented");
  EXPECT_EQ(store->put("a", "x", Put::if_absent).error().trouble, Trouble::refused);
  EXPECT_TRUE(pauses->all.empty()) << "none of this passes";
  faults(R"([{"what": "portal", "method": "PUT"}])");
  EXPECT_THAT(store->put("a", "x", Put::always).error().message, HasSubstr("is no S3"));
  faults(R"([{"what": "portal", "times": 99}])");
  EXPECT_EQ(store->list("").error().trouble, Trouble::corrupt);
  EXPECT_EQ(store->get("a", 999).error().trouble, Trouble::refused);
  EXPECT_EQ(store->get_range("a", 0, 999).error().trouble, Trouble::refused);
  EXPECT_EQ(store->status("a").error().trouble, Trouble::refused);
  EXPECT_EQ(store->remove("a").error().trouble, Trouble::refused);
  EXPECT_EQ(store->clock().error().trouble, Trouble::refused);
}

TEST_F(Faulty, RepeatsNoSecret) {
  faults(
      R"([{"what": "error", "status": 403, "code": "SignatureDoesNotMatch", "message": "got AUTHORIZATION\n and more"}])");
  const auto put = store->put("a", "x", Put::always);
  EXPECT_THAT(put.error().message, HasSubstr("Signature=***"));
  EXPECT_THAT(put.error().message, Not(testing::ContainsRegex("[0-9a-f]{64}")));
  EXPECT_THAT(put.error().message, Not(HasSubstr("\n")));
  faults(
      std::string(R"([{"what": "error", "status": 400, "code": "InvalidRequest", "message": ")") +
      std::string(200'000, 'x') + R"("}])");
  const auto long_one = store->put("a", "x", Put::always);
  EXPECT_EQ(long_one.error().trouble, Trouble::refused);
  EXPECT_LE(long_one.error().message.size(), 500u);
}

TEST_F(Faulty, TakesUpRotatedCredentials) {
  settings(R"({"require_token": true})");
  BucketOptions given = options();
  auto tokens = std::make_shared<std::atomic<int>>(0);
  given.credentials = [tokens]() -> StoreResult<Credentials> {
    Credentials out = credentials();
    out.session_token = SecretText((*tokens)++ == 0 ? "an-old-token" : env("S3_ROTATED_TOKEN"));
    return out;
  };
  faults(R"([{"what": "error", "status": 400, "code": "ExpiredToken"}])");
  const auto put = open(given)->put("a", "x", Put::always);
  EXPECT_TRUE(put) << put.error().message;
  faults(R"([{"what": "error", "status": 400, "code": "ExpiredToken", "times": 99}])");
  EXPECT_EQ(open(given)->put("a", "x", Put::always).error().trouble, Trouble::denied);
  faults("[]");
  EXPECT_THAT(store->put("a", "x", Put::always).error().message, HasSubstr("InvalidToken"));
}

TEST_F(Faulty, KeepsItsConnection) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store->put("a", bytes, Put::always));
  const std::string log = order("GET", "/-/log", "");
  const std::size_t at = log.find("\"connection\": ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(count(log.substr(at, log.find('}', at) - at)), 5);
}

TEST_F(Faulty, FindsABucketByHost) {
  BucketOptions given = options();
  given.style = BucketOptions::Style::virtual_host;
  given.endpoint.replace(given.endpoint.find("127.0.0.1"), 9, "localhost");
  const auto hosted = open(given);
  ASSERT_TRUE(hosted->put("a/b", "x", Put::if_absent));
  EXPECT_EQ(value_of(hosted->get("a/b", 9)), "x");
  EXPECT_EQ(value_of(hosted->list("a/")).size(), 1u);
}

TEST_F(Faulty, StopsWhenItIsTold) {
  std::stop_source stop;
  BucketOptions given = options();
  given.transport.stop = stop.get_token();
  const auto stopped = open(given);
  faults(R"([{"what": "stall_down", "method": "GET", "seconds": 600}])");
  ASSERT_TRUE(stopped->put("a", bytes, Put::always));
  const std::jthread owner([&] {
    while (count("\"PUT\"") == 0) std::this_thread::yield();
    stop.request_stop();
  });
  const auto read = stopped->get("a", bytes.size());
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("stopped"));
}

TEST_F(Faulty, TrustsOnlyWhatItIsTold) {
  BucketOptions given = options();
  given.endpoint = env("S3_TLS_ENDPOINT");
  if (given.endpoint.empty()) GTEST_SKIP() << "no openssl here to make a certificate";
  const auto put = open(given)->put("a", "x", Put::always);
  EXPECT_EQ(put.error().trouble, Trouble::refused);
  EXPECT_THAT(put.error().message, HasSubstr("certificate"));
  given.transport.ca_file = env("S3_CA");
  const auto trusted = open(given);
  EXPECT_TRUE(trusted->put("a", "x", Put::always));
  EXPECT_EQ(value_of(trusted->get("a", 9)), "x");
  // The certificate is for 127.0.0.1.
  given.endpoint.replace(given.endpoint.find("127.0.0.1"), 9, "localhost");
  EXPECT_EQ(open(given)->put("a", "x", Put::always).error().trouble, Trouble::refused);
}

} // namespace
} // namespace aethel::store
