// Bytes of a connection, as requests, on to the routes of the API: what is answered is a status
// that the document states for it, and nothing that came in gets out as a header.
#include "http/read_request.h"
#include "platform/api_json.h"
#include "platform/gate.h"
#include "support/one_backup_desk.h"

#include "backup/keys.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace {

using namespace aethel;
using namespace aethel::platform;

// A service with one backup, which does nothing and says that it does.
struct QuietDesk : OneBackupDesk {
  QuietDesk() {
    job = *queue.submit({.kind = "backup", .by = "schedule"},
                        [](JobProgress&) -> Result<std::string> { return "{}"; });
    queue.wait(job.id, std::chrono::seconds(10));
  }
  Answer<Job> start_backup(const std::string&) override { return job; }
  Answer<Job> start_drill(std::string_view, int level, const std::string&) override {
    if (level < -1 || level > 4) std::abort();
    return job;
  }
  Answer<Job> start_restore(const RestoreRequest& request, const std::string&) override {
    // It becomes a word of SQL: this is the last who looks at it.
    if (request.database.size() > 63 || request.backup.empty()) std::abort();
    for (const char c : request.database)
      if (c == '"' || c == '\'' || c == '\\' || c == ';' || static_cast<unsigned char>(c) <= ' ')
        std::abort();
    return job;
  }

  Job job;
};

struct World {
  World() {
    backup::initialise_keys();
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("aethel-fuzz-tokens-" + std::to_string(getpid()));
    std::ofstream(path) << "all read,run,restore " << token_digest("t") << "\nlook read "
                        << token_digest("r") << "\n";
    // What it has read stays when the file is gone.
    tokens = std::move(*TokenFile::open(path, [](const Failure&) {}));
    std::filesystem::remove(path);
    desk = std::make_unique<QuietDesk>();
    gate = std::make_unique<Gate>(*desk, tokens.get(), [](const std::string& line) {
      if (line.contains('\n') || !nlohmann::json::accept(line)) std::abort();
    });
    gate->limit(1e9);
    paths = nlohmann::json::parse(openapi()).at("paths");
  }
  std::unique_ptr<TokenFile> tokens;
  std::unique_ptr<QuietDesk> desk;
  std::unique_ptr<Gate> gate;
  nlohmann::json paths;
};

void check(const World& world, const http::Request& request, const http::Response& response) {
  std::map<std::string, std::string, std::less<>> parameters;
  std::string allow;
  const Route* const route = find_route(request.method, request.path, parameters, allow);
  if (route == nullptr) {
    if (response.status != (allow.empty() ? 404U : 405U)) std::abort();
  } else {
    std::string method;
    for (const char c : route->method) method += static_cast<char>(c - 'A' + 'a');
    const auto& responses = world.paths.at(std::string(route->pattern)).at(method).at("responses");
    if (!responses.contains(std::to_string(response.status))) std::abort();
  }
  for (const auto& [name, value] : response.headers)
    for (const char c : name + value)
      if (c == '\r' || c == '\n' || c == '\0') std::abort();
  if (response.type.ends_with("json") && !nlohmann::json::accept(response.body)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World* const world = new World;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const http::ReadRequest read = http::read_request(rest, "192.0.2.1", 16 << 10, 64 << 10);
    if (read.used > rest.size() || (read.request && read.refused)) std::abort();
    if (read.refused && read.refused->status < 400) std::abort();
    // A connection is closed after what is no request.
    if (!read.request) return 0;
    if (read.used == 0) std::abort();
    // A request is one only when nothing of it is missing.
    if (http::read_request(rest.substr(0, read.used - 1), "", 16 << 10, 64 << 10).request)
      std::abort();
    check(*world, *read.request, world->gate->answer(*read.request));
    rest.remove_prefix(read.used);
  }
  return 0;
}
