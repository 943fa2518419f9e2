// The linker as a whole: what must hold for any repository.
#include "link/passes.h"
#include "link/phrases.h"
#include "link/report_format.h"
#include "support/linked.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace aethel {
namespace {

using testing::link_text;
using testing::parse_txtar;

std::string write_report(std::string_view format, const Report& report,
                         Language language = Language::en) {
  for (const ReportFormat* each : formats::all())
    if (each->name == format) return each->write(report, {.language = language, .verbose = true});
  ADD_FAILURE() << "no format " << format;
  return {};
}

Report link_folder(const Vfs& files, unsigned threads) {
  auto report = link_program(files, {.threads = threads, .today = *parse_date("2026-11-25")});
  EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().message);
  return report ? std::move(*report) : Report{};
}

TEST(Link, gives_the_same_bytes_for_any_number_of_threads) {
  const auto files = disk_files(AETHEL_SOURCE_DIR "/tests/seed/aethel-engine");
  std::string first;
  for (const unsigned threads : {1u, 2u, 8u}) {
    const Report report = link_folder(*files, threads);
    std::string text;
    for (const ReportFormat* format : formats::all()) text += write_report(format->name, report);
    if (first.empty()) first = text;
    EXPECT_EQ(text, first) << threads << " threads";
  }
}

TEST(Link, is_silent_on_the_shop) {
  const auto files = disk_files(AETHEL_SOURCE_DIR "/examples/shop");
  const Report report = link_folder(*files, 2);
  for (const Finding& finding : report.findings)
    ADD_FAILURE() << report.program.place(finding.span) << ": " << finding.rule->name << ": "
                  << text_of(message_of(finding), finding.arguments, Language::en);
  EXPECT_TRUE(report.program.not_analysed.empty());
  // Silence must come from looking, not from reading nothing.
  EXPECT_GE(summarise(report).references[static_cast<std::size_t>(OutcomeState::resolved)], 140u);
}

TEST(Link, finds_what_is_planted_in_the_shop) {
  struct Plant {
    const char *file, *from, *to, *rule;
  };
  constexpr Plant plants[] = {
      {"compose.prod.yaml", "condition: service_healthy",
       "condition: service_healthy\n      ghost:\n        condition: service_started",
       "undefined-service"},
      {"compose.prod.yaml", "image: nginx:1.30-alpine", "image: minio/minio:latest",
       "retired-image"},
  };
  for (const Plant& plant : plants) {
    const auto disk = disk_files(AETHEL_SOURCE_DIR "/examples/shop");
    MemoryFiles files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(AETHEL_SOURCE_DIR "/examples/shop")) {
      if (!entry.is_regular_file()) continue;
      const std::string path =
          std::filesystem::relative(entry.path(), AETHEL_SOURCE_DIR "/examples/shop").string();
      std::string bytes = disk->read(path, 8u << 20).value();
      if (path == plant.file) {
        const std::size_t at = bytes.find(plant.from);
        ASSERT_NE(at, std::string::npos) << plant.from;
        bytes.replace(at, std::string_view(plant.from).size(), plant.to);
      }
      files.write(path, std::move(bytes));
    }
    const Report report = link_folder(files, 1);
    EXPECT_TRUE(std::ranges::any_of(report.findings, [&](const Finding& f) {
      return f.rule->name == plant.rule;
    })) << plant.rule;
  }
}

TEST(Link, prints_no_secret_value) {
  const auto linked = link_text(parse_txtar(R"(-- compose.prod.yaml --
services:
  db:
    image: postgres:18
    environment:
      POSTGRES_USER: app
      POSTGRES_PASSWORD: hunter2hunter2
  api:
    image: ghcr.io/acme/api:1
    environment:
      DATABASE_URL: postgres://app:other-Secret-9@db:5433/app
      JWT_SECRET: ${JWT_SECRET:-fallback-secret-value}
    depends_on: [nobody]
-- .env --
API_TOKEN=tok-en-123456
)"));
  for (const ReportFormat* each : formats::all())
    for (const Language language : {Language::en, Language::pt}) {
      const std::string_view format = each->name;
      const std::string text = write_report(format, linked.report, language);
      for (const std::string_view secret :
           {"hunter2hunter2", "other-Secret-9", "fallback-secret-value", "tok-en-123456"})
        EXPECT_EQ(text.find(secret), std::string::npos) << format << ": " << secret;
    }
  EXPECT_FALSE(linked.report.findings.empty());
}

TEST(Link, sets_aside_what_the_configuration_ignores) {
  const auto linked = link_text(parse_txtar(R"(-- aethel.yaml --
version: 1
externs:
  - kind: network
    name: edge
    reason: the platform team makes it
ignore:
  - rule: undefined-path
    name: nginx/ssl
    reason: certbot on the host
  - rule: undefined-volume
    reason: was needed once
-- compose.prod.yaml --
services:
  web:
    image: nginx:1.28
    networks: [edge]
    volumes:
      - ./nginx/ssl:/etc/nginx/ssl:ro
      - ./nginx/nginx.conf:/etc/nginx/nginx.conf:ro
networks:
  other:
-- nginx/nginx.conf --
events {}
http {
  server {
    listen 443 ssl;
    ssl_certificate /etc/nginx/ssl/server.crt;
    ssl_certificate_key /etc/nginx/ssl/server.key;
  }
}
)"));
  ASSERT_EQ(linked.report.findings.size(), 1u);
  EXPECT_EQ(linked.report.findings[0].rule->name, "stale-ignore");
  EXPECT_EQ(linked.report.ignored.size(), 1u);
}

TEST(Link, tells_every_mistake_of_the_configuration_at_once) {
  MemoryFiles files;
  files.write("aethel.yaml", "ignores: []\nexterns:\n  - kind: planet\n    name: mars\n");
  files.write("compose.yaml", "services: {web: {image: nginx}}\n");
  const auto report = link_program(files, {.threads = 1, .today = *parse_date("2026-11-25")});
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().path, "aethel.yaml");
  EXPECT_EQ(report.error().line, 1u);
  EXPECT_NE(report.error().message.find("\naethel.yaml:3"), std::string::npos)
      << report.error().message;
}

// Files that are made to break readers end with a line under "not analysed".
TEST(Link, survives_hostile_files) {
  namespace fs = std::filesystem;
  char pattern[] = "/tmp/aethel-hostile-XXXXXX";
  ASSERT_NE(::mkdtemp(pattern), nullptr);
  const fs::path root = pattern;
  auto write = [&](const char* name, const std::string& bytes) {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name, std::ios::binary) << bytes;
  };
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'j'; ++c) {
    const char last = static_cast<char>(c - 1);
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i ? ",*" : "*") + last;
    bomb += "]\n";
  }
  write("bomb/compose.yaml", bomb + "services: {web: {image: nginx}}\n");
  write("deep/compose.yaml", "services: " + std::string(10000, '[') + "\n");
  write("nul/compose.yaml", std::string("services:\n  web:\n    image: ngi\0nx\n", 35));
  write("latin/compose.yaml", "services:\n  web:\n    image: nginx # caf\xe9\n");
  write("huge/compose.yaml", "services:\n");
  fs::resize_file(root / "huge/compose.yaml", 1ull << 30); // sparse
  write("huge/.env", "A=1\n");
  fs::create_directories(root / "folder/compose.yaml");
  fs::create_directories(root / "folder/.env");
  fs::create_symlink("loop-b", root / "loop-a");
  fs::create_symlink("loop-a", root / "loop-b");
  fs::create_symlink("..", root / "up");
  write("loop/compose.yaml", "services:\n  web:\n    image: nginx\n    env_file: ../loop-a\n    "
                             "volumes: [\"../up/up/up:/x\"]\n");
  write("self/compose.yaml", "include: [compose.yaml]\nservices:\n  web:\n    extends: {service: "
                             "web, file: compose.yaml}\n");
  write("cycle/compose.yaml", "services:\n  a: {extends: b}\n  b: {extends: a}\n");

  const auto files = disk_files(root.string());
  const Report report = link_folder(*files, 2);
  auto named = [&](std::string_view path) {
    return std::ranges::any_of(report.program.not_analysed,
                               [&](const NotAnalysed& each) { return each.path == path; }) ||
           std::ranges::any_of(report.findings, [&](const Finding& finding) {
             return finding.span.file && report.program.sources->path(finding.span.file) == path;
           });
  };
  for (const std::string_view path :
       {"bomb/compose.yaml", "deep/compose.yaml", "nul/compose.yaml", "latin/compose.yaml",
        "huge/compose.yaml", "self/compose.yaml", "cycle/compose.yaml"})
    EXPECT_TRUE(named(path)) << path;
  fs::remove_all(root);
}

TEST(Phrases, say_the_same_arguments_in_both_languages) {
  for (const Message& message : all_phrases())
    for (std::size_t at = message.en.find('{'); at != std::string_view::npos;
         at = message.en.find('{', at + 1)) {
      const std::string_view name = message.en.substr(at, message.en.find('}', at) - at + 1);
      EXPECT_NE(message.pt.find(name), std::string_view::npos) << message.id;
    }
}

TEST(Link, refuses_a_declared_target_that_is_not_there) {
  MemoryFiles files;
  files.write("compose.yaml", "services: {web: {image: 'nginx:1.28'}}\n");
  files.write("aethel.yaml", "targets:\n  - compose: compose.yml\n    stage: production\n");
  const auto report = link_program(files, {.threads = 1, .today = *parse_date("2026-11-25")});
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().line, 2u);
  EXPECT_EQ(report.error().hint, "did you mean \"compose.yaml\"?");
}

} // namespace
} // namespace aethel
