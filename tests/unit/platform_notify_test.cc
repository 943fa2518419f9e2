// Notices against receivers that are away, slow or wrong: nobody who gives one waits, and what
// arrives can be checked.
#include "config/config.h"
#include "platform/notify.h"
#include "store/sigv4.h"
#include "support/test_peer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace aethel::platform {
namespace {

using std::chrono::milliseconds;
using Line = TestPeer::Line;

// Reads a whole request, remembers it, and answers.
class Receiver {
public:
  explicit Receiver(std::vector<std::string> answers = {})
      : answers_(std::move(answers)), peer_([this](Line& line) { talk(line); }) {}

  std::string address() const { return fmt::format("http://127.0.0.1:{}/hook", peer_.port()); }
  std::vector<std::string> heard() {
    const std::scoped_lock lock(mutex_);
    return heard_;
  }

private:
  void talk(Line& line) {
    std::string text = line.read_until("\r\n\r\n");
    const std::size_t head = text.find("\r\n\r\n") + 4;
    std::size_t length = 0;
    if (const std::size_t at = text.find("Content-Length: "); at < head)
      std::from_chars(text.data() + at + 16, text.data() + head, length);
    if (text.size() < head + length) text += line.read_until("}");
    std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    {
      const std::scoped_lock lock(mutex_);
      if (heard_.size() < answers_.size()) answer = answers_[heard_.size()];
      heard_.push_back(text);
    }
    if (answer == "silence") line.listen();
    line.send(answer);
  }

  std::vector<std::string> answers_;
  std::mutex mutex_;
  std::vector<std::string> heard_;
  TestPeer peer_;
};

struct Complaints {
  std::mutex mutex;
  std::vector<std::string> all;
  std::function<void(std::string)> taker() {
    return [this](std::string text) {
      const std::scoped_lock lock(mutex);
      all.push_back(std::move(text));
    };
  }
};

NotifyOptions options(std::function<Result<std::string>()> webhook, Complaints& complaints) {
  return {.database = "main",
          .environment = "production",
          .webhook = std::move(webhook),
          .attempt = milliseconds(400),
          .pause = milliseconds(10),
          .total = milliseconds(5000),
          .complain = complaints.taker()};
}

std::function<Result<std::string>()> constant(const std::string& text) {
  return [text]() -> Result<std::string> { return text; };
}

constexpr auto enough = std::chrono::seconds(20);
constexpr const char* unavailable = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n";

TEST(Notify, TellsAWebhookOfAFailure) {
  Receiver receiver;
  Complaints complaints;
  NotifyOptions how = options(constant(receiver.address()), complaints);
  how.webhook_secret = constant("key");
  Notifier notifier(std::move(how));
  notifier.failed("backup", "the disk is full", "20261126T144108Z-cc1a4543");
  notifier.missed("backup", "3 backups were missed");
  notifier.succeeded(); // nobody wants to know
  ASSERT_TRUE(notifier.flush(enough));
  const std::vector<std::string> heard = receiver.heard();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_TRUE(heard[0].starts_with("POST /hook HTTP/1.1\r\n")) << heard[0];
  EXPECT_TRUE(heard[0].contains("\r\nContent-Type: application/json\r\n")) << heard[0];
  const std::string body = heard[0].substr(heard[0].find("\r\n\r\n") + 4);
  const auto document = nlohmann::json::parse(body);
  EXPECT_EQ(document["event"], "backup.failed");
  EXPECT_EQ(document["database"], "main");
  EXPECT_EQ(document["environment"], "production");
  EXPECT_EQ(document["message"], "the disk is full");
  EXPECT_EQ(document["backup"], "20261126T144108Z-cc1a4543");
  EXPECT_EQ(document["time"].get<std::string>().size(), 20u);
  EXPECT_EQ(document["id"].get<std::string>().size(), 32u);
  // What a receiver does.
  const std::string name = "Aethel-Signature: t=";
  const std::size_t at = heard[0].find(name) + name.size();
  const std::string seconds = heard[0].substr(at, heard[0].find(',', at) - at);
  EXPECT_TRUE(heard[0].contains(
      ",v1=" + store::sigv4::hex(store::sigv4::hmac_sha256("key", seconds + "." + body)) + "\r\n"));
  EXPECT_TRUE(heard[1].contains("\"event\":\"backup.missed\"")) << heard[1];
  EXPECT_FALSE(heard[1].contains("\"backup\":")) << heard[1];
  EXPECT_TRUE(complaints.all.empty());
}

TEST(Notify, SignsAsRfc2104Does) {
  // RFC 4231, test case 2, with a text that begins with a time as ours does.
  EXPECT_EQ(store::sigv4::hex(store::sigv4::hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(sign_notice("key", "{}", 1'700'000'000),
            "t=1700000000,v1=" +
                store::sigv4::hex(store::sigv4::hmac_sha256("key", "1700000000.{}")));
}

TEST(Notify, TriesAgainWithTheSameId) {
  Receiver receiver({unavailable, "nonsense\r\n\r\n", "silence"});
  Complaints complaints;
  Notifier notifier(options(constant(receiver.address()), complaints));
  notifier.failed("backup", "it failed");
  ASSERT_TRUE(notifier.flush(enough));
  const std::vector<std::string> heard = receiver.heard();
  ASSERT_EQ(heard.size(), 4u);
  const auto id = [&](std::size_t i) {
    return nlohmann::json::parse(heard[i].substr(heard[i].find("\r\n\r\n") + 4))["id"];
  };
  EXPECT_EQ(id(0), id(3));
  EXPECT_TRUE(complaints.all.empty());
}

TEST(Notify, GivesUpAndSaysSoWithoutAnAddress) {
  Receiver away({unavailable, unavailable, unavailable, unavailable});
  Receiver refuses({"HTTP/1.1 401 Sentinel\r\nContent-Length: 0\r\n\r\n"});
  Receiver redirects({"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                      "Content-Length: 0\r\n\r\n"});
  const std::vector<std::tuple<Receiver*, std::size_t, std::string>> cases = {
      {&away, 4, "the webhook was not told: it answers 503"},
      {&refuses, 1, "the webhook was not told: it answers 401"},
      {&redirects, 1, "the webhook was not told: it answers 302"}};
  for (const auto& [receiver, calls, said] : cases) {
    Complaints complaints;
    Notifier notifier(options(constant(receiver->address()), complaints));
    notifier.failed("backup", "it failed");
    ASSERT_TRUE(notifier.flush(enough));
    EXPECT_EQ(receiver->heard().size(), calls);
    EXPECT_EQ(complaints.all, std::vector<std::string>{said});
  }
  Complaints complaints;
  NotifyOptions how = options(constant("ftp://127.0.0.1/secret"), complaints);
  how.attempts = 2;
  Notifier notifier(std::move(how));
  notifier.failed("backup", "it failed");
  ASSERT_TRUE(notifier.flush(enough));
  ASSERT_EQ(complaints.all.size(), 1u);
  EXPECT_FALSE(complaints.all[0].contains("secret")) << complaints.all[0];
}

TEST(Notify, KeepsNobodyWaiting) {
  const TestPeer silent([](Line& line) { line.listen(); });
  Complaints complaints;
  NotifyOptions how =
      options(constant(fmt::format("http://127.0.0.1:{}/", silent.port())), complaints);
  how.attempt = std::chrono::seconds(60);
  how.total = std::chrono::seconds(60);
  how.heartbeat = how.webhook;
  const auto begin = std::chrono::steady_clock::now();
  {
    Notifier notifier(std::move(how));
    for (int i = 0; i < 1000; ++i) {
      notifier.failed("backup", "it failed");
      notifier.succeeded();
    }
    EXPECT_FALSE(notifier.flush(milliseconds(10)));
  }
  // The end does not wait for a receiver, either.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
}

TEST(Notify, ForgetsTheOldestOfTooMany) {
  Receiver receiver({"silence"}); // keeps the first, while others come
  Complaints complaints;
  Notifier notifier(options(constant(receiver.address()), complaints));
  for (std::size_t i = 0; i < notices_limit + 10; ++i)
    notifier.failed("backup", fmt::format("number {}.", i));
  ASSERT_TRUE(notifier.flush(enough));
  const std::vector<std::string> heard = receiver.heard();
  EXPECT_LE(heard.size(), notices_limit + 2);
  EXPECT_TRUE(heard.back().contains(fmt::format("number {}.", notices_limit + 9)));
  EXPECT_TRUE(std::ranges::any_of(complaints.all, [](const std::string& text) {
    return text.contains("notices were dropped");
  }));
}

TEST(Notify, BeatsAfterSuccessOnly) {
  for (const std::string method : {"GET", "POST"}) {
    Receiver receiver;
    Complaints complaints;
    NotifyOptions how = options({}, complaints);
    how.heartbeat = constant(receiver.address());
    how.heartbeat_method = method;
    Notifier notifier(std::move(how));
    notifier.failed("backup", "it failed");
    notifier.missed("backup", "it was missed");
    ASSERT_TRUE(notifier.flush(enough));
    EXPECT_TRUE(receiver.heard().empty());
    notifier.succeeded();
    ASSERT_TRUE(notifier.flush(enough));
    const std::vector<std::string> heard = receiver.heard();
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_TRUE(heard[0].starts_with(method + " /hook HTTP/1.1\r\n")) << heard[0];
  }
}

TEST(Notify, IsReadFromAethelYaml) {
  Receiver receiver;
  const auto configure = [&](const std::string& notify) {
    ConfigResult read = read_config("serve:\n  notify:\n    " + notify + "\n");
    EXPECT_TRUE(read.ok());
    const auto wrong = [](const Range& range, std::string message, std::string hint) {
      return Failure{.message = std::move(message),
                     .path = "aethel.yaml",
                     .column = range.begin,
                     .hint = std::move(hint)};
    };
    return configured_notifier(
        read.config.running.notify,
        {.secret = [&receiver, wrong](const SecretPlace& place) -> Result<std::string> {
           if (place.variable.value == "HOOK") return receiver.address();
           if (place.variable.value == "KEY") return "hunter2";
           return std::unexpected(wrong(place.variable.range, "it is not set", ""));
         },
         .wrong = wrong},
        {.database = "main"});
  };
  for (const auto& [notify, message] : std::vector<std::pair<const char*, const char*>>{
           {"webhook: {}", "the webhook has no address"},
           {"heartbeat: {method: POST}", "the heartbeat has no address"},
           {"webhook: {address: {variable: ABSENT}}", "it is not set"},
           {"webhook: {address: {variable: HOOK}, secret: {variable: ABSENT}}", "it is not set"},
           {"heartbeat: {address: {variable: KEY}}", "its address is not of the form https://"}}) {
    const auto notifier = configure(notify);
    ASSERT_FALSE(notifier) << notify;
    EXPECT_TRUE(notifier.error().message.starts_with(message)) << notifier.error().message;
    EXPECT_GT(notifier.error().column, 0u) << notify;
    EXPECT_FALSE(notifier.error().message.contains("hunter2"));
  }
  auto notifier = configure("{webhook: {address: {variable: HOOK}, secret: {variable: KEY}}, "
                            "heartbeat: {address: {variable: HOOK}, method: POST}}");
  ASSERT_TRUE(notifier) << notifier.error().message;
  (*notifier)->missed("backup", "one");
  ASSERT_TRUE((*notifier)->flush(enough));
  (*notifier)->succeeded();
  ASSERT_TRUE((*notifier)->flush(enough));
  const std::vector<std::string> heard = receiver.heard();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_TRUE(heard[0].contains("\r\nAethel-Signature: t=")) << heard[0];
  EXPECT_TRUE(heard[1].starts_with("POST ")) << heard[1];
  // Without `notify` nobody is told.
  ASSERT_TRUE(configure("{}"));
}

TEST(Notify, SendsTextThatIsNone) {
  Receiver receiver;
  Complaints complaints;
  Notifier notifier(options(constant(receiver.address()), complaints));
  notifier.failed("backup", "\xff\xfe \"quoted\"\n" + std::string(100'000, 'x'));
  ASSERT_TRUE(notifier.flush(enough));
  const std::vector<std::string> heard = receiver.heard();
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_LT(heard[0].size(), 6000u);
  EXPECT_TRUE(nlohmann::json::accept(heard[0].substr(heard[0].find("\r\n\r\n") + 4)));
}

} // namespace
} // namespace aethel::platform
