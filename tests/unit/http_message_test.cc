#include "http/message.h"

#include <gtest/gtest.h>

namespace aethel::http {
namespace {

TEST(Target, IsSplitAndDecoded) {
  const auto target = parse_target("/a%20b/c?x=1&y&z=%26+q#part");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b/c");
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(target->query, (Pairs{{"x", "1"}, {"y", ""}, {"z", "& q"}}));
  EXPECT_EQ(parse_target("/")->path, "/");
}

TEST(Target, MayBeAbsolute) {
  const auto target = parse_target("HTTP://example.com:80/a?x=1");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a");
  EXPECT_EQ(target->query.size(), 1u);
  EXPECT_EQ(parse_target("https://example.com")->path, "/");
  EXPECT_EQ(parse_target("/http://h/a")->path, "/http://h/a");
}

TEST(Target, OfATrickIsRefused) {
  for (const char* target :
       {"", "*", "http://", "http:///a", "http://a@h/", "ftp://h/", "http://h/..", "//h/", "/..",
        "/a/../b", "/a/%2e%2e/b", "/%00", "/%zz", "/%4", "/a?b=%", "/./a"})
    EXPECT_FALSE(parse_target(target)) << target;
  std::string many = "/?";
  for (int i = 0; i < 65; ++i) many += "a=b&";
  EXPECT_FALSE(parse_target(many));
}

TEST(Headers, AreOfAnyCase) {
  const Request request{.headers = {{"Content-Type", "a"}, {"content-type", "b"}}};
  EXPECT_EQ(request.header("CONTENT-TYPE"), "a");
  EXPECT_EQ(request.header("accept"), "");
}

TEST(Negotiation, TakesWhatIsLikedBest) {
  const std::vector<std::string_view> offered = {"text/plain; version=0.0.4",
                                                 "application/openmetrics-text; version=1.0.0"};
  const auto take = [&](std::string_view accept) { return negotiate(accept, offered); };
  EXPECT_EQ(take(""), 0u);
  EXPECT_EQ(take("*/*"), 0u);
  EXPECT_EQ(take("text/*;q=0.5, application/openmetrics-text;version=1.0.0"), 1u);
  // What Prometheus 2.42 sends.
  EXPECT_EQ(take("application/openmetrics-text;version=1.0.0,application/"
                 "openmetrics-text;version=0.0.1;q=0.75,"
                 "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
            1u);
  EXPECT_EQ(take("text/plain;version=0.0.4;q=0.5,*/*;q=0.1"), 0u);
  EXPECT_EQ(take("application/json"), std::string_view::npos);
  EXPECT_EQ(take("text/plain;q=0"), std::string_view::npos);
}

} // namespace
} // namespace aethel::http
