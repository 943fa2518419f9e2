// `aetheld backup check`: what would keep a backup or a drill from working.
#include "daemon/settings.h"
#include "daemon/terminal.h"
#include "daemon/verb.h"

#include "backup/check.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>

namespace aethel::daemon::verbs {
namespace {

Exit run(const Common& common) {
  auto opened = open_repository(common, Signing::needed);
  if (!opened) return print_failure(opened.error());
  const Settings& settings = opened->settings;
  const backup::Repository& repository = opened->repository;
  auto run_how = run_options(settings);
  if (!run_how) return print_failure(run_how.error()), Exit::usage;
  auto prove_how = prove_options(settings);
  if (!prove_how) return print_failure(prove_how.error()), Exit::usage;
  if (auto policy = retention_policy(settings); !policy)
    return print_failure(policy.error()), Exit::usage;
  const auto service = service_key(settings);
  const auto findings = backup::check_backup(repository, *opened->key,
                                             {.run = &*run_how,
                                              .drill = &*prove_how,
                                              .service = service ? &*service : nullptr,
                                              .local = std::time(nullptr)});
  using State = backup::Finding::State;
  bool bad = false;
  auto out = nlohmann::ordered_json::array();
  for (const backup::Finding& each : findings) {
    bad = bad || each.state == State::bad;
    const char* const state = each.state == State::good      ? "good"
                              : each.state == State::warning ? "warning"
                                                             : "bad";
    if (common.json) {
      out.push_back(
          {{"state", state}, {"what", each.what}, {"message", each.message}, {"hint", each.hint}});
    } else if (!common.quiet || each.state == State::bad) {
      fmt::print("{:<8} {:<10} {}\n",
                 each.state == State::good  ? green(fmt::format("{:<8}", state))
                 : each.state == State::bad ? red(fmt::format("{:<8}", state))
                                            : fmt::format("{:<8}", state),
                 each.what, each.message);
      if (!each.hint.empty() && each.state != State::good)
        fmt::print("{:<19} help: {}\n", "", each.hint);
    }
  }
  if (common.json) fmt::print("{}\n", out.dump(1));
  return bad ? Exit::unproven : Exit::done;
}

std::function<Exit()> declare(CLI::App&, const Common& common) {
  return [&common] { return run(common); };
}

} // namespace

extern constinit const Verb check;
constinit const Verb check{"check", "what would keep a backup or a drill from working",
                           "aetheld backup check", declare};

} // namespace aethel::daemon::verbs
