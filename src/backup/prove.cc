#include "backup/prove.h"

#include "backup/dump_reader.h"
#include "base/parallel.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <set>

namespace aethel::backup {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view outcome_names[] = {"passed", "failed", "skipped"};
constexpr std::uint64_t catalog_limit = std::uint64_t{1} << 30;
constexpr std::size_t most_named = 5; // of what differs, in one message

// "a, b and 3 more".
class Names {
public:
  void add(std::string name) {
    if (count_++ < most_named) text_ += (text_.empty() ? "" : ", ") + std::move(name);
  }
  bool empty() const { return count_ == 0; }
  std::string text() const {
    return count_ > most_named ? fmt::format("{} and {} more", text_, count_ - most_named) : text_;
  }

private:
  std::string text_;
  std::size_t count_ = 0;
};

class Prover {
public:
  Prover(const Repository& repository, const Manifest& manifest, const PrivateKey& key,
         const ProveOptions& options)
      : repository_(repository), manifest_(manifest), key_(key), options_(options) {}

  Report all() {
    report_.backup = manifest_.id;
    report_.repository = manifest_.repository;
    report_.database = manifest_.database;
    report_.program = options_.program;
    report_.wanted = options_.level;
    report_.started = clock();
    if (options_.level > 3 && options_.queries.empty())
      cannot("the configuration has no queries for L4", "write them into `backup.drill.queries`");
    using Step = bool (Prover::*)();
    constexpr Step steps[] = {&Prover::stored, &Prover::authentic, &Prover::complete,
                              &Prover::restored, &Prover::usable};
    for (int level = 0; report_.unable.empty() && level <= options_.level && level < 5; ++level) {
      level_ = level;
      if (!(this->*steps[level])()) break;
      report_.level = level;
    }
    cluster_.reset();
    report_.finished = std::max(clock(), report_.started);
    return std::move(report_);
  }

private:
  std::int64_t clock() const {
    const auto now = repository_.store().clock();
    return now ? *now
               : std::chrono::duration_cast<std::chrono::seconds>(
                     std::chrono::system_clock::now().time_since_epoch())
                     .count();
  }
  void stage(const char* name) const {
    if (options_.stage != nullptr) *options_.stage = name;
  }
  bool pass(std::string name, std::string message) {
    report_.checks.push_back({level_, std::move(name), Outcome::passed, std::move(message)});
    return true;
  }
  bool wrong(std::string name, std::string message) {
    report_.checks.push_back({level_, std::move(name), Outcome::failed, std::move(message)});
    return false;
  }
  bool cannot(std::string why, std::string hint = {}) {
    report_.unable = std::move(why);
    report_.hint = std::move(hint);
    return false;
  }
  bool cannot(const Failure& failure) { return cannot(failure.message, failure.hint); }
  // Of the store: that it does not answer is no loss.
  bool unreadable(std::string message) {
    return unreachable_ ? cannot(std::move(message)) : wrong("authentic", std::move(message));
  }
  void skip(std::string name, std::string message) {
    report_.checks.push_back({level_, std::move(name), Outcome::skipped, std::move(message)});
  }
  bool differs(std::string name, const Names& names, std::string message) {
    if (names.empty()) return pass(std::move(name), std::move(message));
    return wrong(std::move(name), names.text());
  }

  // L0
  bool stored() {
    stage("listing");
    auto objects = repository_.store().list(fmt::format("objects/{}/", manifest_.id));
    if (!objects) return cannot(objects.error().message);
    std::map<std::string, std::uint64_t, std::less<>> there;
    for (const store::ObjectInfo& each : *objects) there[each.key] = each.size;
    Names names;
    std::size_t count = 0;
    for (const StreamInfo& stream : manifest_.streams)
      for (std::size_t i = 0; i < stream.objects.size(); ++i, ++count) {
        const std::string key = object_key(manifest_.id, stream.name, i + 1);
        const auto found = there.find(key);
        if (found == there.end()) {
          names.add(fmt::format("object \"{}\" is lost", key));
        } else if (found->second != stream.objects[i].size) {
          names.add(fmt::format("object \"{}\" has {} bytes; {} were stored", key, found->second,
                                stream.objects[i].size));
        }
      }
    return differs("objects", names,
                   fmt::format("{} objects, {} bytes", count, manifest_.stored()));
  }

  // L1. From level 2 on the archive is read once, for all of them.
  bool authentic() {
    stage("reading");
    auto key = repository_.data_key(manifest_, key_);
    if (!key) return wrong("key", key.error().message);
    data_key_ = std::move(*key);
    const StreamInfo* const catalog = manifest_.stream("catalog");
    if (catalog == nullptr || manifest_.stream("archive") == nullptr)
      return wrong("streams", "the manifest lacks the archive or the catalog");
    auto text = read_stream(repository_.store(), manifest_.id, *catalog, *data_key_, catalog_limit,
                            {.unreachable = &unreachable_});
    if (!text) return unreadable(text.error().message);
    auto read = read_catalog(*text);
    if (!read) return wrong("catalog", read.error().message);
    catalog_ = std::move(*read);
    if (options_.level > 1) return read_archive();
    if (auto done = read_archive_into([](std::string_view) -> Result<void> { return {}; }); !done)
      return unreadable(done.error().message);
    return pass("authentic", "every byte is what was sealed");
  }

  Result<void> read_archive_into(const Sink& sink) {
    return read_stream(repository_.store(), manifest_.id, *manifest_.stream("archive"), *data_key_,
                       sink, {.fetched = options_.fetched, .unreachable = &unreachable_});
  }

  // One reading for the levels 1, 2 and, when it is wanted, the restore of 3: a scratch server is
  // made before, so that the time of recovery holds everything from the first byte.
  bool read_archive() {
    if (options_.level > 2 && !make_cluster()) return false;
    stage(options_.level > 2 ? "restoring" : "reading");
    const auto begin = std::chrono::steady_clock::now();
    auto tools = tools_to_dump(options_.tools, manifest_.server_major);
    if (!tools) return cannot(tools.error());
    auto reader =
        ChildProcess::start({.arguments = {tools->path("pg_restore"), "--data-only", "--file=-"},
                             .environment = {"LC_ALL=C"},
                             .input = true,
                             .output = true});
    if (!reader) return cannot(reader.error());
    std::optional<ChildProcess> restore;
    if (options_.level > 2) {
      auto started = start_restore();
      if (!started) return cannot(started.error());
      restore.emplace(std::move(*started));
    }
    Result<void> read;
    Result<void> fed;      // pg_restore of level 2
    Result<void> restored; // pg_restore of level 3
    {
      ThreadGroup beside;
      beside.start([&] {
        std::string buffer(std::size_t{1} << 18, '\0');
        for (;;) {
          const auto count = reader->read_into(buffer.data(), buffer.size());
          if (!count || *count == 0) return;
          dump_.feed(std::string_view(buffer).substr(0, *count));
        }
      });
      read = read_archive_into([&](std::string_view bytes) -> Result<void> {
        // One that stops reading does not keep the other from the rest, nor both the store from
        // being read: what was not read was not checked.
        if (fed) fed = reader->write(bytes);
        if (restore && restored) restored = restore->write(bytes);
        return {};
      });
      if (!read) {
        reader->kill();
        if (restore) restore->kill();
      }
      reader->close_input();
      if (restore) restore->close_input();
    }
    // What pg_restore says of its end is more than that it closed its input.
    const Result<void> reader_ended = reader->wait();
    if (restore) {
      const Result<void> ended = restore->wait();
      if (!ended) restored = std::unexpected(ended.error());
    }
    if (restore)
      report_.recovery =
          static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                         std::chrono::steady_clock::now() - begin)
                                         .count());
    if (!read) return unreadable(read.error().message);
    if (!restored && is_of_this_machine(restored.error().message))
      return cannot(restored.error().message);
    pass("authentic", "every byte is what was sealed");
    level_two_ = reader_ended;
    level_three_ = restored;
    return true;
  }

  // What a restore also fails of that is right: PostgreSQL's words in English, as the scratch
  // server is told to speak.
  static bool is_of_this_machine(std::string_view message) {
    for (const std::string_view each :
         {"No space left on device", "Disk quota exceeded", "invalid LC_COLLATE locale name",
          "invalid LC_CTYPE locale name", "invalid locale name",
          "ICU is not supported in this build", "is not available"})
      if (message.find(each) != std::string_view::npos) return true;
    return false;
  }

  // L2
  bool complete() {
    if (!level_two_) return wrong("archive", level_two_.error().message);
    if (auto done = dump_.finish(); !done) return wrong("archive", done.error().message);
    pass("archive", "pg_restore reads it to its end");
    std::map<std::string, std::uint64_t> rows = dump_.rows();
    std::uint64_t expected = 0;
    std::uint64_t unknown = 0;
    Names names;
    std::size_t tables = 0;
    for (const Relation& each : catalog_.relations) {
      if (each.kind == RelationKind::materialized_view || each.kind == RelationKind::sequence)
        continue;
      ++tables;
      expected += each.digest.rows;
      const auto found = rows.find(each.qualified());
      const std::uint64_t count = found == rows.end() ? 0 : found->second;
      if (count != each.digest.rows)
        names.add(fmt::format("{} has {} rows in the dump; the source had {}", each.qualified(),
                              count, each.digest.rows));
      if (found != rows.end()) rows.erase(found);
    }
    // Rows of some partitions are dumped under the name of the table that they are parts of: then
    // only the sum says something.
    std::uint64_t all = 0;
    for (const auto& [name, count] : dump_.rows()) all += count;
    for (const auto& [name, count] : rows) unknown += count;
    if (unknown > 0 && all == expected) {
      pass("rows", fmt::format("{} rows of {} tables, in sum", all, tables));
      return true;
    }
    return differs("rows", names, fmt::format("{} rows of {} tables", all, tables));
  }

  bool make_cluster() {
    stage("making a server");
    auto tools = tools_to_drill(options_.tools, manifest_.server_major);
    if (!tools) return cannot(tools.error());
    const std::uint64_t needed = drill_needs(manifest_.database_bytes);
    const auto room = drill_room(options_.folder, options_.user);
    if (!room) return cannot(room.error());
    if (*room < needed)
      return cannot(fmt::format("\"{}\" has {} MiB left; a drill of this backup needs {} MiB",
                                options_.folder, *room >> 20U, needed >> 20U),
                    drill_room_hint);
    tools_ = *tools;
    auto cluster = Cluster::start({.tools = *tools,
                                   .folder = options_.folder,
                                   .user = options_.user,
                                   .bootstrap = catalog_.bootstrap,
                                   .encoding = catalog_.encoding,
                                   .tablespace = catalog_.tablespace,
                                   .relations = catalog_.relations.size(),
                                   .settings = options_.settings});
    if (!cluster) return cannot(cluster.error());
    cluster_ = std::move(*cluster);
    report_.server = tools->version;
    auto session = Session::open(cluster_->address("template1"));
    if (!session) return cannot(session.error());
    if (!has_extensions(*session)) return false;
    // Roles come before what belongs to them. That with which the cluster was made is there.
    std::string globals = catalog_.globals;
    for (const std::string& name : {catalog_.bootstrap, quote_name(catalog_.bootstrap)}) {
      const std::string line = fmt::format("CREATE ROLE {};\n", name);
      if (const std::size_t at = globals.find(line); at != std::string::npos)
        globals.erase(at, line.size());
    }
    if (auto made = session->run(globals); !made)
      return wrong("roles", "the roles cannot be made: " + made.error().message);
    // The archive makes the database, under its own name.
    if (auto dropped = session->run("DROP DATABASE postgres"); !dropped)
      return cannot(dropped.error());
    return true;
  }

  // An extension is files beside the server's own; what it lacks, it cannot restore.
  bool has_extensions(Session& session) {
    auto available = session.query("SELECT name FROM pg_available_extensions");
    if (!available) return cannot(available.error());
    std::set<std::string, std::less<>> there;
    for (std::size_t i = 0; i < available->size(); ++i) there.insert(available->at(i, 0));
    for (const auto& [name, version] : catalog_.extensions)
      if (!there.contains(name)) return cannot(lacks_extension(tools_, name));
    return true;
  }

  std::vector<std::string> drill_environment(const std::string& database) const {
    std::vector<std::string> out = cluster_->address(database).environment();
    out.emplace_back("LC_ALL=C");
    return out;
  }

  Result<ChildProcess> start_restore() {
    return ChildProcess::start(
        {.arguments = {tools_.path("pg_restore"), "--create", "--exit-on-error", "--no-tablespaces",
                       "--no-password", "--dbname=template1"},
         .environment = drill_environment("template1"),
         .user = cluster_->user(),
         .input = true});
  }

  // L3
  bool restored() {
    stage("comparing");
    if (!level_three_) return wrong("restore", level_three_.error().message);
    auto finding = Session::open(cluster_->address("template1"));
    if (!finding) return wrong("restore", finding.error().message);
    auto names =
        finding->query("SELECT datname FROM pg_database WHERE datname NOT IN ('template0', "
                       "'template1')");
    if (!names) return wrong("restore", names.error().message);
    if (names->size() != 1) return wrong("restore", "pg_restore made no database");
    database_ = names->at(0, 0);
    auto session = Session::open(cluster_->address(database_));
    if (!session) return wrong("restore", session.error().message);
    pass("restore", fmt::format("in {:.1f} s", static_cast<double>(report_.recovery) / 1000));

    // All of them, also after one has failed: what differs is known at once.
    bool good = schema();
    good = roles() && good;
    good = contents(*session) && good;
    good = sequences(*session) && good;
    good = objects(*session) && good;
    good = extensions(*session) && good;
    good = indexes(*session) && good;
    good = canary(*session) && good;
    good = pages() && good;
    return good;
  }

  bool contents(Session& session) {
    auto relations = find_relations(session);
    if (!relations) return wrong("digests", relations.error().message);
    take_forms(*relations, catalog_.relations);
    const Address address = cluster_->address(database_);
    if (auto done = digest_relations(address, "", *relations, catalog_.seeds, options_.sessions);
        !done)
      return wrong("digests", done.error().message);
    std::map<std::string, const Relation*> there;
    for (const Relation& each : *relations) there[each.qualified()] = &each;
    Names names;
    Names stale;
    std::uint64_t rows = 0;
    std::size_t tables = 0;
    std::size_t views = 0;
    for (const Relation& source : catalog_.relations) {
      const auto found = there.find(source.qualified());
      if (found == there.end()) {
        names.add(fmt::format("{} is not there", source.qualified()));
        continue;
      }
      const Relation& copy = *found->second;
      there.erase(found);
      if (source.kind == RelationKind::sequence) continue;
      if (source.kind == RelationKind::materialized_view) {
        ++views;
        if (copy.populated != source.populated) {
          names.add(fmt::format("materialized view {} is {}filled", source.qualified(),
                                copy.populated ? "" : "not "));
        } else if (copy.digest != source.digest) {
          // It was filled again, from tables that are equal: the source's was old, or it depends
          // on the time.
          stale.add(source.qualified());
        }
        continue;
      }
      ++tables;
      rows += copy.digest.rows;
      if (copy.digest.rows != source.digest.rows) {
        names.add(fmt::format("{} has {} rows; the source had {}", source.qualified(),
                              copy.digest.rows, source.digest.rows));
      } else if (copy.digest != source.digest) {
        names.add(fmt::format("{} has other contents than the source", source.qualified()));
      }
    }
    for (const auto& [name, relation] : there) names.add(fmt::format("{} is new", name));
    std::string message = fmt::format("{} rows of {} tables", rows, tables);
    if (views > 0) message += fmt::format(", {} materialized views", views);
    if (!stale.empty())
      message += fmt::format("; not as old as in the source, or of the time: {}", stale.text());
    return differs("digests", names, std::move(message));
  }

  // Against what the dump itself sets: a sequence goes on within the source's snapshot.
  bool sequences(Session& session) {
    Names names;
    std::size_t count = 0;
    for (const auto& [name, set] : dump_.sequences()) {
      auto rows = session.query(fmt::format("SELECT last_value, is_called FROM {}", name));
      if (!rows) {
        names.add(fmt::format("{}: {}", name, rows.error().message));
        continue;
      }
      ++count;
      const SequenceSet copy{
          static_cast<std::int64_t>(std::strtoll(rows->at(0, 0).c_str(), nullptr, 10)),
          rows->boolean(0, 1)};
      if (copy != set)
        names.add(fmt::format("{} is at {}; the dump sets {}", name, copy.value, set.value));
    }
    for (const Relation& each : catalog_.relations)
      if (each.kind == RelationKind::sequence && !dump_.sequences().contains(each.qualified()))
        names.add(fmt::format("the dump does not set {}", each.qualified()));
    return differs("sequences", names, fmt::format("{} sequences", count));
  }

  bool objects(Session& session) {
    auto begun = session.run("BEGIN READ ONLY");
    auto digest = digest_large_objects(session, catalog_.seeds);
    if (auto ended = session.run("ROLLBACK"); !begun || !ended)
      return wrong("large objects", begun ? ended.error().message : begun.error().message);
    if (!digest) return wrong("large objects", digest.error().message);
    if (digest->rows != catalog_.large_objects.rows)
      return wrong("large objects", fmt::format("there are {}; the source had {}", digest->rows,
                                                catalog_.large_objects.rows));
    if (*digest != catalog_.large_objects)
      return wrong("large objects", "their contents, owners or rights are not those of the source");
    return pass("large objects", fmt::format("{} large objects", digest->rows));
  }

  bool schema() {
    auto tools = tools_to_dump(options_.tools, manifest_.server_major);
    if (!tools) return wrong("schema", tools.error().message);
    auto printed = run_program(
        {.arguments = {tools->path("pg_dump"), "--schema-only", "--create", "--no-tablespaces",
                       "--encoding=" + catalog_.encoding, "--no-password"},
         .environment = drill_environment(database_),
         .user = cluster_->user()},
        std::size_t{512} << 20);
    if (!printed) return wrong("schema", printed.error().message);
    const std::string restored = normalise_dump(*printed);
    const std::string differences = compare_dumps(catalog_.schema, restored);
    if (!differences.empty()) return wrong("schema", differences);
    return pass("schema",
                restored == catalog_.schema ? "equal, byte for byte" : "equal, in another order");
  }

  bool roles() {
    auto printed = run_program(
        {.arguments = {tools_.path("pg_dumpall"), "--roles-only", "--no-role-passwords",
                       "--no-password", "--encoding=" + catalog_.encoding, "--database=template1"},
         .environment = drill_environment("template1"),
         .user = cluster_->user()});
    if (!printed) return wrong("roles", printed.error().message);
    const auto lines = [](std::string_view text) {
      std::multiset<std::string> out;
      while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        // What a session begins with is of the database, not of its roles.
        if (!line.empty() && !line.starts_with("--") && !line.starts_with("SET ") &&
            line.find(drill_role) == std::string_view::npos)
          out.emplace(line);
        text.remove_prefix(std::min(end + 1, text.size()));
      }
      return out;
    };
    std::multiset<std::string> source = lines(catalog_.globals);
    std::size_t count = 0;
    Names names;
    for (const std::string& each : lines(normalise_dump(*printed))) {
      count += each.starts_with("CREATE ROLE ") ? 1 : 0;
      const auto found = source.find(each);
      if (found == source.end()) {
        names.add("more: " + each);
      } else {
        source.erase(found);
      }
    }
    for (const std::string& each : source) names.add("missing: " + each);
    return differs("roles", names, fmt::format("{} roles", count));
  }

  bool extensions(Session& session) {
    auto there = find_extensions(session);
    if (!there) return wrong("extensions", there.error().message);
    Names names;
    std::map<std::string, std::string> copies(there->begin(), there->end());
    for (const auto& [name, version] : catalog_.extensions) {
      const auto found = copies.find(name);
      if (found == copies.end()) {
        names.add(fmt::format("{} is not there", name));
      } else if (found->second != version) {
        // The schema dump names no versions: the drill's server has another one.
        names.add(fmt::format("{} is {}; the source has {}", name, found->second, version));
      }
    }
    return differs("extensions", names, fmt::format("{} extensions", catalog_.extensions.size()));
  }

  bool indexes(Session& session) {
    auto rows = session.query(
        "SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE c.relkind = 'i' AND NOT (indisvalid AND indisready) ORDER BY 1");
    if (!rows) return wrong("indexes", rows.error().message);
    Names names;
    for (std::size_t i = 0; i < rows->size(); ++i)
      names.add(fmt::format("{} is not valid", rows->at(i, 0)));
    auto count =
        session.query("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
                      "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_'");
    return differs("indexes", names,
                   fmt::format("{} indexes", count ? count->number(0, 0) : std::uint64_t{0}));
  }

  bool canary(Session& session) {
    if (catalog_.canary.empty()) {
      skip("canary", "none was written before this backup");
      return true;
    }
    auto rows = session.query("SELECT nonce FROM aethel.canary WHERE id = 1");
    if (!rows) return wrong("canary", rows.error().message);
    if (rows->empty() || rows->at(0, 0) != catalog_.canary)
      return wrong("canary", "it is not the one that was written before this backup");
    return pass("canary", "as written before this backup");
  }

  // After the schema was compared: it adds its extension.
  bool pages() {
    stage("checking pages");
    if (::access(tools_.path("pg_amcheck").c_str(), X_OK) != 0) {
      skip("pages", "PostgreSQL's pg_amcheck is not on this machine");
      return true;
    }
    auto session = Session::open(cluster_->address(database_));
    if (!session) return wrong("pages", session.error().message);
    auto available = session->query("SELECT FROM pg_available_extensions WHERE name = 'amcheck'");
    if (!available) return wrong("pages", available.error().message);
    if (available->empty()) {
      skip("pages", "PostgreSQL's extension amcheck is not on this machine");
      return true;
    }
    // Of the source's: adding the extension is none of their business. Before PostgreSQL 17 no
    // setting keeps them quiet.
    auto quiet = session->run(
        "DO $$ DECLARE name text; BEGIN FOR name IN SELECT evtname FROM pg_event_trigger LOOP "
        "EXECUTE format('ALTER EVENT TRIGGER %I DISABLE', name); END LOOP; END $$");
    if (!quiet) return wrong("pages", quiet.error().message);
    auto process = ChildProcess::start(
        {.arguments = {tools_.path("pg_amcheck"), "--install-missing", "--heapallindexed",
                       "--no-password", connection_words(database_)},
         .environment = drill_environment(database_),
         .user = cluster_->user(),
         .output = true});
    if (!process) return wrong("pages", process.error().message);
    auto printed = process->read_all(std::size_t{1} << 20);
    const int code = process->wait_for_code();
    if (code == 0) return pass("pages", "heaps and B-trees are in order");
    std::string said = printed && !printed->empty() ? *printed : process->errors();
    return wrong("pages", said.substr(0, 1000));
  }

  // L4
  bool usable() {
    stage("asking");
    auto session = Session::open(cluster_->address(database_));
    if (!session) return wrong("queries", session.error().message);
    bool good = true;
    for (const SmokeQuery& each : options_.queries) {
      if (auto begun = session->run(
              "BEGIN READ ONLY; SET LOCAL statement_timeout = '300s'; SET LOCAL "
              "search_path = \"$user\", public" +
              // As aethel.yaml is written.
              std::string(
                  catalog_.encoding == "SQL_ASCII" ? "" : "; SET LOCAL client_encoding = 'UTF8'"));
          !begun)
        return wrong("queries", begun.error().message);
      auto rows = session->query(each.sql);
      static_cast<void>(session->run("ROLLBACK"));
      if (!rows) {
        good = wrong(each.name, rows.error().message);
        continue;
      }
      const bool has = !rows->empty() && !rows->is_null(0, 0);
      const std::string value = has ? rows->at(0, 0) : "";
      const bool holds = value == "t" || value == "true" || std::strtod(value.c_str(), nullptr) > 0;
      // Its value may be a person's data.
      good = (holds ? pass(each.name, "holds") : wrong(each.name, "does not hold")) && good;
    }
    return good;
  }

  const Repository& repository_;
  const Manifest& manifest_;
  const PrivateKey& key_;
  const ProveOptions& options_;
  Report report_;
  int level_ = 0;
  std::optional<Secret> data_key_;
  std::atomic<bool> unreachable_{false};
  Catalog catalog_;
  Tools tools_;
  std::unique_ptr<Cluster> cluster_;
  std::string database_;
  DumpReader dump_;
  Result<void> level_two_, level_three_;
};

} // namespace

const Check* Report::failure() const {
  for (const Check& each : checks)
    if (each.outcome == Outcome::failed) return &each;
  return nullptr;
}

std::string write_report(const Report& report) {
  json checks = json::array();
  for (const Check& each : report.checks)
    checks.push_back({{"level", each.level},
                      {"name", each.name},
                      {"outcome", outcome_names[static_cast<int>(each.outcome)]},
                      {"message", each.message}});
  const Check* const failure = report.failure();
  const json all = {{"backup", report.backup},
                    {"repository", report.repository},
                    {"database", report.database},
                    {"program", report.program},
                    {"server", report.server},
                    {"wanted", report.wanted},
                    {"level", std::max(0, report.level)},
                    {"passed", report.passed()},
                    {"failure", failure == nullptr ? "" : failure->name},
                    {"started", time_text(report.started)},
                    {"finished", time_text(report.finished)},
                    {"recovery_milliseconds", report.recovery},
                    {"checks", std::move(checks)}};
  return all.dump(1, ' ', false, json::error_handler_t::replace);
}

Report prove(const Repository& repository, const Manifest& manifest, const PrivateKey& key,
             const ProveOptions& options) {
  return Prover(repository, manifest, key, options).all();
}

} // namespace aethel::backup
