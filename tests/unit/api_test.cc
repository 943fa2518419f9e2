// The API without a network: routes, tokens, limits, the document.
#include "platform/gate.h"
#include "platform/route.h"
#include "support/one_backup_desk.h"

#include "backup/manifest.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

namespace aethel::platform {
namespace {

using json = nlohmann::json;

struct FakeDesk : OneBackupDesk {
  Answer<Job> start_backup(const std::string& by) override { return start("backup", "", by); }
  Answer<Job> start_drill(std::string_view id, int level, const std::string& by) override {
    last_level = level;
    return start("drill", std::string(id), by);
  }
  Answer<Job> start_restore(const RestoreRequest& request, const std::string& by) override {
    last = request;
    return start("restore", request.backup, by);
  }
  Answer<Job> start(std::string kind, std::string id, const std::string& by) {
    auto job = queue.submit({.kind = std::move(kind), .backup = std::move(id), .by = by},
                            [](JobProgress&) -> Result<std::string> { return "{}"; });
    if (!job) return problem(503, job.error().message);
    return std::move(*job);
  }

  RestoreRequest last;
  int last_level = 0;
};

struct Api : testing::Test {
  Api() {
    backup::initialise_keys();
    path = std::filesystem::temp_directory_path() / ("aethel-tokens-" + backup::random_hex(8));
    write("all read,run,restore " + token_digest("all-secret") + "\nreader read " +
          token_digest("read-secret") + " # may look\nold read " + token_digest("old-secret") +
          " 2020-01-01\n");
    tokens = std::move(*TokenFile::open(
        path, [this](const Failure& failure) { complaints.push_back(failure.message); }));
    gate = std::make_unique<Gate>(desk, tokens.get(),
                                  [this](const std::string& line) { audit.push_back(line); });
  }
  ~Api() override { std::filesystem::remove(path); }
  void write(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }

  http::Response call(std::string method, std::string target, std::string token = "all-secret",
                      std::string body = "", std::string type = "application/json") {
    http::Request request{.method = std::move(method),
                          .path = std::move(target),
                          .body = std::move(body),
                          .peer = "192.0.2.1"};
    if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", std::move(type));
    return gate->answer(request);
  }

  std::string path;
  std::vector<std::string> complaints, audit;
  FakeDesk desk;
  std::unique_ptr<TokenFile> tokens;
  std::unique_ptr<Gate> gate;
};

TEST(TokenFile, IsMissing) {
  const auto opened = TokenFile::open("/nonexistent/tokens", [](const Failure&) {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().message, "the file of tokens cannot be read: No such file or directory");
  EXPECT_EQ(opened.error().hint, "`aetheld token NAME --scope read --file /nonexistent/tokens` "
                                 "makes it, with a token of that name");
}

// tools/prove/page.py runs it in a browser; this is what needs none.
TEST_F(Api, HasAPageForPeople) {
  const http::Response page = call("GET", "/", "");
  EXPECT_EQ(page.status, 200U);
  EXPECT_EQ(page.type, "text/html; charset=utf-8");
  const auto policy = std::ranges::find(page.headers, "Content-Security-Policy",
                                        &std::pair<std::string, std::string>::first);
  ASSERT_NE(policy, page.headers.end());
  EXPECT_TRUE(policy->second.starts_with("default-src 'none'; script-src 'sha256-"));
  EXPECT_EQ(policy->second.find("unsafe"), std::string::npos);
  // Self-contained: the only address is the name of SVG.
  for (std::size_t at = page.body.find("://"); at != std::string::npos;
       at = page.body.find("://", at + 1)) {
    const std::string_view around = std::string_view(page.body).substr(at - 10, 60);
    EXPECT_TRUE(around.find("www.w3.org/2000/svg") != around.npos ||
                around.find("postgresql://USER@HOST/EMPTY") != around.npos)
        << around;
  }
  // Each word in both languages.
  std::set<std::string> words;
  for (std::size_t at = page.body.find("say(\""); at != std::string::npos;
       at = page.body.find("say(\"", at + 1))
    words.insert(page.body.substr(at + 5, page.body.find('"', at + 5) - at - 5));
  EXPECT_GT(words.size(), 30U);
  for (const std::string& each : words) {
    unsigned times = 0;
    for (const std::string& start : {" " + each + ": \"", " " + each + ": {"})
      for (std::size_t at = page.body.find(start); at != std::string::npos;
           at = page.body.find(start, at + 1))
        ++times;
    EXPECT_GE(times, 2U) << each;
  }
}

TEST_F(Api, AnswersWhoMay) {
  EXPECT_EQ(call("GET", "/api/backup").status, 200U);
  EXPECT_EQ(call("HEAD", "/api/backup").status, 200U);
  EXPECT_EQ(call("GET", "/api/backup", "read-secret").status, 200U);
  EXPECT_EQ(call("GET", "/api/backup", "").status, 401U);
  EXPECT_EQ(call("GET", "/api/backup", "wrong").status, 401U);
  EXPECT_EQ(call("GET", "/api/backup", "old-secret").status, 401U);
  EXPECT_EQ(call("POST", "/api/backup", "read-secret").status, 403U);
  EXPECT_EQ(call("GET", "/openapi.json", "").status, 200U);
  EXPECT_EQ(call("GET", "/nothing", "").status, 404U);
  const http::Response wrong = call("PUT", "/api/backup");
  EXPECT_EQ(wrong.status, 405U);
  EXPECT_EQ(wrong.headers.front(),
            (std::pair<std::string, std::string>("Allow", "GET, HEAD, POST")));
  Gate closed(desk, nullptr, [](const std::string&) {});
  EXPECT_EQ(closed.answer({.method = "GET", .path = "/api/backup"}).status, 403U);
}

TEST_F(Api, StartsWhatIsAskedFor) {
  const http::Response started = call("POST", "/api/backup");
  EXPECT_EQ(started.status, 202U);
  const std::string id = json::parse(started.body).at("id");
  EXPECT_EQ(started.headers.front().second, "/api/jobs/" + id);
  ASSERT_TRUE(desk.queue.wait(id, std::chrono::seconds(10)));
  EXPECT_EQ(json::parse(call("GET", "/api/jobs/" + id).body).at("state"), "succeeded");
  EXPECT_EQ(call("DELETE", "/api/jobs/" + id).status, 409U);
  EXPECT_EQ(call("GET", "/api/jobs/none").status, 404U);
  EXPECT_EQ(call("GET", "/api/backup/none").status, 404U);
  EXPECT_EQ(json::parse(call("GET", "/api/backup/latest").body).at("backup").at("id"),
            FakeDesk::known);
  EXPECT_EQ(call("POST", "/api/backup/latest/drill", "all-secret", R"({"level": "L2"})").status,
            202U);
  EXPECT_EQ(desk.last_level, 2);
  EXPECT_EQ(call("POST", "/api/backup/latest/drill", "all-secret", R"({"level": "L9"})").status,
            422U);
  EXPECT_EQ(
      call("POST", "/api/backup/latest/restore", "all-secret", R"({"database": "fresh"})").status,
      202U);
  EXPECT_EQ(desk.last.database, "fresh");
  // The same by one address, and no backup is called "restore".
  EXPECT_EQ(call("POST", "/api/backup/restore", "all-secret",
                 R"({"backupId": "latest", "in_place": true})")
                .status,
            202U);
  EXPECT_EQ(desk.last.backup, "latest");
  EXPECT_EQ(desk.last.database, "");
}

TEST_F(Api, RefusesWhatItDoesNotUnderstand) {
  const auto restore = [&](std::string body, std::string type = "application/json") {
    return call("POST", "/api/backup/latest/restore", "all-secret", std::move(body),
                std::move(type))
        .status;
  };
  EXPECT_EQ(restore("{"), 400U);
  EXPECT_EQ(restore(std::string(5000, '[')), 400U);
  EXPECT_EQ(restore("[]"), 422U);
  EXPECT_EQ(restore(""), 422U);
  EXPECT_EQ(restore("{}", "text/plain"), 415U);
  EXPECT_EQ(restore(R"({"database": "fresh", "more": 1})"), 422U);
  EXPECT_EQ(restore(R"({"database": ["fresh"]})"), 422U);
  EXPECT_EQ(restore(R"({"database": 7})"), 422U);
  EXPECT_EQ(restore(R"({"database": "fresh", "in_place": true})"), 422U);
  EXPECT_EQ(restore(R"({"in_place": "yes"})"), 422U);
  EXPECT_EQ(restore(R"({"in_place": false})"), 422U);
  EXPECT_EQ(restore(R"({"database": ""})"), 422U);
  EXPECT_EQ(restore(R"({"database": "a\"; DROP DATABASE b"})"), 422U);
  // Two names of one thing, even where they agree.
  EXPECT_EQ(call("POST", "/api/backup/restore", "all-secret",
                 R"({"backupId": "latest", "id": "latest", "database": "fresh"})")
                .status,
            422U);
  EXPECT_TRUE(desk.queue.idle());
}

TEST_F(Api, LimitsWhoCallsTooOften) {
  unsigned refused = 0;
  for (int i = 0; i < 60; ++i) {
    const http::Response response = call("GET", "/api/jobs", "read-secret");
    if (response.status != 429) continue;
    ++refused;
    EXPECT_EQ(response.headers.front().first, "Retry-After");
  }
  EXPECT_GE(refused, 20U);
  EXPECT_EQ(call("GET", "/api/jobs").status, 200U) << "another token";
  RateLimit limit(2, 1);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_EQ(limit.take("a", now), 0U);
  EXPECT_EQ(limit.take("a", now), 0U);
  EXPECT_EQ(limit.take("a", now), 1U);
  EXPECT_EQ(limit.take("a", now + std::chrono::seconds(1)), 0U);
  for (int i = 0; i < 20'000; ++i) limit.take(std::to_string(i), now); // bounded
  EXPECT_EQ(limit.take("b", now + std::chrono::hours(1)), 0U);
}

TEST_F(Api, AuditsEachCallWithoutSecrets) {
  call("POST", "/api/backup", "all-secret");
  call("GET", "/api/backup/all-secret", "wrong-secret");
  ASSERT_EQ(audit.size(), 2U);
  const json first = json::parse(audit[0]);
  EXPECT_EQ(first.at("caller"), "all");
  EXPECT_EQ(first.at("route"), "/api/backup");
  EXPECT_EQ(first.at("status"), 202);
  const json second = json::parse(audit[1]);
  EXPECT_EQ(second.at("caller"), "");
  EXPECT_EQ(second.at("route"), "/api/backup/{id}");
  EXPECT_EQ(second.at("status"), 401);
  EXPECT_EQ(audit[1].find("secret"), std::string::npos);
  call("GET", "/openapi.json", "");
  EXPECT_EQ(audit.size(), 2U);
}

TEST_F(Api, ReadsTheFileOfTokensAgain) {
  EXPECT_EQ(call("GET", "/api/jobs", "new-secret").status, 401U);
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  write("fresh read " + token_digest("new-secret") + "\n");
  EXPECT_EQ(call("GET", "/api/jobs", "new-secret").status, 200U);
  EXPECT_EQ(call("GET", "/api/jobs", "all-secret").status, 401U);
  // One with a mistake changes nothing.
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  write("fresh everything " + token_digest("new-secret") + "\n");
  EXPECT_EQ(call("GET", "/api/jobs", "new-secret").status, 200U);
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_NE(complaints[0].find("no scope"), std::string::npos);
}

TEST(Tokens, SayWhereAMistakeIs) {
  const std::string digest(64, 'a');
  for (const auto& [text, line, part] :
       std::initializer_list<std::tuple<std::string, unsigned, const char*>>{
           {"# fine\n\nops read\n", 3, "not a token's line"},
           {"ops read " + digest + "\nops read " + digest + "\n", 2, "already"},
           {"o/ps read " + digest, 1, "characters"},
           {"ops read,write " + digest, 1, "no scope"},
           {"ops read " + std::string(64, 'A'), 1, "lower-case"},
           {"ops read " + digest + " tomorrow", 1, "2027-01-31"},
           {"ops read " + digest + " 2027-01-01 more", 1, "not a token's line"}}) {
    const auto tokens = parse_tokens(text);
    ASSERT_FALSE(tokens) << text;
    EXPECT_EQ(tokens.error().line, line) << text;
    EXPECT_NE(tokens.error().message.find(part), std::string::npos) << tokens.error().message;
    EXPECT_EQ(tokens.error().message.find("aaaa"), std::string::npos);
  }
  const auto tokens = parse_tokens("ops read,run " + digest + " 2027-01-31\r\n");
  ASSERT_TRUE(tokens);
  EXPECT_EQ(token_line(tokens->front()), "ops read,run " + digest + " 2027-01-31");
}

TEST(OpenApi, DescribesEveryRoute) {
  backup::initialise_keys();
  const json all = json::parse(openapi());
  std::set<std::string> operations;
  std::size_t count = 0;
  for (const auto& [path, methods] : all.at("paths").items())
    for (const auto& [method, operation] : methods.items()) {
      ++count;
      operations.insert(operation.at("operationId").get<std::string>());
      EXPECT_FALSE(operation.at("responses").empty());
    }
  EXPECT_EQ(count, routes::all().size());
  EXPECT_EQ(operations.size(), count);
  // What is referred to is there.
  const std::string text = all.dump();
  for (std::size_t at = 0; (at = text.find("\"#/", at)) != std::string::npos; ++at) {
    const std::string pointer = text.substr(at + 2, text.find('"', at + 1) - at - 2);
    EXPECT_TRUE(all.contains(json::json_pointer(pointer))) << pointer;
  }
}

TEST(Jobs, RunOneAfterTheOtherAndEnd) {
  backup::initialise_keys();
  Jobs jobs;
  std::atomic<bool> go = false;
  std::atomic<int> at_once = 0;
  const auto work = [&](JobProgress& progress) -> Result<std::string> {
    EXPECT_EQ(++at_once, 1);
    progress.stage = "waiting for a word";
    progress.set_backup("made");
    progress.done = 7;
    while (!go && !progress.cancelled) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --at_once;
    if (progress.cancelled) return fail("cancelled");
    return "{}";
  };
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < jobs_waiting_limit + 1; ++i) {
    auto job = jobs.submit({.kind = "backup"}, work);
    ASSERT_TRUE(job);
    ids.push_back(job->id);
    if (i == 0)
      while (jobs.find(job->id)->done != 7)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_FALSE(jobs.submit({.kind = "backup"}, work)) << "too many wait";
  EXPECT_EQ(jobs.find(ids[0])->state, JobState::running);
  EXPECT_EQ(jobs.find(ids[0])->stage, "waiting for a word");
  EXPECT_EQ(jobs.find(ids[0])->request.backup, "made");
  EXPECT_EQ(jobs.find(ids[1])->request.backup, "");
  EXPECT_TRUE(jobs.cancel(ids[1]));
  EXPECT_EQ(jobs.find(ids[1])->state, JobState::cancelled);
  EXPECT_TRUE(jobs.cancel(ids[0]));
  ASSERT_TRUE(jobs.wait(ids[0], std::chrono::seconds(10)));
  EXPECT_EQ(jobs.find(ids[0])->state, JobState::cancelled);
  go = true;
  ASSERT_TRUE(jobs.wait(ids.back(), std::chrono::seconds(10)));
  EXPECT_EQ(jobs.find(ids.back())->state, JobState::succeeded);
  EXPECT_EQ(jobs.find(ids.back())->request.backup, "made");
  EXPECT_EQ(jobs.list().front().id, ids.back());
  jobs.stop();
  EXPECT_FALSE(jobs.submit({.kind = "backup"}, work));
}

} // namespace
} // namespace aethel::platform
