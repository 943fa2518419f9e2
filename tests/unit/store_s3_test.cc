// What needs no server: what is read, when it is asked again, and who we are. With a server:
// tests/running/s3_test.cc.
#include "store/s3.h"
#include "store/s3_retry.h"
#include "store/s3_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace aethel::store {
namespace {

using testing::HasSubstr;
using testing::Not;

// --- XML
// ------------------------------------------------------------------------------------------

std::string listing(std::string_view inside) {
  return "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/"
         "2006-03-01/\">" +
         std::string(inside) + "</ListBucketResult>";
}
constexpr std::string_view one =
    "<Contents><Key>a%2Fb+c</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>"
    "<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size>"
    "<Owner><ID>7</ID></Owner></Contents>";

TEST(S3Xml, ReadsAPage) {
  const auto page = read_list_page(
      listing("<EncodingType>url</EncodingType><KeyCount>1</KeyCount><IsTruncated>true"
              "</IsTruncated><NextContinuationToken>t&amp;=</NextContinuationToken>" +
              std::string(one)));
  ASSERT_TRUE(page) << page.error();
  ASSERT_EQ(page->objects.size(), 1u);
  EXPECT_EQ(page->objects[0].key, "a/b c");
  EXPECT_EQ(page->objects[0].size, 434234u);
  EXPECT_EQ(page->objects[0].modified, 1255369830);
  EXPECT_TRUE(page->truncated);
  EXPECT_EQ(page->next, "t&=");
  const auto last = read_list_page(listing("<IsTruncated>false</IsTruncated>" + std::string(one)));
  ASSERT_TRUE(last) << last.error();
  EXPECT_EQ(last->objects[0].key, "a%2Fb+c") << "nothing says that it is encoded";
  EXPECT_TRUE(read_list_page(listing("<IsTruncated>false</IsTruncated><EncodingType/>")))
      << "versitygw";
}

TEST(S3Xml, RefusesAPartOfAPage) {
  const std::string whole =
      listing("<KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>" + std::string(one));
  ASSERT_TRUE(read_list_page(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(read_list_page(std::string_view(whole).substr(0, size))) << size;
}

TEST(S3Xml, RefusesWhatIsWrong) {
  const std::string end = "<IsTruncated>false</IsTruncated>";
  const auto wrong = [](const std::string& xml) {
    const auto page = read_list_page(xml);
    return page ? std::string("nothing") : page.error();
  };
  EXPECT_THAT(wrong("<html><body/></html>"), HasSubstr("no listing"));
  EXPECT_THAT(wrong(listing("")), HasSubstr("complete"));
  EXPECT_THAT(wrong(listing("<IsTruncated>true</IsTruncated>")), HasSubstr("where"));
  EXPECT_THAT(wrong(listing(end + end)), HasSubstr("twice"));
  EXPECT_THAT(wrong(listing(end + "<KeyCount>2</KeyCount>" + std::string(one))),
              HasSubstr("number"));
  EXPECT_THAT(wrong(listing(end + "<Contents><Key>a</Key></Contents>")), HasSubstr("size"));
  EXPECT_THAT(wrong(listing(end + "<Contents/>")), HasSubstr("key"));
  EXPECT_THAT(wrong(listing(end + "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>")),
              HasSubstr("folders"));
  EXPECT_THAT(wrong("<!DOCTYPE a [<!ENTITY b \"c\">]>" + listing(end)), HasSubstr("DOCTYPE"));
  EXPECT_THAT(wrong(listing(end) + "<more/>"), HasSubstr("well-formed"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_THAT(wrong(listing(deep)), HasSubstr("deep"));
  EXPECT_THAT(wrong(listing("<a>" + std::string(100'000, 'x') + "</a>")), HasSubstr("too long"));
  EXPECT_THAT(wrong(listing(end + "<EncodingType>url</EncodingType><Contents><Key>%4</Key>"
                                  "<LastModified>2009-10-12T17:50:30.000Z</LastModified>"
                                  "<Size>1</Size></Contents>")),
              HasSubstr("encoded"));
}

TEST(S3Xml, ReadsErrors) {
  const auto error = read_s3_error(
      "<Error><Code>PermanentRedirect</Code><Message>one\ntwo</Message><Region>eu-central-1"
      "</Region><Endpoint>b.s3.amazonaws.com</Endpoint><StringToSign>secret</StringToSign></"
      "Error>");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, "PermanentRedirect");
  EXPECT_EQ(error->message, "one two");
  EXPECT_EQ(error->region, "eu-central-1");
  for (const char* none : {"", "<Error/>", "<Error><Code>a</Code>", "<html>503</html>", "busy"})
    EXPECT_FALSE(read_s3_error(none)) << none;
}

TEST(S3Dates, AreReadOrNot) {
  EXPECT_EQ(parse_http_date("Fri, 24 May 2013 00:00:00 GMT"), 1369353600);
  EXPECT_EQ(parse_iso_date("2013-05-24T00:00:00Z"), 1369353600);
  EXPECT_EQ(parse_iso_date("2000-02-29T23:59:59.999Z"), 951868799);
  for (const char* wrong : {"", "Fri, 24 May 2013 00:00:00", "Fri, 24 Mai 2013 00:00:00 GMT",
                            "Fri, 31 Feb 2013 00:00:00 GMT", "Fri, 24 May 2013 24:00:00 GMT",
                            "Fri, -4 May 2013 00:00:00 GMT", "Friday, 24-May-13 00:00:00 GMT"})
    EXPECT_FALSE(parse_http_date(wrong)) << wrong;
  for (const char* wrong : {"", "2013-05-24", "2013-05-24T00:00:00", "2013-05-24T00:00:00+01:00Z",
                            "2013-13-24T00:00:00Z", "2013-05-24T00:00:00.Z"})
    EXPECT_FALSE(parse_iso_date(wrong)) << wrong;
}

// --- Options
// --------------------------------------------------------------------------------------

// Answers what it is told to, and notes what it was asked.
class Scripted final : public Transport {
public:
  std::deque<std::expected<HttpResponse, TransportFailure>> answers;
  std::vector<HttpRequest> asked;
  std::string body; // of the last one
  std::expected<HttpResponse, TransportFailure> exchange(const HttpRequest& request) override {
    asked.push_back(request);
    body = request.body;
    asked.back().body = {};
    if (answers.empty())
      return std::unexpected(TransportFailure{TransportFailure::Kind::unreachable, "nobody"});
    auto out = std::move(answers.front());
    answers.pop_front();
    return out;
  }
  std::string sent(std::string_view name) const {
    for (const auto& [header, value] : asked.back().headers)
      if (header == name) return value;
    return "";
  }
};

Credentials someone() {
  return {.access_key_id = "AKID", .secret_access_key = SecretText("secret-of-someone")};
}

BucketOptions options(const std::shared_ptr<Scripted>& transport) {
  BucketOptions out;
  out.bucket = "backups";
  out.region = "eu-west-1";
  out.credentials = fixed_credentials(someone());
  out.world.transport = transport;
  out.world.now = [] { return std::int64_t{1369353600}; };
  out.world.sleep = [](std::chrono::milliseconds) {};
  out.world.random = [] { return 0.5; };
  return out;
}

std::string address_of(BucketOptions given, std::string_view key = "a/b") {
  const auto transport = std::dynamic_pointer_cast<Scripted>(given.world.transport);
  transport->answers = {
      HttpResponse{.status = 404, .body = "<Error><Code>NoSuchKey</Code></Error>"}};
  const auto store = open_bucket(std::move(given));
  if (!store) return store.error().message;
  EXPECT_EQ((*store)->get(key, 9).error().trouble, Trouble::absent);
  EXPECT_TRUE(transport->asked.back().url.contains("://" + transport->sent("Host") + "/"));
  return transport->asked.back().url;
}

TEST(S3Bucket, IsAskedAtItsAddress) {
  const auto transport = std::make_shared<Scripted>();
  BucketOptions given = options(transport);
  EXPECT_EQ(address_of(given), "https://backups.s3.eu-west-1.amazonaws.com/a/b");
  given.prefix = "team/prod/";
  EXPECT_EQ(address_of(given), "https://backups.s3.eu-west-1.amazonaws.com/team/prod/a/b");
  given.bucket = "with.dots";
  EXPECT_EQ(address_of(given), "https://s3.eu-west-1.amazonaws.com/with.dots/team/prod/a/b");
  given.endpoint = "http://minio:9000/";
  EXPECT_EQ(address_of(given), "http://minio:9000/with.dots/team/prod/a/b");
  given.endpoint = "https://minio:443";
  given.style = BucketOptions::Style::virtual_host;
  given.prefix = "";
  EXPECT_EQ(address_of(given), "https://with.dots.minio/a/b");
  given = options(transport);
  given.region = "cn-north-1";
  EXPECT_EQ(address_of(given), "https://backups.s3.cn-north-1.amazonaws.com.cn/a/b");
}

TEST(S3Bucket, RefusesOptionsThatDoNotHold) {
  const auto refused = [](auto change) {
    BucketOptions given = options(std::make_shared<Scripted>());
    change(given);
    const auto store = open_bucket(given);
    return !store && store.error().trouble == Trouble::refused;
  };
  EXPECT_FALSE(refused([](BucketOptions&) {}));
  for (const char* bucket : {"", "ab", "a/b/c", "a b c", "..a", "a?b", "user@host"})
    EXPECT_TRUE(refused([&](BucketOptions& given) { given.bucket = bucket; })) << bucket;
  for (const char* endpoint :
       {"minio:9000", "ftp://minio", "https://", "https://key:secret@minio", "https://minio/path",
        "https://minio?x", "https://minio#x", "https://mi nio", "https://minio\r\nX: y"})
    EXPECT_TRUE(refused([&](BucketOptions& given) { given.endpoint = endpoint; })) << endpoint;
  for (const char* prefix : {"/a", "a//b", "a b", "../a"})
    EXPECT_TRUE(refused([&](BucketOptions& given) { given.prefix = prefix; })) << prefix;
  EXPECT_TRUE(refused([](BucketOptions& given) { given.region = "eu west"; }));
  EXPECT_TRUE(refused([](BucketOptions& given) { given.lock = ObjectLock{.days = 0}; }));
  EXPECT_TRUE(refused([](BucketOptions& given) { given.credentials = nullptr; }));
}

TEST(S3Bucket, SendsALockAndAChecksum) {
  const auto transport = std::make_shared<Scripted>();
  BucketOptions given = options(transport);
  given.lock = ObjectLock{.mode = ObjectLock::Mode::compliance, .days = 30};
  transport->answers = {HttpResponse{.status = 200, .headers = {{"etag", "\"x\""}}}};
  ASSERT_TRUE((*open_bucket(given))->put("a", "Welcome to Amazon S3.", Put::if_absent));
  EXPECT_EQ(transport->sent("x-amz-object-lock-mode"), "COMPLIANCE");
  EXPECT_EQ(transport->sent("x-amz-object-lock-retain-until-date"), "2013-06-23T00:00:00Z");
  EXPECT_EQ(transport->sent("If-None-Match"), "*");
  EXPECT_EQ(transport->sent("x-amz-content-sha256"),
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
  EXPECT_EQ(transport->sent("x-amz-checksum-sha256"),
            "RM591nyVng01JP+sF3Hfu6h9K2tLTpnkIDSouAP4sHI=");
  EXPECT_EQ(transport->sent("Content-MD5"), "") << "AWS takes the better one";
  EXPECT_EQ(transport->body, "Welcome to Amazon S3.");
  given.endpoint = "https://s3.example.test";
  transport->answers = {HttpResponse{.status = 200, .headers = {{"etag", "\"x\""}}}};
  ASSERT_TRUE((*open_bucket(given))->put("a", "", Put::always));
  EXPECT_EQ(transport->sent("x-amz-checksum-sha256"), "") << "Backblaze B2 refuses it";
  EXPECT_EQ(transport->sent("Content-MD5"), "1B2M2Y8AsgTpgAmY7PhCfg==");
}

TEST(S3Bucket, SignsEachAttemptAfresh) {
  const auto transport = std::make_shared<Scripted>();
  BucketOptions given = options(transport);
  auto now = std::make_shared<std::int64_t>(1369353600);
  given.world.now = [now] { return *now; };
  given.world.sleep = [now](std::chrono::milliseconds) { *now += 60; };
  EXPECT_EQ((*open_bucket(given))->get("a", 9).error().trouble, Trouble::unavailable);
  ASSERT_EQ(transport->asked.size(), 6u);
  EXPECT_EQ(transport->sent("x-amz-date"), "20130524T000500Z");
  std::set<std::string> signatures;
  for (const HttpRequest& each : transport->asked) signatures.insert(each.headers.back().second);
  EXPECT_EQ(signatures.size(), 6u);
}

TEST(S3Bucket, WantsAllOfARange) {
  const auto transport = std::make_shared<Scripted>();
  const auto store = open_bucket(options(transport));
  const auto answer = [](int status, std::string body, std::string range) {
    HttpResponse out{.status = status, .body = std::move(body)};
    out.headers = {{"etag", "\"x\""},
                   {"content-length", std::to_string(out.body.size())},
                   {"content-range", std::move(range)}};
    return out;
  };
  transport->answers = {answer(206, "345", "bytes 3-5/10")};
  EXPECT_EQ((*store)->get_range("a", 3, 3).value_or(""), "345");
  for (const auto& [body, range] : sigv4::Pairs{{"34", "bytes 3-4/10"},
                                                {"345", "bytes 2-4/10"},
                                                {"345", "bytes 3-6/10"},
                                                {"345", "bytes 3-5/*"},
                                                {"345", ""}}) {
    transport->answers.assign(6, answer(206, body, range));
    EXPECT_EQ((*store)->get_range("a", 3, 3).error().trouble, Trouble::corrupt) << range;
  }
  transport->answers = {answer(200, "0123456789", "")};
  EXPECT_EQ((*store)->get_range("a", 3, 10).error().trouble, Trouble::refused) << "all of it";
  transport->answers = {answer(200, "0123456789", "")};
  EXPECT_EQ((*store)->get_range("a", 0, 10).value_or(""), "0123456789");
}

TEST(S3Bucket, TakesNoProxysWordForWhatIsAbsent) {
  const auto transport = std::make_shared<Scripted>();
  const auto store = open_bucket(options(transport));
  const HttpResponse page{.status = 404, .body = "<html><body>no such site</body></html>"};
  transport->answers.assign(4, page);
  EXPECT_EQ((*store)->get("a", 9).error().trouble, Trouble::refused);
  EXPECT_EQ((*store)->remove("a").error().trouble, Trouble::refused);
  EXPECT_EQ((*store)->put("a", "x", Put::always).error().trouble, Trouble::refused);
  EXPECT_EQ((*store)->list("").error().trouble, Trouble::refused);
}

TEST(S3Bucket, HidesWhateverTheSecretIs) {
  const auto transport = std::make_shared<Scripted>();
  BucketOptions given = options(transport);
  Credentials who = someone();
  who.secret_access_key = SecretText("*");
  given.credentials = fixed_credentials(who);
  transport->answers = {HttpResponse{
      .status = 403, .body = "<Error><Code>AccessDenied</Code><Message>a*b**</Message></Error>"}};
  EXPECT_THAT((*open_bucket(given))->get("a", 9).error().message, HasSubstr("a***b******"));
  who.session_token = SecretText("a\r\nHost: b");
  given.credentials = fixed_credentials(who);
  EXPECT_EQ((*open_bucket(given))->get("a", 9).error().trouble, Trouble::denied);
  EXPECT_EQ(transport->asked.size(), 1u);
}

TEST(S3Bucket, WantsToKnowTheLength) {
  const auto transport = std::make_shared<Scripted>();
  const auto store = open_bucket(options(transport));
  transport->answers.assign(
      6, HttpResponse{.status = 200, .headers = {{"etag", "\"x\""}}, .body = "x"});
  EXPECT_EQ((*store)->get("a", 9).error().trouble, Trouble::corrupt);
  transport->answers = {
      HttpResponse{.status = 200,
                   .headers = {{"etag", "\"x\""}, {"transfer-encoding", "chunked"}},
                   .body = "x"}};
  EXPECT_EQ((*store)->get("a", 9).value_or(""), "x");
}

TEST(S3Retries, PauseWithFullJitter) {
  double random = 0;
  Retries retries({.attempts = 9, .budget = 9, .sleep = {}, .random = [&] { return random; }});
  using std::chrono::milliseconds;
  EXPECT_EQ(retries.pause(1, {}), milliseconds(0));
  random = 0.5;
  EXPECT_EQ(retries.pause(1, {}), milliseconds(50));
  EXPECT_EQ(retries.pause(4, {}), milliseconds(400));
  EXPECT_EQ(retries.pause(60, {}), milliseconds(10'000));
  EXPECT_EQ(retries.pause(1, std::chrono::seconds(3)), milliseconds(3'050));
}

// --- Credentials
// ----------------------------------------------------------------------------------

class CredentialsTest : public testing::Test {
protected:
  CredentialsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "aethel-token-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    std::ofstream(folder + "/token") << "the-token\n";
  }
  ~CredentialsTest() override { std::filesystem::remove_all(folder); }
  CredentialsWorld world() {
    return {.transport = transport, .now = [this] { return now; }};
  }
  Lookup lookup() {
    return [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
  }
  static HttpResponse answer(const std::string& id, const std::string& until) {
    return {.status = 200,
            .body = R"({"AccessKeyId": ")" + id +
                    R"(", "SecretAccessKey": "s\/k\u002B", "Token": "t", "Expiration": ")" + until +
                    R"(", "RoleArn": null, "n": -1.5})"};
  }
  std::string folder;
  std::map<std::string, std::string, std::less<>> variables;
  std::shared_ptr<Scripted> transport = std::make_shared<Scripted>();
  std::int64_t now = 1369353600; // 2013-05-24
};

TEST_F(CredentialsTest, ComeFromTheEnvironmentOfThen) {
  const auto provider = environment_credentials(lookup());
  EXPECT_EQ(provider().error().trouble, Trouble::denied);
  variables = {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "B"}};
  EXPECT_EQ(provider()->access_key_id, "A");
  EXPECT_TRUE(provider()->session_token.empty());
  variables["AWS_SESSION_TOKEN"] = "C";
  EXPECT_EQ(provider()->session_token.text(), "C");
  variables["AWS_SECRET_ACCESS_KEY"] = "B\n";
  EXPECT_THAT(provider().error().message, HasSubstr("line breaks"));
}

TEST_F(CredentialsTest, OfAPodAreFetchedBeforeTheyEnd) {
  variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
               {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", folder + "/token"}};
  const auto provider = container_credentials(lookup(), world());
  transport->answers = {answer("first", "2013-05-24T01:00:00Z")};
  ASSERT_TRUE(provider()) << provider().error().message;
  EXPECT_EQ(provider()->access_key_id, "first");
  EXPECT_EQ(provider()->secret_access_key.text(), "s/k+");
  EXPECT_EQ(transport->asked.size(), 1u);
  EXPECT_EQ(transport->sent("Authorization"), "the-token");
  EXPECT_EQ(transport->asked.back().url, "http://169.254.170.23/v1/credentials");
  now += 54 * 60;
  EXPECT_EQ(provider()->access_key_id, "first");
  now += 2 * 60; // four minutes before the end
  std::ofstream(folder + "/token") << "the-next-token";
  transport->answers = {HttpResponse{.status = 500}, HttpResponse{.status = 500},
                        HttpResponse{.status = 500}};
  EXPECT_EQ(provider()->access_key_id, "first") << "still good";
  now += 11;
  transport->answers = {answer("second", "2013-05-24T02:00:00Z")};
  EXPECT_EQ(provider()->access_key_id, "second");
  EXPECT_EQ(transport->sent("Authorization"), "the-next-token");
  now += 2 * 3600;
  EXPECT_EQ(provider().error().trouble, Trouble::unavailable) << "ended, and nobody answers";
}

TEST_F(CredentialsTest, AreAskedOfThisMachineAndItsAgentsOnly) {
  const auto provider = container_credentials(lookup(), world());
  const auto asked = [&](const char* url) {
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    transport->asked.clear();
    const auto result = provider();
    EXPECT_EQ(result.error().trouble == Trouble::refused, transport->asked.empty()) << url;
    return !transport->asked.empty();
  };
  for (const char* url : {"http://127.0.0.1:1/x", "http://127.9.9.9/", "http://localhost/",
                          "http://[::1]:80/x", "http://169.254.170.2/x", "http://169.254.170.23/x",
                          "http://[fd00:ec2::23]/v1/credentials", "https://anybody.test/x"})
    EXPECT_TRUE(asked(url)) << url;
  for (const char* url :
       {"http://169.254.169.254/x", "http://example.test/", "http://127.0.0.1.example.test/",
        "http://127.0.0.1@example.test/", "http://127.1/x", "http://localhost.example.test/",
        "http://example.test#@127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1",
        "http://127.0.0.1\\@example.test/", "http:///x", "http://[::1", "http://127.0.0.1/a\nb"})
    EXPECT_FALSE(asked(url)) << url;
}

TEST_F(CredentialsTest, OfATaskComeFromItsPath) {
  variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1"}};
  transport->answers = {answer("task", "2013-05-24T01:00:00Z")};
  EXPECT_EQ(container_credentials(lookup(), world())()->access_key_id, "task");
  EXPECT_EQ(transport->asked.back().url, "http://169.254.170.2/v2/credentials/1");
  variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@example.test/"}};
  EXPECT_EQ(container_credentials(lookup(), world())().error().trouble, Trouble::denied);
}

TEST_F(CredentialsTest, OfAnIdentityComeFromSts) {
  variables = {{"AWS_ROLE_ARN", "arn:aws:iam::1:role/b"},
               {"AWS_WEB_IDENTITY_TOKEN_FILE", folder + "/token"}};
  const auto provider = default_credentials(lookup(), "eu-west-1", world());
  transport->answers = {HttpResponse{
      .status = 200,
      .body = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/"
              "\"><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>t</SessionToken>"
              "<SecretAccessKey>s</SecretAccessKey><Expiration>2013-05-24T01:00:00Z</Expiration>"
              "<AccessKeyId>sts</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>"
              "</AssumeRoleWithWebIdentityResponse>"}};
  const auto who = provider();
  ASSERT_TRUE(who) << who.error().message;
  EXPECT_EQ(who->access_key_id, "sts");
  EXPECT_EQ(who->session_token.text(), "t");
  EXPECT_EQ(transport->asked.back().url, "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(transport->body,
            "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fb&"
            "RoleSessionName=aethel&Version=2011-06-15&WebIdentityToken=the-token");
  now += 7200;
  transport->answers = {HttpResponse{
      .status = 400,
      .body = "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>the-token</Message>"
              "</Error></ErrorResponse>"}};
  const auto refused = provider();
  EXPECT_EQ(refused.error().trouble, Trouble::denied);
  EXPECT_THAT(refused.error().message, HasSubstr("InvalidIdentityToken"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("the-token")));
}

TEST(ContainerCredentials, AreOneObjectOfTexts) {
  const auto wrong = [](std::string_view json) { return !read_container_credentials(json); };
  EXPECT_FALSE(wrong(R"({"AccessKeyId":"a","SecretAccessKey":"b"})"));
  EXPECT_FALSE(wrong(R"( { "AccessKeyId" : "a" , "SecretAccessKey" : "b" , "x" : 1e5 } )"));
  for (const char* json :
       {"", "{}", "[]", R"({"AccessKeyId":"a"})", R"({"AccessKeyId":"a","SecretAccessKey":"b"} x)",
        R"({"AccessKeyId":"a","SecretAccessKey":"b",})", R"({"AccessKeyId":"a","SecretAccessKey":)",
        R"({"AccessKeyId":"a","AccessKeyId":"a","SecretAccessKey":"b"})",
        R"({"AccessKeyId":"a\r\nX: y","SecretAccessKey":"b"})",
        R"({"AccessKeyId":"\u00e9","SecretAccessKey":"b"})",
        R"({"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"soon"})",
        R"({"AccessKeyId":"a","SecretAccessKey":"b","x":{}})"})
    EXPECT_TRUE(wrong(json)) << json;
}

} // namespace
} // namespace aethel::store
