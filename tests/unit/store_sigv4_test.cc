// What AWS publishes. `Documented`: "Examples: Signature Calculations in AWS Signature Version 4"
// of the S3 API reference. `Suite`: AWS's Signature Version 4 test suite, as awslabs/aws-c-auth
// carries it (tests/aws-signing-test-suite/v4 at 495329c2433034bd8fd53fc6ba9e0202d3fac876); each
// case is named by its folder there.
#include "store/sigv4.h"

#include <gtest/gtest.h>

namespace aethel::store::sigv4 {
namespace {

constexpr std::string_view empty =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Case {
  const char* name;
  const char* method;
  const char* path; // not encoded
  Pairs query;
  Pairs headers; // beside host and x-amz-date
  const char* body;
  const char* signature;
};
void PrintTo(const Case& each, std::ostream* out) { *out << each.name; }
std::string name_of(const testing::TestParamInfo<Case>& about) { return about.param.name; }

class Documented : public testing::TestWithParam<Case> {};

TEST_P(Documented, IsSignedAsThere) {
  const Case& given = GetParam();
  const std::string payload = hex(sha256(given.body));
  Request request{.method = given.method,
                  .path = uri_encode(given.path, Slash::kept),
                  .query = given.query,
                  .headers = given.headers,
                  .payload = payload};
  request.headers.emplace_back("Host", "examplebucket.s3.amazonaws.com");
  request.headers.emplace_back("x-amz-date", "20130524T000000Z");
  request.headers.emplace_back("x-amz-content-sha256", payload);
  const Signer signer{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                      .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                      .region = "us-east-1",
                      .service = "s3"};
  EXPECT_EQ(signature(request, signer, "20130524T000000Z"), given.signature);
}

INSTANTIATE_TEST_SUITE_P(
    Page, Documented,
    testing::Values(Case{"GetObject",
                         "GET",
                         "/test.txt",
                         {},
                         {{"Range", "bytes=0-9"}},
                         "",
                         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
                    Case{"PutObject",
                         "PUT",
                         "/test$file.text",
                         {},
                         {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                          {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                         "Welcome to Amazon S3.",
                         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
                    Case{"GetBucketLifecycle",
                         "GET",
                         "/",
                         {{"lifecycle", ""}},
                         {},
                         "",
                         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
                    Case{"ListObjects",
                         "GET",
                         "/",
                         {{"prefix", "J"}, {"max-keys", "2"}},
                         {},
                         "",
                         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"}),
    name_of);

class Suite : public testing::TestWithParam<Case> {
protected:
  static Request request() {
    const Case& given = GetParam();
    Request out{.method = given.method,
                .path = uri_encode(given.path, Slash::kept),
                .query = given.query,
                .headers = given.headers,
                .payload = hex(sha256(given.body))};
    out.headers.emplace_back("Host", "example.amazonaws.com");
    out.headers.emplace_back("X-Amz-Date", "20150830T123600Z");
    return out;
  }
  static constexpr Signer signer{.access_key_id = "AKIDEXAMPLE",
                                 .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                 .region = "us-east-1",
                                 .service = "service"};
};

TEST_P(Suite, IsSignedAsThere) {
  EXPECT_EQ(signature(request(), signer, "20150830T123600Z"), GetParam().signature)
      << canonical_request(request());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Suite,
    testing::Values(Case{"get_vanilla",
                         "GET",
                         "/",
                         {},
                         {},
                         "",
                         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
                    Case{"get_vanilla_query_order_encoded",
                         "GET",
                         "/",
                         {{"Param-3", "Value3"}, {"Param", "Value2"}, {"\u1234", "Value1"}},
                         {},
                         "",
                         "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
                    Case{"get_vanilla_query_order_key_case",
                         "GET",
                         "/",
                         {{"Param2", "value2"}, {"Param1", "value1"}},
                         {},
                         "",
                         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
                    Case{"post_header_key_sort",
                         "POST",
                         "/",
                         {},
                         {{"My-Header1", "value1"}},
                         "",
                         "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
                    Case{"get_header_value_trim",
                         "GET",
                         "/",
                         {},
                         {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
                         "",
                         "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
                    Case{"get_vanilla_with_session_token",
                         "GET",
                         "/",
                         {},
                         {{"X-Amz-Security-Token",
                           "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"}},
                         "",
                         "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
                    Case{"get_unreserved",
                         "GET",
                         "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                         {},
                         {},
                         "",
                         "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
                    Case{"get_utf8",
                         "GET",
                         "/\u1234",
                         {},
                         {},
                         "",
                         "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
                    Case{"get_space_unnormalized",
                         "GET",
                         "/example space/",
                         {},
                         {},
                         "",
                         "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
                    Case{"post_x_www_form_urlencoded",
                         "POST",
                         "/",
                         {},
                         {{"Content-Type", "application/x-www-form-urlencoded"},
                          {"Content-Length", "13"},
                          {"x-amz-content-sha256",
                           "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"}},
                         "Param1=value1",
                         "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"}),
    name_of);

TEST(Sigv4, SaysWhatTheSuiteSays) {
  const Request request{
      .method = "GET",
      .path = "/",
      .query = {{"Param-3", "Value3"}, {"Param", "Value2"}, {"\u1234", "Value1"}},
      .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
      .payload = std::string(empty)};
  EXPECT_EQ(canonical_request(request),
            "GET\n/\n%E1%88%B4=Value1&Param=Value2&Param-3=Value3\nhost:example.amazonaws.com\n"
            "x-amz-date:20150830T123600Z\n\nhost;x-amz-date\n" +
                std::string(empty));
  EXPECT_EQ(authorization(request,
                          {.access_key_id = "AKIDEXAMPLE",
                           .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                           .region = "us-east-1",
                           .service = "service"},
                          "20150830T123600Z"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac");
}

TEST(Sigv4, EncodesOnce) {
  EXPECT_EQ(uri_encode("a b/c+%~", Slash::kept), "a%20b/c%2B%25~");
  EXPECT_EQ(uri_encode("a/\xff", Slash::encoded), "a%2F%FF");
  EXPECT_EQ(canonical_query({{"b", "2"}, {"a", "2"}, {"a", "1/"}, {"B", ""}}), "B=&a=1%2F&a=2&b=2");
}

TEST(Sigv4, WritesDatesAndBase64) {
  EXPECT_EQ(amz_date(1369353600), "20130524T000000Z");
  EXPECT_EQ(amz_date(1440938160), "20150830T123600Z");
  EXPECT_EQ(amz_date(951868799), "20000229T235959Z");
  // RFC 4648, 10.
  for (const auto& [plain, text] : Pairs{{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}})
    EXPECT_EQ(base64(plain), text);
}

} // namespace
} // namespace aethel::store::sigv4
