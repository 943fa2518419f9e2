#include "backup/check.h"

#include "backup/cluster.h"
#include "backup/retention.h"
#include "base/counted.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <unistd.h>

namespace aethel::backup {
namespace {

namespace fs = std::filesystem;

class Checker {
public:
  Checker(const Repository& repository, const SigningKey& key, const CheckOptions& options)
      : repository_(repository), key_(key), options_(options) {}

  std::vector<Finding> all() {
    keys();
    store();
    server();
    return std::move(findings_);
  }

private:
  using State = Finding::State;
  void add(State state, std::string what, std::string message, std::string hint = {}) {
    findings_.push_back({state, std::move(what), std::move(message), std::move(hint)});
  }

  void keys() {
    const RepositoryConfig& config = repository_.config();
    if (key_.signer() != config.signers.back())
      add(State::warning, "keys",
          "the signing key may sign, but it is not that of the last rotation",
          "right for a second machine; else set BACKUP_SIGNING_KEY to the newest key");
    bool service = false;
    bool recovery = false;
    for (const Recipient& each : config.recipients) {
      recovery = recovery || each.kind == "recovery";
      service =
          service || (options_.service != nullptr && each.key == options_.service->public_key());
    }
    if (!recovery)
      add(State::bad, "keys",
          "no recovery key is a recipient: with the service's key all would be lost",
          "aetheld backup keys rotate recovery, and print the new key");
    if (options_.service == nullptr)
      add(State::warning, "keys", "no private key here: backups are made, and not drilled");
    else if (!service)
      add(State::bad, "keys",
          "the service's private key is not a recipient: it opens no new backup",
          "set BACKUP_SERVICE_KEY to the key of the last rotation");
    if (recovery && (service || options_.service == nullptr))
      add(State::good, "keys",
          counted(config.recipients.size(), "recipient") + ", a recovery key among them");
  }

  void store() {
    store::ObjectStore& store = repository_.store();
    const auto now = store.clock();
    if (!now) return add(State::bad, "store", now.error().message);
    const std::int64_t skew = *now - options_.local;
    if (std::abs(skew) > largest_skew)
      add(State::bad, "clock",
          fmt::format("the clocks of the store and of this machine differ by {} s", std::abs(skew)),
          "schedules, leases and retention go by them: run an NTP client");
    const std::string key = "probe/" + random_hex(8);
    const auto first = store.put(key, "one", store::Put::if_absent);
    if (!first) return add(State::bad, "store", first.error().message);
    const auto second = store.put(key, "two", store::Put::if_absent);
    const auto read = store.get(key, 16);
    const auto listed = store.list("probe/");
    const auto removed = store.remove(key);
    if (!read || *read != (second ? "two" : "one"))
      add(State::bad, "store", "what was written is not what is read");
    else if (!listed || std::ranges::find(*listed, key, &store::ObjectInfo::key) == listed->end())
      add(State::bad, "store", "what was written is not listed");
    else if (second)
      add(State::warning, "store",
          "it ignores conditional writes (If-None-Match: *): two that write the same name are not "
          "told",
          "leases are then kept in PostgreSQL");
    else
      add(State::good, "store", store.describe() + " keeps objects, once");
    if (!removed && removed.error().trouble != store::Trouble::locked)
      add(State::warning, "store", "objects cannot be removed: " + removed.error().message,
          "retention needs it, unless another program prunes");
  }

  void server() {
    if (options_.run == nullptr) return;
    auto session = Session::open(options_.run->address);
    if (!session) return add(State::bad, "server", session.error().message, session.error().hint);
    add(State::good, "server",
        fmt::format("{} is PostgreSQL {}", options_.run->address.describe(),
                    session->version_text()));
    if (session->major() < 13) add(State::bad, "server", "versions before 13 are not supported");
    tools(session->major());
    rights(*session);
    relations(*session);
    drill(*session);
  }

  void tools(int major) {
    auto tools = tools_to_dump(options_.run->tools, major);
    if (!tools) return add(State::bad, "programs", tools.error().message, tools.error().hint);
    add(State::good, "programs", fmt::format("pg_dump {} in {}", tools->version, tools->folder));
  }

  // Reading everything is what a backup needs, and no more.
  void rights(Session& session) {
    auto rows = session.query(R"(
      SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'm', 'S', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
         AND NOT (has_schema_privilege(n.oid, 'USAGE') AND CASE WHEN c.relkind = 'S'
                  THEN has_sequence_privilege(c.oid, 'SELECT') ELSE has_table_privilege(c.oid, 'SELECT') END)
       ORDER BY 1)");
    if (!rows) return add(State::bad, "rights", rows.error().message);
    if (!rows->empty())
      add(State::bad, "rights",
          fmt::format("the role may not read {}{}", rows->at(0, 0),
                      rows->size() > 1 ? fmt::format(" and {} more", rows->size() - 1) : ""),
          "GRANT pg_read_all_data TO the role");
    auto secured = session.query(R"(
      SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relrowsecurity AND NOT (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user)
         AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE'))
       ORDER BY 1)");
    if (secured && !secured->empty())
      add(State::bad, "rights",
          fmt::format("row security would hide rows of {}{}", secured->at(0, 0),
                      secured->size() > 1 ? fmt::format(" and {} more", secured->size() - 1) : ""),
          "ALTER ROLE ... BYPASSRLS");
    // Of a large object nothing but its own rights counts: pg_read_all_data does not.
    auto objects = session.query(R"(
      SELECT count(*), min(oid) FROM pg_largeobject_metadata
       WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
         AND current_setting('lo_compat_privileges') = 'off' AND NOT pg_has_role(lomowner, 'USAGE')
         AND NOT EXISTS (SELECT FROM aclexplode(lomacl) AS a WHERE a.privilege_type = 'SELECT'
                         AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE'))))");
    if (!objects) return add(State::bad, "rights", objects.error().message);
    const std::uint64_t unreadable = objects->number(0, 0);
    if (unreadable > 0)
      add(State::bad, "rights",
          fmt::format("the role may not read large object {}{}", objects->at(0, 1),
                      unreadable > 1 ? fmt::format(" and {} more", unreadable - 1) : ""),
          "GRANT SELECT ON LARGE OBJECT ... TO the role, or make the backup as their owner");
    if (rows->empty() && (!secured || secured->empty()) && unreadable == 0)
      add(State::good, "rights", "the role may read everything");
    auto left_out = left_out_by_rights(session);
    if (!left_out) return add(State::bad, "rights", left_out.error().message);
    for (const std::string& each : *left_out)
      add(State::warning, "rights", each, "make backups as a superuser, or keep them elsewhere");
    if (const auto canary = may_write_canary(session); !canary || !*canary)
      add(State::warning, "canary",
          "aethel.canary is not there or may not be written: drills go without it",
          "docs/backup.md has the statements");
  }

  void relations(Session& session) {
    auto found = find_relations(session);
    if (!found) return add(State::bad, "relations", found.error().message, found.error().hint);
    auto foreign = session.query("SELECT count(*) FROM pg_foreign_table");
    if (foreign && foreign->number(0, 0) > 0)
      add(State::warning, "relations",
          fmt::format("the rows of {} are on other servers, and not in the backup",
                      counted(foreign->number(0, 0), "foreign table")));
  }

  void drill(Session& session) {
    if (options_.drill == nullptr || options_.service == nullptr) return;
    auto tools = tools_to_drill(options_.drill->tools, session.major());
    if (!tools) return add(State::bad, "drill", tools.error().message, tools.error().hint);
    // An extension is a file beside the server's own; without it the restore fails, in the night.
    auto extensions = find_extensions(session);
    if (!extensions) return add(State::bad, "drill", extensions.error().message);
    std::set<std::string> there;
    std::error_code ignored;
    auto share = run_program(
        {.arguments = {tools->path("pg_config"), "--sharedir"}, .environment = {"LC_ALL=C"}}, 4096);
    std::vector<std::string> folders;
    if (share) {
      while (share->ends_with('\n')) share->pop_back();
      folders.push_back(*share + "/extension");
    }
    for (const char* each : {"/../share/extension", "/../share/postgresql/extension"})
      folders.push_back(tools->folder + each);
    // Debian's pg_config comes with another package.
    folders.push_back(fmt::format("/usr/share/postgresql/{}/extension", tools->major));
    for (const std::string& folder : folders)
      for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored))
        if (entry.path().extension() == ".control") there.insert(entry.path().stem());
    for (const auto& [name, version] : *extensions)
      if (!there.empty() && !there.contains(name)) {
        const Failure lacks = lacks_extension(*tools, name);
        add(State::bad, "drill", lacks.message, lacks.hint);
      }
    if (::access(tools->path("pg_amcheck").c_str(), X_OK) != 0)
      add(State::warning, "drill",
          fmt::format("there is no pg_amcheck in {}: drills do not look at pages", tools->folder),
          "install PostgreSQL's contrib programs");
    auto database = session.query("SELECT pg_database_size(current_database())");
    const std::uint64_t size = database ? database->number(0, 0) : 0;
    const auto room = drill_room(options_.drill->folder, options_.drill->user);
    if (!room)
      add(State::bad, "drill", room.error().message, room.error().hint);
    else if (*room < drill_needs(size))
      add(State::bad, "drill",
          fmt::format("\"{}\" has {} MiB left; the database has {} MiB", options_.drill->folder,
                      *room >> 20U, size >> 20U),
          drill_room_hint);
    else
      add(State::good, "drill",
          fmt::format("PostgreSQL {} in {}, {}, room in \"{}\"", tools->version, tools->folder,
                      counted(extensions->size(), "extension"), options_.drill->folder));
  }

  const Repository& repository_;
  const SigningKey& key_;
  const CheckOptions& options_;
  std::vector<Finding> findings_;
};

} // namespace

std::vector<Finding> check_backup(const Repository& repository, const SigningKey& key,
                                  const CheckOptions& options) {
  return Checker(repository, key, options).all();
}

} // namespace aethel::backup
