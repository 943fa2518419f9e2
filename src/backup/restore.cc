#include "backup/restore.h"

#include "backup/spool.h"
#include "base/nearest.h"
#include "base/parallel.h"
#include "base/write_all.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <unistd.h>
#include <utility>

namespace aethel::backup {
namespace {

// A file that only this user reads, until this goes.
class PrivateFile {
public:
  static Result<PrivateFile> with(std::string_view contents) {
    std::string path = (std::filesystem::temp_directory_path() / "aethel-list-XXXXXX").string();
    const int file = ::mkstemp(path.data());
    if (file < 0) return fail(fmt::format("cannot make \"{}\": {}", path, std::strerror(errno)));
    PrivateFile out(std::move(path));
    const bool written = write_all(file, contents);
    const int error = errno;
    ::close(file);
    if (!written)
      return fail(fmt::format("cannot write \"{}\": {}", out.path(), std::strerror(error)));
    return out;
  }
  PrivateFile(PrivateFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PrivateFile& operator=(PrivateFile&&) = delete;
  ~PrivateFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }

private:
  explicit PrivateFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

constexpr std::uint64_t catalog_limit = std::uint64_t{1} << 30;

class Restore {
public:
  Restore(const Repository& repository, const Manifest& manifest, const PrivateKey& key,
          const RestoreOptions& options)
      : repository_(repository), manifest_(manifest), key_(key), options_(options),
        target_(options.target) {}

  Result<Restored> all() {
    if (options_.in_place && !whole())
      return fail({.message = "in place there is no part: it would take the place of the whole",
                   .hint = "restore it into a database of its own, with --to"});
    if (auto ready = prepare(); !ready) return std::unexpected(ready.error());
    Result<void> done;
    if (options_.in_place) {
      done = in_place();
    } else {
      done = check_empty();
      if (done && options_.roles) done = make_roles(target_);
      if (done) done = restore(target_);
      // What is there is whole and equal: what its owner may not set is told.
      if (done && whole()) done = set_database(target_, Refused::noted);
    }
    if (!done) return std::unexpected(done.error());
    return std::move(result_);
  }

private:
  void stage(const char* name) const {
    if (options_.stage != nullptr) *options_.stage = name;
  }
  bool whole() const { return options_.part.empty(); }

  // Everything that can be known before a byte is written.
  Result<void> prepare() {
    stage("reading the catalog");
    auto data_key = repository_.data_key(manifest_, key_);
    if (!data_key) return std::unexpected(data_key.error());
    data_key_ = std::move(*data_key);
    const StreamInfo* const catalog = manifest_.stream("catalog");
    if (catalog == nullptr || manifest_.stream("archive") == nullptr)
      return fail("the manifest lacks the archive or the catalog");
    auto text = read_stream(repository_.store(), manifest_.id, *catalog, *data_key_, catalog_limit);
    if (!text) return std::unexpected(text.error());
    auto read = read_catalog(*text);
    if (!read) return std::unexpected(read.error());
    catalog_ = std::move(*read);

    auto session = Session::open(target_);
    if (!session) return std::unexpected(session.error());
    if (session->major() < manifest_.server_major)
      return fail({.message = fmt::format("the backup is of PostgreSQL {}, and the target is {}",
                                          manifest_.server, session->version_text()),
                   .hint = "restore into a server of the same or a newer major version"});
    target_major_ = session->major();
    // pg_restore of the target or newer reads archives of older pg_dumps.
    auto tools = tools_to_dump(options_.tools, target_major_);
    if (!tools) return std::unexpected(tools.error());
    tools_ = std::move(*tools);
    auto encoding =
        session->query("SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database "
                       "WHERE datname = current_database()");
    if (!encoding) return std::unexpected(encoding.error());
    if (encoding->at(0, 0) != catalog_.encoding && !options_.in_place)
      return fail({.message = fmt::format("the backup is encoded in {}, and the target in {}",
                                          catalog_.encoding, encoding->at(0, 0)),
                   .hint = fmt::format("CREATE DATABASE ... TEMPLATE template0 ENCODING '{}'",
                                       catalog_.encoding)});
    if (encoding->at(0, 1) != catalog_.collate && !options_.in_place)
      result_.notes.push_back(fmt::format("texts are sorted by {} here; the source's locale was {}",
                                          encoding->at(0, 1), catalog_.collate));
    for (const std::string& each : options_.part.schemas)
      if (!has_schema(each)) return fail(fmt::format("the backup has no schema \"{}\"", each));
    for (const std::string& each : options_.part.tables)
      if (find_table(each) == nullptr)
        return fail({.message = fmt::format("the backup has no table \"{}\"", each),
                     .hint = table_hint(each)});
    return {};
  }

  std::string table_hint(const std::string& name) const {
    std::vector<std::string> names;
    for (const Relation& each : catalog_.relations) {
      if (each.kind == RelationKind::sequence) continue;
      names.push_back(each.schema + "." + each.name);
      if (each.name == name) return fmt::format("write it as schema.table: {}", names.back());
    }
    if (std::string hint = did_you_mean(name, names); !hint.empty()) return hint;
    return fmt::format("write it as schema.table; `aetheld backup show {} --contents` lists them",
                       manifest_.id);
  }

  bool has_schema(const std::string& name) const {
    for (const Relation& each : catalog_.relations)
      if (each.schema == name) return true;
    return catalog_.schema.find("CREATE SCHEMA " + name + ";") != std::string::npos ||
           catalog_.schema.find("CREATE SCHEMA " + quote_name(name) + ";") != std::string::npos;
  }
  const Relation* find_table(const std::string& name) const {
    for (const Relation& each : catalog_.relations)
      if (each.kind != RelationKind::sequence && each.schema + "." + each.name == name)
        return &each;
    return nullptr;
  }
  bool is_wanted(const Relation& relation) const { return whole() || options_.part.has(relation); }

  Result<void> check_empty() {
    auto session = Session::open(target_);
    if (!session) return std::unexpected(session.error());
    auto there = session->query(R"(
      SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind NOT IN ('i', 'I', 't')
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
                         AND d.deptype = 'e')
      UNION ALL
      SELECT format('function %I.%I', n.nspname, p.proname) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass
                         AND d.deptype = 'e')
      UNION ALL
      SELECT format('schema %I', nspname) FROM pg_namespace
       WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_namespace.oid
                         AND d.classid = 'pg_namespace'::regclass AND d.deptype = 'e')
      UNION ALL
      SELECT 'large object ' || oid FROM pg_largeobject_metadata
      ORDER BY 1)");
    if (!there) return std::unexpected(there.error());
    // A part may be put beside what is there, as long as nothing of it is.
    std::set<std::string> concerned;
    for (const Relation& each : catalog_.relations)
      if (is_wanted(each)) concerned.insert({each.schema + "." + each.name, each.qualified()});
    std::string first;
    std::size_t count = 0;
    for (std::size_t i = 0; i < there->size(); ++i) {
      if (!whole() && !concerned.contains(there->at(i, 0))) continue;
      if (count++ == 0) first = there->at(i, 0);
    }
    if (count == 0) return {};
    const std::string more = count > 1 ? fmt::format(" and {} more", count - 1) : "";
    if (!whole())
      return fail({.message = fmt::format("{} has {}{} already", target_.describe(), first, more),
                   .hint = "drop or rename what is there first, or restore into another database"});
    return fail({.message = fmt::format("{} is not empty: {}{}", target_.describe(), first, more),
                 .hint = "restore into a new database, or in place with --in-place"});
  }

  // One by one: those that are there stay as they are.
  Result<void> make_roles(const Address& where) {
    stage("making roles");
    auto session = Session::open(where);
    if (!session) return std::unexpected(session.error());
    std::string_view rest = catalog_.globals;
    std::set<std::string, std::less<>> there;
    auto names = session->query("SELECT format('%I', rolname) FROM pg_roles");
    if (!names) return std::unexpected(names.error());
    for (std::size_t i = 0; i < names->size(); ++i) there.insert(names->at(i, 0));
    std::size_t made = 0;
    std::set<std::string, std::less<>> fresh;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string line(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      constexpr std::string_view create = "CREATE ROLE ";
      constexpr std::string_view alter = "ALTER ROLE ";
      if (line.starts_with(create)) {
        const std::string name = line.substr(create.size(), line.size() - create.size() - 1);
        if (there.contains(name)) continue;
        if (auto run = session->run(line); !run) return run;
        fresh.insert(name);
        ++made;
      } else if (line.starts_with(alter)) {
        const std::string_view after = std::string_view(line).substr(alter.size());
        const std::string_view name = after.substr(0, after.find(' '));
        if (!fresh.contains(name)) continue;
        if (auto run = session->run(line); !run) return run;
      } else if (line.starts_with("GRANT ")) {
        // Fails where a role that was there before may not be granted: that is its owner's affair.
        if (auto run = session->run(line); !run)
          result_.notes.push_back(fmt::format("{} ({})", line, run.error().message));
      }
    }
    if (made > 0)
      result_.notes.push_back(fmt::format("{} roles were made; they have no passwords", made));
    return {};
  }

  // The lines of the archive's list that are the part.
  Result<std::string> choose_entries(const Address& where, store::ObjectStore& from) {
    auto session = Session::open(where);
    if (!session) return std::unexpected(session.error());
    auto names = session->query("SELECT nspname FROM pg_namespace");
    if (!names) return std::unexpected(names.error());
    std::set<std::string> there;
    for (std::size_t i = 0; i < names->size(); ++i) there.insert(names->at(i, 0));

    auto process = ChildProcess::start({.arguments = {tools_.path("pg_restore"), "--list"},
                                        .environment = {"LC_ALL=C"},
                                        .input = true,
                                        .output = true});
    if (!process) return std::unexpected(process.error());
    Result<std::string> list;
    Result<void> read;
    Result<void> fed;
    {
      ThreadGroup beside;
      beside.start([&] { list = process->read_all(std::size_t{256} << 20); });
      // It reads the beginning only, and then no more.
      read = read_stream(
          from, manifest_.id, *manifest_.stream("archive"), *data_key_,
          [&](std::string_view bytes) -> Result<void> { return fed = process->write(bytes); });
      if (!read && fed) process->kill();
      process->close_input();
    }
    if (!read && fed) return std::unexpected(read.error());
    if (auto ended = process->wait(); !ended) return std::unexpected(ended.error());
    if (!list) return std::unexpected(list.error());
    PartEntries entries = entries_of(options_.part, *list, catalog_, there);
    for (const std::string& each : entries.left_out) result_.notes.push_back("left out: " + each);
    return std::move(entries.list);
  }

  Result<void> restore(const Address& where) {
    store::ObjectStore* from = &repository_.store();
    std::unique_ptr<store::ObjectStore> spool;
    if (!options_.spool.empty()) {
      stage("fetching");
      auto fetched =
          fetch_objects(repository_.store(), manifest_, options_.spool, 4, options_.fetched);
      if (!fetched) return std::unexpected(fetched.error());
      spool = std::move(*fetched);
      from = spool.get();
    }
    stage("restoring");
    std::vector<std::string> arguments = {tools_.path("pg_restore"), "--exit-on-error",
                                          "--no-tablespaces", "--no-password",
                                          "--dbname=" + connection_words(where.word("dbname"))};
    if (!options_.owners) {
      arguments.emplace_back("--no-owner");
      arguments.emplace_back("--no-privileges");
    }
    std::optional<PrivateFile> wanted;
    if (!whole()) {
      auto list = choose_entries(where, *from);
      if (!list) return std::unexpected(list.error());
      auto file = PrivateFile::with(*list);
      if (!file) return std::unexpected(file.error());
      wanted.emplace(std::move(*file));
      arguments.push_back("--use-list=" + wanted->path());
    }
    std::vector<std::string> environment = where.environment();
    environment.insert(environment.end(), options_.variables.begin(), options_.variables.end());
    environment.emplace_back("LC_ALL=C");
    auto process = ChildProcess::start(
        {.arguments = std::move(arguments), .environment = std::move(environment), .input = true});
    if (!process) return std::unexpected(process.error());
    Result<void> fed;
    const auto read = read_stream(
        *from, manifest_.id, *manifest_.stream("archive"), *data_key_,
        [&](std::string_view bytes) -> Result<void> { return fed = process->write(bytes); },
        {.fetched = options_.spool.empty() ? options_.fetched : nullptr});
    if (!read && fed) {
      process->kill();
      return read;
    }
    // It stops reading where it fails, and where nothing follows that is wanted: its end says
    // which.
    if (auto ended = process->wait(); !ended) return ended;
    return compare(where);
  }

  Result<void> compare(const Address& where) {
    stage("comparing");
    auto session = Session::open(where);
    if (!session) return std::unexpected(session.error());
    auto relations = find_relations(*session);
    if (!relations) return std::unexpected(relations.error());
    std::erase_if(*relations, [&](const Relation& each) { return !is_wanted(each); });
    take_forms(*relations, catalog_.relations);
    if (auto done = digest_relations(where, "", *relations, catalog_.seeds, options_.sessions);
        !done)
      return done;
    std::map<std::string, const Relation*> there;
    for (const Relation& each : *relations) there[each.qualified()] = &each;
    for (const Relation& source : catalog_.relations) {
      if (!is_wanted(source) || source.kind == RelationKind::sequence ||
          source.kind == RelationKind::materialized_view)
        continue;
      const auto found = there.find(source.qualified());
      if (found == there.end()) return fail(fmt::format("{} was not restored", source.qualified()));
      if (found->second->digest != source.digest)
        return fail(
            fmt::format("{} was restored with {} rows and is not equal to the source, which had {}",
                        source.qualified(), found->second->digest.rows, source.digest.rows));
      ++result_.tables;
      result_.rows += source.digest.rows;
    }
    return {};
  }

  enum class Refused : std::uint8_t { noted, fails };

  // What pg_restore does with --create only: settings of the database and of roles in it, its
  // rights, its comment. Last, because a setting may keep sessions from writing.
  Result<void> set_database(const Address& where, Refused refused) {
    stage("setting the database");
    auto session = Session::open(where);
    if (!session) return std::unexpected(session.error());
    for (const std::string& each :
         database_statements(catalog_.schema, where.word("dbname"), options_.owners)) {
      const auto done = session->run(each);
      if (done) continue;
      if (refused == Refused::fails)
        return fail({.message = fmt::format("{}: {}", each.substr(0, each.find('\n')),
                                            done.error().message),
                     .hint = "--roles makes roles that are missing, --no-owners goes without "
                             "what is theirs"});
      result_.notes.push_back(
          fmt::format("not set: {} ({})", each.substr(0, each.find('\n')), done.error().message));
    }
    return {};
  }

  // A database beside it, restored and compared; then both change their names in one transaction.
  Result<void> in_place() {
    const std::string name = target_.word("dbname");
    const std::string stamp = manifest_.id.substr(17);
    // A name has at most 63 bytes; none ends in the middle of a character.
    std::size_t length = std::min<std::size_t>(name.size(), 40);
    while (length > 0 && length < name.size() && (name[length] & 0xC0) == 0x80) --length;
    const std::string stem = name.substr(0, length);
    const std::string fresh = stem + "_restoring_" + stamp;
    const Address beside = target_.with("dbname", name == "postgres" ? "template1" : "postgres");
    auto session = Session::open(beside);
    if (!session) return std::unexpected(session.error());
    auto properties = session->query(
        "SELECT format('ENCODING %L LC_COLLATE %L LC_CTYPE %L OWNER %I', "
        "pg_encoding_to_char(encoding), "
        "datcollate, datctype, pg_get_userbyid(datdba)) FROM pg_database WHERE datname = $1",
        {name});
    if (!properties) return std::unexpected(properties.error());
    if (properties->empty()) return fail(fmt::format("there is no database \"{}\"", name));
    // A template is not dropped, and the backup may say that it is one.
    const auto drop = [&] {
      static_cast<void>(
          session->run(fmt::format("ALTER DATABASE {} IS_TEMPLATE false", quote_name(fresh))));
      return session->run("DROP DATABASE IF EXISTS " + quote_name(fresh));
    };
    if (auto dropped = drop(); !dropped) return dropped;
    if (auto made = session->run(fmt::format("CREATE DATABASE {} TEMPLATE template0 {}",
                                             quote_name(fresh), properties->at(0, 0)));
        !made)
      return made;
    Result<void> done = options_.roles ? make_roles(beside) : Result<void>();
    const Address there = target_.with("dbname", fresh);
    if (done) done = restore(there);
    if (done) done = set_database(there, Refused::fails);
    if (!done) {
      static_cast<void>(drop());
      return done;
    }
    stage("changing names");
    // What an earlier restore of the same backup replaced is still there.
    std::string before = stem + "_before_" + stamp;
    for (int number = 2;; ++number) {
      auto taken = session->query("SELECT FROM pg_database WHERE datname = $1", {before});
      if (!taken) return std::unexpected(taken.error());
      if (taken->empty()) break;
      before = fmt::format("{}_before_{}_{}", stem, stamp, number);
    }
    // A rename keeps off who comes, and waits some seconds for who is there: they are sent away
    // meanwhile, and come back to the new one. All of it or nothing, also when this process is
    // killed: nothing else is changed for it.
    auto sender = Session::open(beside);
    if (!sender) return std::unexpected(sender.error());
    Result<void> changed;
    for (int tries = 0; tries < 5; ++tries) {
      std::atomic<bool> over = false;
      ThreadGroup sending;
      sending.start([&] {
        while (!over) {
          static_cast<void>(
              sender->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname "
                            "IN ($1, $2)",
                            {name, fresh}));
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
      });
      changed = session->run(fmt::format(
          "BEGIN; ALTER DATABASE {0} RENAME TO {1}; ALTER DATABASE {2} RENAME TO {0}; COMMIT",
          quote_name(name), quote_name(before), quote_name(fresh)));
      over = true;
      sending.join();
      if (changed) break;
      static_cast<void>(session->run("ROLLBACK"));
    }
    if (!changed) {
      changed.error().message += fmt::format("; the restored database is \"{}\"", fresh);
      return changed;
    }
    result_.replaced = before;
    return {};
  }

  const Repository& repository_;
  const Manifest& manifest_;
  const PrivateKey& key_;
  const RestoreOptions& options_;
  const Address target_;
  std::optional<Secret> data_key_;
  Catalog catalog_;
  Tools tools_;
  int target_major_ = 0;
  Restored result_;
};

} // namespace

Result<void> may_replace(const Address& target) {
  auto session = Session::open(target);
  if (!session) return std::unexpected(session.error());
  auto may = session->query("SELECT rolsuper OR (rolcreatedb AND pg_has_role(datdba, 'USAGE')) "
                            "FROM pg_roles, pg_database WHERE rolname = current_user "
                            "AND datname = current_database()");
  if (!may) return std::unexpected(may.error());
  if (!may->empty() && may->boolean(0, 0)) return {};
  return fail({.message = fmt::format("{} may not replace the database", target.describe()),
               .hint = "a superuser may, or a role with CREATEDB that owns it"});
}

Result<Restored> restore_backup(const Repository& repository, const Manifest& manifest,
                                const PrivateKey& key, const RestoreOptions& options) {
  return Restore(repository, manifest, key, options).all();
}

} // namespace aethel::backup
