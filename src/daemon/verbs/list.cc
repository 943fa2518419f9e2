// `aetheld backup list`: what exists, and how far each is proven.
#include "daemon/settings.h"
#include "daemon/terminal.h"
#include "daemon/verb.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>

namespace aethel::daemon::verbs {
namespace {

std::string proof_text(const backup::Proof& proof) {
  std::string text = proof.level < 0 ? "not yet" : fmt::format("L{}", proof.level);
  if (proof.failed) text += ", then failed: " + proof.failure;
  return text;
}

Exit run(const Common& common) {
  auto opened = open_repository(common);
  if (!opened) return print_failure(opened.error());
  const backup::Repository& repository = opened->repository;
  auto listing = repository.list();
  if (!listing) return print_failure(listing.error()), Exit::failed;
  const auto now = opened->store->clock();
  if (common.json) {
    auto backups = nlohmann::ordered_json::array();
    for (const backup::Listed& each : listing->backups)
      backups.push_back({{"id", each.manifest.id},
                         {"database", each.manifest.database},
                         {"environment", each.manifest.environment},
                         {"finished", backup::time_text(each.manifest.finished)},
                         {"server", each.manifest.server},
                         {"rows", each.manifest.rows},
                         {"bytes", each.manifest.stream("archive") != nullptr
                                       ? each.manifest.stream("archive")->bytes
                                       : 0},
                         {"stored", each.manifest.stored()},
                         {"proven", each.proof.level < 0 ? nlohmann::ordered_json(nullptr)
                                                         : nlohmann::ordered_json(fmt::format(
                                                               "L{}", each.proof.level))},
                         {"failed", each.proof.failed ? nlohmann::ordered_json(each.proof.failure)
                                                      : nlohmann::ordered_json(nullptr)},
                         {"held", each.held}});
    auto unreadable = nlohmann::ordered_json::array();
    for (const backup::Unreadable& each : listing->unreadable)
      unreadable.push_back({{"id", each.id}, {"why", each.why}});
    fmt::print("{}\n",
               nlohmann::ordered_json{{"backups", backups}, {"unreadable", unreadable}}.dump(1));
  } else if (listing->backups.empty() && listing->unreadable.empty()) {
    fmt::print("no backup exists\n");
  } else {
    fmt::print("{}\n", bold(fmt::format("{:<26} {:<12} {:>6} {:>12} {:>8}  {}", "backup",
                                        "database", "age", "rows", "stored", "proven")));
    for (const backup::Listed& each : listing->backups) {
      const std::string proof = proof_text(each.proof);
      fmt::print("{:<26} {:<12} {:>6} {:>12} {:>8}  {}{}\n", each.manifest.id,
                 each.manifest.database, now ? age_text(*now - each.manifest.finished) : "?",
                 each.manifest.rows, size_text(each.manifest.stored()),
                 each.proof.failed       ? red(proof)
                 : each.proof.level >= 3 ? green(proof)
                                         : proof,
                 each.held ? ", held" : "");
    }
    for (const backup::Unreadable& each : listing->unreadable)
      fmt::print("{:<26} {}\n", each.id, red("unreadable: " + each.why));
  }
  return listing->unreadable.empty() ? Exit::done : Exit::unproven;
}

std::function<Exit()> declare(CLI::App&, const Common& common) {
  return [&common] { return run(common); };
}

} // namespace

extern constinit const Verb list;
constinit const Verb list{"list", "what exists, and how far each backup is proven",
                          "aetheld backup list --json", declare};

} // namespace aethel::daemon::verbs
