#include "backup/keys.h"
#include "daemon/serve.h"
#include "daemon/terminal.h"
#include "daemon/token.h"
#include "daemon/verb.h"

#include "base/nearest.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>

namespace aethel::daemon {
namespace {

constexpr const char* footer =
    "examples:\n"
    "  aetheld backup init           makes a repository and its keys, once\n"
    "  aetheld backup check          what would keep a backup or a drill from working\n"
    "  aetheld backup run            a backup, proven when it is small\n"
    "  aetheld backup list           what exists, and how far each is proven\n"
    "  aetheld backup restore latest --to postgresql://localhost/empty\n"
    "  aetheld serve                 backups and drills by the clock, with an API, a page, "
    "metrics\n"
    "\n"
    "exit codes: 0 done, 1 not proven or a check failed, 2 usage, 3 it could not be done";

constexpr const char* backup_footer =
    "Configuration: --config FILE, $AETHEL_CONFIG, ./aethel.yaml or /etc/aethel/aethel.yaml. "
    "Secrets\n"
    "come from the environment: DATABASE_URL, BACKUP_SIGNING_KEY, BACKUP_SERVICE_KEY, each also as "
    "a\n"
    "file that the variable with _FILE names.\n"
    "\n"
    "exit codes: 0 done, 1 not proven or a check failed, 2 usage, 3 it could not be done";

// CLI11 says of a verb that it does not know only that one is required.
std::optional<Failure> unknown_verb(const CLI::App& app, std::span<char* const> words) {
  const CLI::App* at = &app;
  std::string said = app.get_name();
  for (const std::string_view word : words) {
    const std::vector<const CLI::App*> subs = at->get_subcommands(nullptr);
    if (subs.empty() || word.starts_with('-')) return {};
    const auto found = std::ranges::find(subs, word, &CLI::App::get_name);
    if (found == subs.end()) {
      std::vector<std::string> names;
      for (const CLI::App* each : subs) names.push_back(each->get_name());
      std::string hint = did_you_mean(word, names);
      if (hint.empty()) hint = fmt::format("`{} --help` lists them", said);
      return Failure{.message = fmt::format("no verb \"{}\"", word), .hint = std::move(hint)};
    }
    at = *found;
    said += fmt::format(" {}", word);
  }
  return {};
}

} // namespace

int run_daemon(int argc, char** argv) {
  // A pipe whose reader went is an error of the write, which says what to do about it.
  std::signal(SIGPIPE, SIG_IGN);
  backup::initialise_keys();
  CLI::App app("aetheld holds the running parts of Aethel: proven backups, and the service that "
               "makes them by the clock",
               "aetheld");
  app.footer(footer);
  app.set_version_flag("--version", "aetheld " AETHEL_VERSION);
  app.require_subcommand(0, 1);
  CLI::App* const group =
      app.add_subcommand("backup", "backups of PostgreSQL, proven by restoring them");
  group->footer(backup_footer);
  group->require_subcommand(1);
  std::vector<std::function<Exit()>> runners;
  std::vector<std::unique_ptr<Common>> commons;
  std::vector<CLI::App*> subs;
  for (const Verb* verb : verbs::all()) {
    CLI::App* const sub =
        group->add_subcommand(std::string(verb->name), std::string(verb->summary));
    Common& common = *commons.emplace_back(std::make_unique<Common>());
    sub->add_option("-c,--config", common.config, "path of aethel.yaml")->type_name("FILE");
    sub->add_flag("--json", common.json, "one JSON document on standard output");
    sub->add_flag("-q,--quiet", common.quiet, "says nothing but failures");
    if (!verb->example.empty()) sub->footer("example:\n  " + std::string(verb->example));
    runners.push_back(verb->declare(*sub, common));
    subs.push_back(sub);
  }
  Common serving;
  CLI::App* const serve_app = app.add_subcommand(
      "serve", "makes backups by the clock and answers for them: API, page, health, metrics");
  serve_app->add_option("-c,--config", serving.config, "path of aethel.yaml")->type_name("FILE");
  serve_app->add_flag("-q,--quiet", serving.quiet, "says nothing but failures");
  serve_app->footer(
      "paths: / for people, /api/backup and /api/jobs (/openapi.json describes them), /livez, "
      "/readyz\n"
      "and /startupz, each with ?verbose and ?exclude=CHECK; /metrics on a port of its own\n"
      "SIGHUP reads the configuration and the secrets again. SIGTERM ends it: it says that it is "
      "not\n"
      "ready, waits, and answers what is under way");
  CLI::App* const token_app =
      app.add_subcommand("token", "makes a token for the API of aetheld serve");
  const std::function<Exit()> token = declare_token(*token_app);
  if (const auto unknown =
          unknown_verb(app, std::span(argv, static_cast<std::size_t>(argc)).subspan(1))) {
    print_failure(*unknown);
    return static_cast<int>(Exit::usage);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(Exit::usage);
  }
  try {
    if (token_app->parsed()) return static_cast<int>(token());
    if (serve_app->parsed()) return static_cast<int>(serve(serving));
    for (std::size_t i = 0; i < subs.size(); ++i)
      if (subs[i]->parsed()) return static_cast<int>(runners[i]());
  } catch (const std::exception& error) { // out of memory, or a bug: never a trace without a word
    print_failure({.message = fmt::format("internal error: {}", error.what())});
    return static_cast<int>(Exit::failed);
  }
  std::fputs(app.help().c_str(), stdout);
  return 0;
}

} // namespace aethel::daemon
