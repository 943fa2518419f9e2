#include "backup/run.h"

#include "base/counted.h"
#include "base/parallel.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

namespace aethel::backup {
namespace {

// Programs get what libpq needs and nothing else of our environment: keys stand there.
std::vector<std::string> environment_of(const RunOptions& options) {
  std::vector<std::string> out = options.address.environment();
  out.insert(out.end(), options.variables.begin(), options.variables.end());
  out.emplace_back("LC_ALL=C");
  out.emplace_back("PGAPPNAME=aethel backup");
  return out;
}

Result<std::string> read_globals(const Tools& tools, const RunOptions& options,
                                 const std::string& encoding, const std::atomic<bool>& stop) {
  // The connection's database: pg_dumpall would take "postgres", which a role need not reach.
  auto printed =
      run_program({.arguments = {tools.path("pg_dumpall"), "--roles-only", "--no-role-passwords",
                                 "--no-password", "--encoding=" + encoding,
                                 "--database=" + connection_words(options.address.word("dbname"))},
                   .environment = environment_of(options),
                   .stop = &stop});
  if (!printed) return printed;
  return normalise_dump(*printed);
}

// True when a row was written: the table is there and the role may.
Result<bool> write_canary(const Address& address, const std::string& nonce,
                          const std::atomic<bool>& stop) {
  auto session = Session::open(address, &stop);
  if (!session) return std::unexpected(session.error());
  auto may = may_write_canary(*session);
  if (!may) return std::unexpected(may.error());
  if (!*may) return false;
  auto written = session->query("INSERT INTO aethel.canary (id, nonce, written) VALUES (1, $1, "
                                "now()) ON CONFLICT (id) DO UPDATE "
                                "SET nonce = excluded.nonce, written = excluded.written",
                                {nonce});
  if (!written) return std::unexpected(written.error());
  return true;
}

// Removes what a failed run stored. What cannot be removed is swept later.
void remove_objects(const Repository& repository, const std::string& id) {
  auto left = repository.store().list(fmt::format("objects/{}/", id));
  if (!left) return;
  for (const store::ObjectInfo& each : *left)
    static_cast<void>(repository.store().remove(each.key));
}

class Run {
public:
  Run(const Repository& repository, const SigningKey& key, const RunOptions& options)
      : repository_(repository), key_(key), options_(options) {}

  Result<Manifest> all() {
    auto now = time_of_its_own();
    if (!now) return std::unexpected(now.error());
    manifest_.id = new_backup_id(*now);
    manifest_.repository = repository_.config().id;
    manifest_.database = options_.database;
    manifest_.environment = options_.environment;
    manifest_.program = options_.program;
    manifest_.started = *now;
    for (const Recipient& each : repository_.config().recipients)
      manifest_.keys.push_back(wrap(data_key_, each.key, manifest_.id));
    if (manifest_.keys.size() < 2)
      return fail({.message = "the repository has less than two recipients",
                   .hint = "a backup that only one key opens is lost with it"});

    std::optional<Periodic> watch;
    if (options_.cancelled != nullptr)
      watch.emplace(std::chrono::milliseconds(100), [this] {
        if (*options_.cancelled) give_up({.message = std::string(stopped_session)});
      });
    if (auto done = begin(); !done) return std::unexpected(done.error());
    auto made = dump();
    // The snapshot is not held a moment longer than it is needed, nor after a failure.
    session_.reset();
    if (made) made = complete();
    if (!made) {
      remove_objects(repository_, manifest_.id);
      return std::unexpected(made.error());
    }
    // From here on the backup may exist, also when an error says otherwise: an answer is lost, and
    // the store has the manifest a moment later. Objects that no manifest names are swept in a day.
    if (auto published = repository_.publish(manifest_, key_); !published)
      return std::unexpected(published.error());
    return std::move(manifest_);
  }

private:
  // What is done side by side ends together: nobody computes digests for an hour of what cannot be
  // dumped. The first failure is the reason, what others say after it is not - but for that of the
  // session that holds the snapshot: others may be quicker to tell that it is gone.
  void give_up(const Failure& failure, bool of_snapshot = false) {
    const std::scoped_lock lock(mutex_);
    if (!failure_ || (of_snapshot && failure.message != stopped_session)) failure_ = failure;
    stop_ = true;
  }
  // Ids are in order of time by the second: who begins in the second of another waits for the next,
  // or "latest" might be the one before.
  Result<std::int64_t> time_of_its_own() const {
    for (int tries = 0;; ++tries) {
      auto now = repository_.store().clock();
      if (!now) return fail({.message = now.error().message});
      auto same = repository_.published_in(*now);
      if (!same) return std::unexpected(same.error());
      if (!*same || tries == 20) return *now;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }

  // The snapshot, and what there is under it.
  Result<void> begin() {
    auto session = Session::open(options_.address, &stop_);
    if (!session) return std::unexpected(session.error());
    session_.emplace(std::move(*session));
    auto tools = tools_to_dump(options_.tools, session_->major());
    if (!tools) return std::unexpected(tools.error());
    tools_ = std::move(*tools);
    manifest_.server = session_->version_text();
    manifest_.server_major = session_->major();

    auto encoding = session_->query("SELECT pg_encoding_to_char(encoding) FROM pg_database "
                                    "WHERE datname = current_database()");
    if (!encoding) return std::unexpected(encoding.error());
    catalog_.encoding = encoding->at(0, 0);
    auto globals = read_globals(tools_, options_, catalog_.encoding, stop_);
    if (!globals) return std::unexpected(globals.error());
    catalog_.globals = std::move(*globals);
    auto left_out = left_out_by_rights(*session_);
    if (!left_out) return std::unexpected(left_out.error());
    left_out_ = std::move(*left_out);

    if (auto begun = take_snapshot(); !begun) return begun;
    auto snapshot = session_->query("SELECT pg_export_snapshot()");
    if (!snapshot) return std::unexpected(snapshot.error());
    snapshot_ = snapshot->at(0, 0);
    auto about = session_->query(
        "SELECT datcollate, pg_database_size(oid), pg_get_userbyid(10), (SELECT spcname "
        "FROM pg_tablespace t WHERE t.oid = dattablespace) FROM pg_database "
        "WHERE datname = current_database()");
    if (!about) return std::unexpected(about.error());
    catalog_.collate = about->at(0, 0);
    manifest_.database_bytes = about->number(0, 1);
    catalog_.bootstrap = about->at(0, 2);
    if (about->at(0, 3) != "pg_default") catalog_.tablespace = about->at(0, 3);
    auto relations = find_relations(*session_);
    if (!relations) return std::unexpected(relations.error());
    catalog_.relations = std::move(*relations);
    auto extensions = find_extensions(*session_);
    if (!extensions) return std::unexpected(extensions.error());
    catalog_.extensions = std::move(*extensions);
    for (std::int64_t& seed : catalog_.seeds)
      seed = static_cast<std::int64_t>(random_number() >> 1U);
    if (options_.progress != nullptr)
      for (const Relation& each : catalog_.relations) options_.progress->database += each.bytes;
    return {};
  }

  // With the canary that was written before it. Another run at the same time writes one as well:
  // the snapshot between them is taken again.
  Result<void> take_snapshot() {
    for (int tries = 0; tries < 5; ++tries) {
      catalog_.canary = random_hex(16);
      auto canary = write_canary(options_.address, catalog_.canary, stop_);
      if (!canary) return std::unexpected(canary.error());
      if (auto begun = session_->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); !begun)
        return begun;
      if (!*canary) {
        catalog_.canary.clear();
        return {};
      }
      auto there = session_->query("SELECT FROM aethel.canary WHERE id = 1 AND nonce = $1",
                                   {catalog_.canary});
      if (!there) return std::unexpected(there.error());
      if (!there->empty()) return {};
      if (auto ended = session_->run("ROLLBACK"); !ended) return ended;
    }
    return fail({.message = "the canary that was just written is not in the database",
                 .hint = "the address leads to several servers, of which one is behind, or other "
                         "backups of it begin all the time"});
  }

  // pg_dump into the store, and beside it digests and the schema, all under the snapshot.
  Result<void> dump() {
    const auto part = [this](Result<void> done) {
      if (!done) give_up(done.error());
    };
    {
      ThreadGroup beside;
      beside.start([&] {
        part(digest_relations(
            options_.address, snapshot_, catalog_.relations, catalog_.seeds, options_.sessions,
            [&](std::uint64_t bytes) {
              if (options_.progress != nullptr) options_.progress->digested += bytes;
            },
            &stop_));
      });
      beside.start([&] {
        auto digest = digest_large_objects(*session_, catalog_.seeds);
        if (!digest) return give_up(digest.error(), true);
        catalog_.large_objects = *digest;
        part(read_schema());
      });
      part(archive());
    }
    if (failure_) return std::unexpected(*failure_);
    return {};
  }

  Result<void> read_schema() {
    auto schema = run_program(
        {.arguments = {tools_.path("pg_dump"), "--schema-only", "--create", "--no-tablespaces",
                       "--encoding=" + catalog_.encoding, "--no-password",
                       "--lock-wait-timeout=60000", "--snapshot=" + snapshot_},
         .environment = environment_of(options_),
         .stop = &stop_},
        std::size_t{512} << 20);
    if (!schema) return std::unexpected(schema.error());
    catalog_.schema = normalise_dump(*schema);
    return {};
  }

  Result<void> archive() {
    auto process = ChildProcess::start(
        {.arguments = {tools_.path("pg_dump"), "--format=custom", "--compress=0",
                       "--encoding=" + catalog_.encoding, "--no-password",
                       "--lock-wait-timeout=60000", "--snapshot=" + snapshot_},
         .environment = environment_of(options_),
         .output = true,
         .output_room = 1 << 20,
         .stop = &stop_});
    if (!process) return std::unexpected(process.error());
    StreamWriter writer(repository_.store(), manifest_.id, "archive", data_key_, options_.stream);
    std::string buffer(std::size_t{1} << 20, '\0');
    for (;;) {
      auto count = process->read_into(buffer.data(), buffer.size());
      if (!count) return std::unexpected(count.error());
      if (*count == 0) break;
      if (auto written = writer.write(std::string_view(buffer).substr(0, *count)); !written)
        return written;
      report(writer);
      // pg_dump writes 4 KiB at a time, and pays more to wake who waits for them than to write
      // them: the pipe is left to fill.
      if (*count < buffer.size() / 4) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    // Not before pg_dump says that it is whole: the end of a pipe says nothing.
    if (auto ended = process->wait(); !ended) return ended;
    ThreadGroup beside; // the last object is on its way
    beside.start(
        [&] { globals_after_ = read_globals(tools_, options_, catalog_.encoding, stop_); });
    auto info = writer.finish();
    beside.join();
    report(writer);
    if (!info) return std::unexpected(info.error());
    manifest_.streams.push_back(std::move(*info));
    return {};
  }

  void report(const StreamWriter& writer) const {
    if (options_.progress == nullptr) return;
    options_.progress->dumped = writer.taken();
    options_.progress->stored = writer.stored();
  }

  // All but the manifest.
  Result<void> complete() {
    if (stop_) return fail(std::string(stopped_session));
    if (!globals_after_) return std::unexpected(globals_after_.error());
    if (*globals_after_ != catalog_.globals)
      manifest_.notes.emplace_back(
          "roles were changed while the backup ran; those of its beginning are in it");
    if (options_.safety) manifest_.notes.emplace_back(safety_note);
    for (std::string& each : left_out_) manifest_.notes.push_back(std::move(each));
    if (catalog_.canary.empty())
      manifest_.notes.emplace_back("no canary: aethel.canary is not there or may not be written");
    for (const Relation& each : catalog_.relations) {
      if (each.kind == RelationKind::sequence || each.kind == RelationKind::materialized_view)
        continue;
      ++manifest_.tables;
      manifest_.rows += each.digest.rows;
    }
    StreamWriter writer(repository_.store(), manifest_.id, "catalog", data_key_, options_.stream);
    if (auto written = writer.write(write_catalog(catalog_)); !written) return written;
    auto info = writer.finish();
    if (!info) return std::unexpected(info.error());
    manifest_.streams.push_back(std::move(*info));
    auto now = repository_.store().clock();
    if (!now) return fail({.message = now.error().message});
    manifest_.finished = *now;
    return {};
  }

  const Repository& repository_;
  const SigningKey& key_;
  const RunOptions& options_;
  const Secret data_key_ = Secret::random();
  Manifest manifest_;
  Catalog catalog_;
  Tools tools_;
  std::optional<Session> session_;
  std::string snapshot_;
  std::vector<std::string> left_out_;
  Result<std::string> globals_after_; // once the dump has ended
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::optional<Failure> failure_; // the first
};

} // namespace

Result<Manifest> run_backup(const Repository& repository, const SigningKey& key,
                            const RunOptions& options) {
  return Run(repository, key, options).all();
}

Result<bool> may_write_canary(Session& session) {
  // A list of privileges asks for one of them, and each is needed. to_regclass() fails where the
  // schema may not be used.
  auto may = session.query(
      "SELECT bool_and(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, p)) AND "
      "NOT pg_is_in_recovery() FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, "
      "unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS p "
      "WHERE n.nspname = 'aethel' AND c.relname = 'canary'");
  if (!may) return std::unexpected(may.error());
  return !may->is_null(0, 0) && may->boolean(0, 0);
}

Result<std::vector<std::string>> left_out_by_rights(Session& session) {
  // pg_dump asks the same: only a superuser is given subscriptions, and options of user mappings
  // are shown to whose they are.
  auto counts = session.query(R"(
    SELECT (SELECT count(*) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
             WHERE d.datname = current_database()),
           (SELECT count(*) FROM pg_user_mappings WHERE umoptions IS NULL)
      FROM pg_roles WHERE rolname = current_user AND NOT rolsuper)");
  if (!counts) return std::unexpected(counts.error());
  std::vector<std::string> out;
  if (counts->empty()) return out;
  if (const std::uint64_t count = counts->number(0, 0); count > 0)
    out.push_back(fmt::format("left out: {}, which pg_dump gives to superusers only",
                              counted(count, "subscription")));
  if (const std::uint64_t count = counts->number(0, 1); count > 0)
    out.push_back(fmt::format("left out: options, such as passwords, of {}, where there are any: "
                              "the role may not see them",
                              counted(count, "user mapping")));
  return out;
}

std::string canary_statements() {
  return "CREATE SCHEMA IF NOT EXISTS aethel;\n"
         "CREATE TABLE IF NOT EXISTS aethel.canary (\n"
         "  id integer PRIMARY KEY CHECK (id = 1),\n"
         "  nonce text NOT NULL,\n"
         "  written timestamptz NOT NULL\n"
         ");\n";
}

} // namespace aethel::backup
