// Credentials in files: what is reported, what is left alone, and that no report shows them.
// They are made when the test runs, so that no scanner finds any in this file.
#include "link/report_format.h"
#include "support/linked.h"

#include <algorithm>
#include <cstdint>

namespace aethel {
namespace {

using testing::link_text;
using testing::parse_txtar;

constexpr std::string_view digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::string random_text(std::size_t size, std::uint64_t state = 88172645463325252u) {
  std::string text;
  while (text.size() < size) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    text += digits[(state >> 11) % digits.size()];
  }
  return text;
}

// With the checksum that GitHub writes.
std::string github_token() {
  const std::string body = random_text(30);
  std::uint32_t crc = 0xffffffff;
  for (const char c : body) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  crc = ~crc;
  std::string sum;
  for (; sum.size() < 6; crc /= 62) sum.insert(sum.begin(), digits[crc % 62]);
  return std::string("gh") + "p_" + body + sum;
}

std::string private_key() {
  return "-----BEGIN " + std::string("PRIVATE KEY-----\n") + random_text(64, 7) + "\n" +
         random_text(64, 11) + "\n-----END " + "PRIVATE KEY-----\n";
}

struct Found {
  std::string place;
  Priority priority = Priority::none;
  friend bool operator==(const Found&, const Found&) = default;
};

std::vector<Found> committed(const Report& report) {
  std::vector<Found> found;
  for (const Finding& finding : report.findings)
    if (finding.rule->name == "committed-credential" && finding.confidence != Confidence::possible)
      found.push_back({report.program.place(finding.span), finding.priority});
  return found;
}

std::vector<Found> committed(const std::string& text) {
  return committed(link_text(parse_txtar(text)).report);
}

TEST(Credentials, are_found_in_files_named_for_them) {
  EXPECT_EQ(committed("-- .gh_token --\n" + github_token() + "\n"),
            (std::vector<Found>{{".gh_token:1", Priority::p0}}));
  EXPECT_EQ(committed("-- .npmrc --\n//registry.npmjs.org/:_authToken=np" + std::string("m_") +
                      random_text(36) + "\n"),
            (std::vector<Found>{{".npmrc:1", Priority::p0}}));
  EXPECT_EQ(committed("-- .vscode/mcp.json --\n{\n  \"env\": {\"ACCESS_TOKEN\": \"" +
                      github_token() + "\"}\n}\n"),
            (std::vector<Found>{{".vscode/mcp.json:2", Priority::p0}}));
  EXPECT_EQ(committed("-- .vault_token --\n" + random_text(32) + "\n"),
            (std::vector<Found>{{".vault_token:1", Priority::p1}}));
}

TEST(Credentials, with_a_wrong_checksum_were_typed_by_a_hand) {
  std::string token = github_token();
  token.back() = token.back() == '0' ? '1' : '0';
  EXPECT_TRUE(committed("-- .gh_token --\n" + token + "\n").empty());
}

TEST(Credentials, of_tests_and_examples_are_left_alone) {
  EXPECT_TRUE(committed("-- tests/.gh_token --\n" + github_token() + "\n").empty());
  EXPECT_TRUE(committed("-- fixtures/id_rsa --\n" + private_key()).empty());
  EXPECT_TRUE(committed("-- certs/localhost.key --\n" + private_key()).empty());
  EXPECT_TRUE(committed("-- certs/server.key --\n" + private_key()).empty());
}

TEST(Credentials, in_an_example_to_copy_count_when_their_form_is_certain) {
  EXPECT_EQ(committed("-- .env.example --\nGITHUB_TOKEN=" + github_token() + "\n"),
            (std::vector<Found>{{".env.example:1", Priority::p0}}));
}

TEST(Credentials, in_a_repository_inside_were_committed_all_the_same) {
  const std::string inside =
      "-- copy/.github/workflows/ci.yml --\non: push\n-- copy/LICENSE --\nMIT\n";
  EXPECT_EQ(committed(inside + "-- copy/.gh_token --\n" + github_token() + "\n"),
            (std::vector<Found>{{"copy/.gh_token:1", Priority::p0}}));
  EXPECT_TRUE(committed(inside + "-- copy/server.key --\n" + private_key()).empty());
}

TEST(Credentials, a_private_key_stops_a_deployment_when_production_takes_it) {
  const std::string key = "-- nginx/ssl/server.key --\n" + private_key();
  auto stack = [](const std::string& name) {
    return "-- " + name + " --\nservices:\n  web:\n    image: nginx:1.28\n    volumes:\n" +
           "      - ./nginx/ssl:/etc/nginx/ssl:ro\n";
  };
  EXPECT_EQ(committed(stack("compose.prod.yaml") + key),
            (std::vector<Found>{{"nginx/ssl/server.key:1", Priority::p0}}));
  EXPECT_EQ(committed(stack("compose.yaml") + key),
            (std::vector<Found>{{"nginx/ssl/server.key:1", Priority::p1}}));
  EXPECT_TRUE(committed(stack("compose.dev.yaml") + key).empty());
}

TEST(Credentials, stand_in_no_report) {
  const std::string token = github_token(), secret = random_text(32, 5);
  const auto linked =
      link_text(parse_txtar("-- compose.prod.yaml --\nservices:\n  cache:\n    image: redis:8\n"
                            "    command: redis-server --requirepass hunterhunter\n"
                            "  api:\n    image: ghcr.io/acme/api:1\n    environment:\n"
                            "      HEADER: \"Bearer " +
                            token + "\"\n      SIGNING_KEY: " + secret +
                            "\n      OTHER: ${CACHE_PW:-letmein99}\n"
                            "-- .vault_token --\n" +
                            random_text(32, 9) + "\n"));
  EXPECT_EQ(linked.report.findings.size(), 5u);
  for (const ReportFormat* format : formats::all())
    for (const Language language : {Language::en, Language::pt}) {
      const std::string text =
          format->write(linked.report, {.language = language, .verbose = true});
      for (const std::string& hidden : {token, secret, random_text(32, 9),
                                        std::string("hunterhunter"), std::string("letmein99")})
        EXPECT_EQ(text.find(hidden), std::string::npos) << format->name << ": " << hidden;
    }
}

} // namespace
} // namespace aethel
