// `aetheld backup prune`: a preview with reasons; --yes removes.
#include "daemon/settings.h"
#include "daemon/terminal.h"
#include "daemon/verb.h"

#include "backup/retention.h"
#include "base/counted.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>

namespace aethel::daemon::verbs {
namespace {

struct Options {
  bool yes = false;
  std::size_t remove = 0;
};

Exit run(const Options& options, const Common& common) {
  auto opened = open_repository(common);
  if (!opened) return print_failure(opened.error());
  const Settings& settings = opened->settings;
  const backup::Repository& repository = opened->repository;
  auto policy = retention_policy(settings);
  if (!policy) return print_failure(policy.error()), Exit::usage;
  auto plan = backup::plan_prune(repository, settings.database(), *policy, std::time(nullptr),
                                 options.remove);
  if (!plan) return print_failure(plan.error()), Exit::failed;
  backup::Pruned pruned;
  const bool removes = options.yes && plan->stopped.empty();
  if (removes) {
    auto done = backup::prune(repository, *plan);
    if (!done) return print_failure(done.error()), Exit::failed;
    pruned = std::move(*done);
  }
  if (common.json) {
    auto decisions = nlohmann::ordered_json::array();
    for (const backup::Decision& each : plan->decisions)
      decisions.push_back({{"backup", each.id}, {"keep", each.keep}, {"reasons", each.reasons}});
    fmt::print("{}\n", nlohmann::ordered_json{{"decisions", decisions},
                                              {"stopped", plan->stopped},
                                              {"removed", pruned.removed},
                                              {"locked", pruned.locked},
                                              {"orphans",
                                               options.yes ? pruned.orphans : plan->orphans.size()}}
                           .dump(1));
  } else if (!common.quiet) {
    for (const backup::Decision& each : plan->decisions)
      fmt::print("{:<26} {}  {}\n", each.id, each.keep ? "keep  " : red("remove"),
                 fmt::join(each.reasons, ", "));
    if (!plan->orphans.empty())
      fmt::print("{} of killed runs {}removed\n",
                 counted(removes ? pruned.orphans : plan->orphans.size(), "unfinished backup"),
                 removes ? "" : "would be ");
    for (const std::string& each : pruned.locked) fmt::print("{} is locked, and kept\n", each);
    if (plan->stopped.empty()) {
      const bool nothing =
          plan->orphans.empty() && std::ranges::all_of(plan->decisions, &backup::Decision::keep);
      fmt::print("{}\n", removes   ? counted(pruned.removed.size(), "backup") + " removed"
                         : nothing ? "there is nothing to remove"
                                   : "nothing was removed: --yes does it");
    }
  }
  if (!plan->stopped.empty()) {
    print_failure({.message = "nothing is removed: " + plan->stopped, .hint = plan->hint});
    return Exit::unproven;
  }
  return Exit::done;
}

std::function<Exit()> declare(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_flag("--yes", options->yes, "removes; without it only what would be removed is shown");
  app.add_option("--remove", options->remove,
                 "that so many are removed at once was looked at: more than 30 % are otherwise not")
      ->type_name("COUNT");
  return [options, &common] { return run(*options, common); };
}

} // namespace

extern constinit const Verb prune;
constinit const Verb prune{"prune", "removes what no rule keeps; shows it first",
                           "aetheld backup prune --yes", declare};

} // namespace aethel::daemon::verbs
