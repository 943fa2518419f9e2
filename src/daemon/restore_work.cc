#include "daemon/restore_work.h"

#include "backup/restore.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace aethel::daemon {
namespace {

// Encoded and sorted as the database of the configuration is.
Result<void> make_database(backup::Session& session, const std::string& database) {
  auto there = session.query("SELECT FROM pg_database WHERE datname = $1", {database});
  if (!there) return std::unexpected(there.error());
  if (!there->empty()) return fail(fmt::format("there is a database \"{}\" already", database));
  auto properties = session.query(
      "SELECT format('ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_encoding_to_char(encoding), "
      "datcollate, datctype) FROM pg_database WHERE datname = current_database()");
  if (!properties) return std::unexpected(properties.error());
  auto may =
      session.query("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user");
  if (!may) return std::unexpected(may.error());
  if (may->empty() || !may->boolean(0, 0))
    return fail({.message = "the role of the address may not make a database",
                 .hint = "a superuser may restore everything"});
  return session.run(fmt::format("CREATE DATABASE {} TEMPLATE template0 {}",
                                 backup::quote_name(database), properties->at(0, 0)));
}

} // namespace

Result<std::string> restore_work(const Backend& backend, const backup::Manifest& manifest,
                                 const std::string& database, platform::JobProgress& progress) {
  const bool in_place = database.empty();
  auto address = in_place ? replaced_address(backend.settings) : restore_address(backend.settings);
  if (!address) return std::unexpected(address.error());
  auto key = service_key(backend.settings);
  if (!key) return std::unexpected(key.error());
  auto how = prove_options(backend.settings);
  if (!how) return std::unexpected(how.error());
  nlohmann::ordered_json result = {{"backup", manifest.id}};
  std::optional<backup::Session> session;
  if (in_place) {
    if (auto may = backup::may_replace(*address); !may) return std::unexpected(may.error());
    progress.stage = "making a backup of what is there";
    auto run = run_options(backend.settings);
    if (!run) return std::unexpected(run.error());
    run->cancelled = &progress.cancelled;
    run->address = *address;
    run->safety = true;
    auto safety = backup::run_backup(*backend.repository, *backend.signing, *run);
    if (!safety)
      return fail(fmt::format("nothing was changed: the backup before it failed: {}",
                              safety.error().message));
    result["safety_backup"] = safety->id;
  } else {
    auto opened = backup::Session::open(*address);
    if (!opened) return std::unexpected(opened.error());
    session.emplace(std::move(*opened));
    if (auto made = make_database(*session, database); !made) return std::unexpected(made.error());
  }
  progress.total = manifest.archive_stored();
  backup::RestoreOptions restore{.target = in_place ? *address : address->with("dbname", database),
                                 .in_place = in_place,
                                 .tools = how->tools,
                                 .variables = program_variables(),
                                 .sessions = how->sessions,
                                 .fetched = &progress.done,
                                 .stage = &progress.stage};
  auto restored = backup::restore_backup(*backend.repository, manifest, *key, restore);
  if (!restored) {
    if (session)
      static_cast<void>(session->run("DROP DATABASE IF EXISTS " + backup::quote_name(database)));
    return std::unexpected(restored.error());
  }
  result["database"] = in_place ? address->word("dbname") : database;
  result["tables"] = restored->tables;
  result["rows"] = restored->rows;
  if (in_place) result["replaced"] = restored->replaced;
  result["notes"] = restored->notes;
  return result.dump();
}

} // namespace aethel::daemon
