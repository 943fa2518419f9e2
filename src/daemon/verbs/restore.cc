// `aetheld backup restore BACKUP --to URL`.
#include "daemon/settings.h"
#include "daemon/terminal.h"
#include "daemon/verb.h"

#include "backup/restore.h"
#include "base/counted.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace aethel::daemon::verbs {
namespace {

struct Options {
  std::string backup;
  std::string to;
  std::vector<std::string> schemas, tables;
  std::string spool;
  std::string confirm;
  bool in_place = false;
  bool roles = false;
  bool no_owners = false;
  bool no_safety = false;
};

Exit run(const Options& options, const Common& common) {
  auto opened = open_repository(common);
  if (!opened) return print_failure(opened.error());
  const Settings& settings = opened->settings;
  const backup::Repository& repository = opened->repository;
  auto key = service_key(settings);
  if (!key) return print_failure(key.error()), Exit::usage;
  if (options.to.empty() && !options.in_place) {
    print_failure(
        {.message = "where to restore is not said",
         .hint = "--to postgresql://user@host/empty, or --in-place for the database itself"});
    return Exit::usage;
  }
  if (options.in_place && !(options.schemas.empty() && options.tables.empty())) {
    print_failure({.message = "--in-place replaces the whole database: it goes without --schema "
                              "and --table",
                   .hint = "restore the part into a database of its own, with --to"});
    return Exit::usage;
  }
  auto target = options.to.empty() ? replaced_address(settings) : backup::parse_address(options.to);
  if (!target) return print_failure(target.error()), Exit::usage;
  // A password of another server is better not in a list of processes: PGPASSWORD is taken as well.
  if (const char* const password = std::getenv("PGPASSWORD");
      password != nullptr && target->word("password").empty())
    target->words["password"] = password;
  if (target->word("dbname").empty()) {
    print_failure({.message = "the address names no database"});
    return Exit::usage;
  }
  if (options.in_place && options.confirm != target->word("dbname")) {
    print_failure(
        {.message = fmt::format("this replaces the database {}", target->describe()),
         .hint = fmt::format("--confirm {} says that it is meant; the database of before is kept "
                             "under another name",
                             target->word("dbname"))});
    return Exit::usage;
  }
  auto found = repository.find(options.backup, settings.database(), backup::Newest::no_safety);
  if (!found) return print_failure(found.error()), Exit::failed;

  auto how = prove_options(settings);
  if (!how) return print_failure(how.error()), Exit::usage;
  if (options.in_place)
    if (auto may = backup::may_replace(*target); !may)
      return print_failure(may.error()), Exit::failed;
  if (options.in_place && !options.no_safety) {
    auto signing = signing_key(settings);
    if (!signing) return print_failure(signing.error()), Exit::usage;
    auto run_how = run_options(settings);
    if (!run_how) return print_failure(run_how.error()), Exit::usage;
    run_how->address = *target;
    run_how->safety = true;
    auto made = backup::run_backup(repository, *signing, *run_how);
    if (!made) {
      print_failure({.message = "the backup that comes before a restore in place failed: " +
                                made.error().message,
                     .hint = "--no-safety-backup goes without it"});
      return Exit::failed;
    }
    if (!common.quiet && !common.json) fmt::print("safety backup {}\n", made->id);
  }
  std::atomic<std::uint64_t> fetched = 0;
  std::atomic<const char*> stage = "beginning";
  backup::RestoreOptions restore{.target = *target,
                                 .in_place = options.in_place,
                                 .part = {options.schemas, options.tables},
                                 .roles = options.roles,
                                 .owners = !options.no_owners,
                                 .tools = how->tools,
                                 .variables = program_variables(),
                                 .spool = options.spool,
                                 .sessions = how->sessions,
                                 .fetched = &fetched,
                                 .stage = &stage};
  const backup::Manifest& manifest = found->manifest;
  auto restored = [&] {
    const Line line([&, reading = Reading()] {
      return fmt::format("  {}: {}, {}", manifest.id, stage.load(),
                         reading.text(fetched, options.spool.empty() ? manifest.archive_stored()
                                                                     : manifest.stored()));
    });
    return backup::restore_backup(repository, manifest, *key, restore);
  }();
  if (!restored) return print_failure(restored.error()), Exit::failed;
  if (common.json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"backup", manifest.id},
                                              {"target", target->describe()},
                                              {"tables", restored->tables},
                                              {"rows", restored->rows},
                                              {"replaced", restored->replaced},
                                              {"notes", restored->notes}}
                           .dump(1));
  } else if (!common.quiet) {
    fmt::print("restored {} into {}: {} of {}, equal to the source\n", manifest.id,
               target->describe(), counted(restored->rows, "row"),
               counted(restored->tables, "table"));
    if (!restored->replaced.empty())
      fmt::print("the database of before is \"{}\"; drop it when it is not needed any more\n",
                 restored->replaced);
    for (const std::string& note : restored->notes) fmt::print("  note: {}\n", note);
  }
  return Exit::done;
}

std::function<Exit()> declare(CLI::App& app, const Common& common) {
  auto options = std::make_shared<Options>();
  app.add_option("BACKUP", options->backup, "its id or the beginning of it, or latest")->required();
  app.add_option("--to", options->to, "the database to restore into; it has to be empty")
      ->type_name("URL");
  app.add_option("--schema", options->schemas, "only this schema; may be given again")
      ->type_name("NAME");
  app.add_option("--table", options->tables, "only this table, as schema.table; may be given again")
      ->type_name("NAME");
  app.add_flag("--roles", options->roles, "makes roles that are missing, without passwords");
  app.add_flag("--no-owners", options->no_owners, "everything belongs to who restores");
  app.add_option("--spool", options->spool,
                 "fetches into this folder first; goes on where it broke off")
      ->type_name("FOLDER");
  app.add_flag("--in-place", options->in_place,
               "restores beside the database, then takes its name; what was there is kept");
  app.add_option("--confirm", options->confirm, "the database's name, for --in-place")
      ->type_name("NAME");
  app.add_flag("--no-safety-backup", options->no_safety, "--in-place without a backup before it");
  return [options, &common] { return run(*options, common); };
}

} // namespace

extern constinit const Verb restore;
constinit const Verb restore{
    "restore", "restores a backup into a database",
    "aetheld backup restore latest --to postgresql://postgres@localhost/empty --roles", declare};

} // namespace aethel::daemon::verbs
