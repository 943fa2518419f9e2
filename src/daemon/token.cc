#include "daemon/token.h"

#include "daemon/terminal.h"

#include "backup/manifest.h"
#include "platform/tokens.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace aethel::daemon {
namespace {

struct Options {
  std::string name, until, file;
  std::vector<std::string> scopes;
};

Result<void> append(const std::string& path, const std::string& line) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return fail({.message = std::strerror(errno), .path = path});
  const ssize_t written = ::write(file, line.data(), line.size());
  const bool good = written == static_cast<ssize_t>(line.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!good) return fail({.message = "it cannot be written", .path = path});
  return {};
}

Exit run(const Options& options) {
  platform::Token token{.name = options.name, .scopes = options.scopes};
  if (!options.until.empty()) {
    token.until = backup::parse_time(options.until + "T00:00:00Z");
    if (token.until <= 0) {
      print_failure({.message = "--until is not a day such as 2027-01-31"});
      return Exit::usage;
    }
  }
  const std::string secret = platform::new_token();
  token.digest = platform::token_digest(secret);
  const std::string line = platform::token_line(token) + "\n";
  // As the service will read it: with the name's rules, and beside what is there.
  if (auto read = platform::parse_tokens(line); !read)
    return print_failure({.message = read.error().message}), Exit::usage;
  if (!options.file.empty()) {
    if (::access(options.file.c_str(), F_OK) == 0) {
      auto there = platform::TokenFile::open(
          options.file, [](const Failure& failure) { print_failure(failure); });
      if (!there) return print_failure(there.error()), Exit::usage;
      if ((*there)->has(options.name)) {
        print_failure({.message = fmt::format("there is a token \"{}\" already", options.name),
                       .path = options.file,
                       .hint = "remove its line first, or give another name"});
        return Exit::usage;
      }
    }
    if (auto done = append(options.file, line); !done)
      return print_failure(done.error()), Exit::failed;
    fmt::print("{}\n", secret);
    return Exit::done;
  }
  fmt::print("{}\n", secret);
  fmt::print(stderr, "it is shown this once; for the file of `serve.tokens`:\n{}", line);
  return Exit::done;
}

} // namespace

std::function<Exit()> declare_token(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("NAME", options->name, "who holds it: what the audit says")->required();
  app.add_option("--scope", options->scopes,
                 "what it may: read, run (backups, drills) and restore; several with commas")
      ->delimiter(',')
      ->required()
      ->check(CLI::IsMember(
          std::vector<std::string>(std::begin(platform::scopes), std::end(platform::scopes))));
  app.add_option("--until", options->until, "the day from which it is worth nothing")
      ->type_name("DAY");
  app.add_option("--file", options->file, "adds its line to this file")->type_name("FILE");
  app.footer("example:\n  aetheld token ci --scope read,run --file /etc/aethel/tokens");
  return [options] { return run(*options); };
}

} // namespace aethel::daemon
