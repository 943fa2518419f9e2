// The checks of `serve.checks` against servers that are not what they should be: each look ends by
// its deadline, says what is wrong, and repeats nothing of the address or of the other end. And
// what is wrong in aethel.yaml.
#include "support/configured_check.h"

#include <gtest/gtest.h>

#include <csignal>

namespace aethel::platform {
namespace {

using std::chrono::milliseconds;
using Line = TestPeer::Line;

TEST(Checks, EndByTheirDeadlineWhateverTheOtherEndDoes) {
  std::signal(SIGPIPE, SIG_IGN); // as aetheld does: OpenSSL writes to sockets that were closed
  const std::vector<std::pair<const char*, std::function<void(Line&)>>> peers = {
      {"accepts and says nothing", [](Line& line) { line.listen(); }},
      {"sends a byte at a time",
       [](Line& line) {
         // What each protocol may begin with, so that none is refused at once.
         for (const char c : std::string_view("HTTP/1.1 200 OK\r\nX: ")) {
           line.send({&c, 1});
           line.pause(5);
         }
         while (!line.over()) {
           line.send("x");
           line.pause(5);
         }
       }},
      {"begins an answer that never ends",
       [](Line& line) {
         line.send("+");
         while (!line.over()) line.send(std::string(65536, 'x'));
       }},
      {"sends a body that never ends",
       [](Line& line) {
         line.read_until("\r\n");
         line.send("HTTP/1.1 200 OK\r\n\r\n");
         while (!line.over()) line.send(std::string(65536, 'x'));
       }},
      {"closes at once", [](Line&) {}},
      {"speaks something else",
       [](Line& line) {
         line.send("SSH-2.0-OpenSSH_9.2 sentinel\r\n");
         line.listen();
       }},
      {"claims an answer of terabytes",
       [](Line& line) {
         line.read_until("\r\n");
         line.send("$99999999999999\r\n");
         line.listen();
       }},
      {"claims an array of billions",
       [](Line& line) {
         line.read_until("\r\n");
         line.send("*2000000000\r\n");
         line.listen();
       }},
  };
  for (const auto& [what, talk] : peers) {
    const TestPeer peer(talk);
    for (const auto& [kind, scheme] :
         std::vector<std::pair<const char*, const char*>>{{"redis", "redis"},
                                                          {"redis", "rediss"},
                                                          {"http", "http"},
                                                          {"http", "https"},
                                                          {"websocket", "ws"},
                                                          {"websocket", "wss"},
                                                          {"certificate", "tls"},
                                                          {"postgresql", "postgresql"}}) {
      const std::string name = fmt::format("{} to one that {}", scheme, what);
      const auto begin = std::chrono::steady_clock::now();
      const CheckResult result =
          look(fmt::format("kind: {}, timeout: 300ms, {}", kind, at(scheme, peer)));
      const auto took = std::chrono::steady_clock::now() - begin;
      EXPECT_EQ(result.health(), Health::fail) << name;
      EXPECT_LT(took, std::chrono::seconds(4)) << name;
      EXPECT_FALSE(result.message().empty()) << name;
      for (const char* secret : {"127.0.0.1", "sentinel", "xxx", "NOT CONFIGURED"})
        EXPECT_FALSE(result.message().contains(secret)) << name << ": " << result.message();
      EXPECT_FALSE(result.message().contains(std::to_string(peer.port()))) << name;
    }
  }
}

TEST(Checks, SayThatNobodyIsThere) {
  std::uint16_t port = 0;
  {
    port = TestPeer([](Line&) {}).port();
  }
  for (const auto& [kind, scheme] :
       std::vector<std::pair<const char*, const char*>>{{"redis", "redis"},
                                                        {"http", "http"},
                                                        {"websocket", "ws"},
                                                        {"certificate", "tls"},
                                                        {"postgresql", "postgresql"}})
    EXPECT_EQ(said(look(fmt::format("kind: {}, url: \"{}://127.0.0.1:{}\"", kind, scheme, port))),
              "fail: it cannot be connected to");
}

TEST(Checks, SayThatANameLeadsNowhere) {
  const CheckResult result = look("kind: redis, url: \"redis://nobody.invalid\", timeout: 5s");
  EXPECT_TRUE(result.message().starts_with("its name ")) << result.message();
}

TEST(Checks, AreReadWithTheirTimes) {
  const auto checks = configure("    cache:\n"
                                "      kind: redis\n"
                                "      url: redis://127.0.0.1\n"
                                "      hard: false\n"
                                "      every: 1m\n"
                                "      failures: 3\n"
                                "      successes: 4\n"
                                "    disk:\n"
                                "      kind: disk\n"
                                "      path: /\n"
                                "      maximum_age: 5m\n");
  ASSERT_TRUE(checks) << checks.error().message;
  ASSERT_EQ(checks->size(), 2u);
  const HealthCheck& cache = checks->front();
  EXPECT_EQ(cache.name, "cache");
  EXPECT_FALSE(cache.hard);
  EXPECT_EQ(cache.period, std::chrono::minutes(1));
  EXPECT_EQ(cache.failures, 3u);
  EXPECT_EQ(cache.successes, 4u);
  EXPECT_EQ(cache.maximum_age, std::chrono::seconds(126));
  EXPECT_TRUE(checks->back().hard);
  EXPECT_EQ(checks->back().period, std::chrono::seconds(30));
  EXPECT_EQ(checks->back().maximum_age, std::chrono::minutes(5));
}

TEST(Checks, SayWhatIsWrongAndWhere) {
  struct Case {
    const char* keys;
    const char* message;
  };
  const Case cases[] = {
      {"kind: rediss", "unknown kind of check \"rediss\""},
      {"hard: true", "the check \"it\" has no kind"},
      {"kind: redis", "it has no address"},
      {"kind: redis, address: {}", "it has no address"},
      {"kind: redis, address: {variable: ABSENT}", "it is not set"},
      {"kind: redis, url: \"redis://a\", address: {variable: GOOD}", "more than one address"},
      {"kind: redis, url: \"redis://:hunter2@a\"", "holds a secret"},
      {"kind: redis, url: \"redis://hunter2@a\"", "holds a secret"},
      {"kind: http, url: \"https://a/?token=hunter2\"", "holds a secret"},
      {"kind: postgresql, url: \"host=a password=hunter2\"", "holds a secret"},
      {"kind: postgresql, url: \"postgresql://u@a/?password=hunter2\"", "holds a secret"},
      {"kind: redis, url: \"http://a\"", "not of the form redis://"},
      {"kind: redis, address: {variable: BAD}", "not of the form redis://"},
      {"kind: postgresql, address: {variable: BAD}", "neither a URL nor"},
      {"kind: websocket, address: {variable: USER}", "has no user"},
      {"kind: http, url: \"http://a b\"", "not of the form http://"},
      {"kind: http, url: \"http://a:99999\"", "not of the form http://"},
      {"kind: http, url: \"http://a\", status: [ok]", "not a status of HTTP"},
      {"kind: http, url: \"http://a\", role: primary", "http takes no `role`"},
      {"kind: redis, url: \"redis://a\", role: leader", "unknown role \"leader\""},
      {"kind: redis, url: \"redis://a\", hard: maybe", "\"hard\" must be true or false"},
      {"kind: redis, url: \"redis://a\", every: soon", "\"soon\" is not a time"},
      {"kind: redis, url: \"redis://a\", every: 1ms", "not so often"},
      {"kind: redis, url: \"redis://a\", timeout: 1h", "not a time-out"},
      {"kind: redis, url: \"redis://a\", failures: 0", "\"failures\" must be a whole number"},
      {"kind: redis, url: \"redis://a\", failures: 1000", "more than 100 in a row"},
      {"kind: redis, url: \"redis://a\", maximum_age: 2s", "results are never so young"},
      {"kind: disk", "a disk needs a `path`"},
      {"kind: disk, path: /, fail_below: little", "neither a share nor a quantity"},
      {"kind: disk, path: /, warn_below: 100%", "neither a share nor a quantity"},
      {"kind: certificate, path: a.pem, url: \"tls://a\"", "more than one address"},
      {"kind: certificate, path: a.pem, server_name: a", "a file is asked by nobody"},
      {"kind: redis, colour: red", "unknown key \"colour\""},
  };
  const std::map<std::string, std::string> world = {
      {"GOOD", "redis://:hunter2@a"}, {"BAD", "hunter2 hunter2"}, {"USER", "ws://u:hunter2@a"}};
  for (const Case& each : cases) {
    const auto checks = configure("    it: {" + std::string(each.keys) + "}\n", world);
    ASSERT_FALSE(checks) << each.keys;
    const Failure& failure = checks.error();
    EXPECT_TRUE(failure.message.contains(each.message)) << each.keys << ": " << failure.message;
    EXPECT_EQ(failure.line, 3u) << each.keys;
    EXPECT_FALSE((failure.message + failure.hint).contains("hunter2")) << failure.message;
  }
  const auto own = configure("    database: {kind: disk, path: /}\n");
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().message, "aetheld has a check \"database\" of its own");
}

TEST(Checks, OfEveryKindAreNamedByTheirFile) {
  std::vector<std::string_view> names;
  for (const CheckKind* each : checks::all()) names.push_back(each->name);
  EXPECT_EQ(names, (std::vector<std::string_view>{"certificate", "disk", "http", "postgresql",
                                                  "redis", "websocket"}));
}

TEST(Health, ShowsAWarningAtOnceAndStaysReady) {
  std::atomic<bool> warns = true;
  HealthBoard board({{.name = "certificate",
                      .run = [&]() -> CheckResult {
                        if (warns) return CheckResult::warn("over in 3 days");
                        return {};
                      },
                      .period = milliseconds(10),
                      .failures = 100}});
  const auto until = [&](Health health) {
    for (int i = 0; i < 400 && board.ready() != health; ++i)
      std::this_thread::sleep_for(milliseconds(10));
    return board.ready() == health;
  };
  EXPECT_TRUE(until(Health::warn));
  EXPECT_TRUE(board.started());
  EXPECT_EQ(board.states()[0].message, "over in 3 days");
  warns = false;
  EXPECT_TRUE(until(Health::pass));
  EXPECT_EQ(board.states()[0].message, "");
}

} // namespace
} // namespace aethel::platform
