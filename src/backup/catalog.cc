#include "backup/catalog.h"

#include "backup/json.h"
#include "backup/sql_text.h"
#include "base/parallel.h"
#include "config/scalar.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

namespace aethel::backup {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view kind_names[] = {"table", "configuration", "materialized view",
                                           "sequence"};

constexpr std::string_view form_names[] = {
    "row",       "text", "value", "int8send", "time_send", "timestamp_send", "timestamptz_send",
    "bpcharsend"};

std::optional<Form> form_of(std::string_view name) {
  const auto* const found = std::ranges::find(form_names, name);
  if (found == std::end(form_names)) return std::nullopt;
  return static_cast<Form>(found - std::begin(form_names));
}

// Locks of a transaction are held to its end, of each table and each of its indexes, in a table of
// the server that all sessions share.
constexpr std::size_t pieces_a_transaction = 64;

// Pages of 8 KiB in one piece of a large table: 128 MiB.
constexpr std::uint64_t piece_pages = 16384;
constexpr std::uint64_t page_bytes = 8192;

// A sum of 64-bit numbers comes as a numeric of up to 128 bits: taken modulo 2^64.
std::uint64_t modulo(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::uint64_t out = 0;
  for (const char c : text)
    if (c >= '0' && c <= '9') out = out * 10 + static_cast<std::uint64_t>(c - '0');
  return negative ? ~out + 1 : out;
}

void add(Digest& to, const Digest& more) {
  to.rows += more.rows;
  for (int i = 0; i < 2; ++i) to.sums[i] += more.sums[i];
}

Digest digest_of(const Rows& rows) {
  return {rows.number(0, 0), {modulo(rows.at(0, 1)), modulo(rows.at(0, 2))}};
}

Form form_at(const Relation& relation, std::size_t column) {
  return relation.forms.empty() ? Form::row : relation.forms[column];
}

std::string digest_sql(const Relation& relation, const std::array<std::int64_t, 2>& seeds,
                       std::string_view where) {
  std::string values;
  std::string rest;
  const auto append = [](std::string& to, std::string_view what) {
    to += to.empty() ? "" : ", ";
    to += what;
  };
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    const std::string name = quote_name(relation.columns[i]);
    switch (const Form form = form_at(relation, i)) {
    case Form::row: append(rest, name); break;
    case Form::text: append(values, name + "::text COLLATE \"C\""); break;
    case Form::value: append(values, name); break;
    default: append(values, fmt::format("{}({})", form_names[static_cast<int>(form)], name)); break;
    }
  }
  // OFFSET 0: else what stands inside is made once for each hash.
  if (values.empty())
    return fmt::format("SELECT count(*), coalesce(sum(h1), 0), coalesce(sum(h2), 0) FROM (SELECT "
                       "hashtextextended(r, {}) AS h1, hashtextextended(r, {}) AS h2 FROM (SELECT "
                       "ROW({})::text COLLATE \"C\" AS r FROM ONLY {} {} OFFSET 0) AS t) AS h",
                       seeds[0], seeds[1], rest, relation.qualified(), where);
  if (!rest.empty()) append(values, fmt::format("ROW({})::text COLLATE \"C\"", rest));
  // The hash of a record is linear in those of its columns: summed as it is, it would not see
  // values that change their places between rows. hashint4extended takes all its 64 bits, as a
  // seed; hashint8extended would take 32.
  return fmt::format(
      "SELECT count(*), coalesce(sum(hashint4extended(1, r)), 0), coalesce(sum(hashint4extended(2, "
      "r)), 0) FROM (SELECT hash_record_extended(ROW({}), {}) AS r FROM ONLY {} {} OFFSET 0) AS t",
      values, seeds[0], relation.qualified(), where);
}

} // namespace

std::string Digest::text() const { return fmt::format("{:016x}{:016x}", sums[0], sums[1]); }

std::string Relation::qualified() const { return quote_name(schema) + "." + quote_name(name); }

// --- JSON
// -----------------------------------------------------------------------------------------

namespace {

// A database of another encoding than UTF-8 - SQL_ASCII has none at all - gives names and
// definitions as bytes that no JSON can hold. Then each text of the catalog stands there as if its
// bytes were ISO 8859-1, and "text": "bytes" says so: nothing is lost, and every parser reads it.
std::string widened(std::string_view bytes) {
  std::string out;
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte >= 0x80) out += static_cast<char>(0xc0U | (byte >> 6U));
    out += static_cast<char>(byte < 0x80 ? byte : 0x80U | (byte & 0x3fU));
  }
  return out;
}

std::string narrowed(const std::string& text, const JsonReader& from) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      out += text[i];
    } else if (byte <= 0xc3 && i + 1 < text.size()) {
      out += static_cast<char>(((byte & 0x3U) << 6U) |
                               (static_cast<unsigned char>(text[++i]) & 0x3fU));
    } else {
      from.refuse("it has a text that is none of bytes");
      return {};
    }
  }
  return out;
}

void widen(json& value) {
  if (value.is_string()) value = widened(value.get_ref<const std::string&>());
  if (value.is_structured())
    for (json& each : value) widen(each);
}

} // namespace

std::string write_catalog(const Catalog& catalog) {
  json relations = json::array();
  for (const Relation& each : catalog.relations) {
    json one = {{"schema", each.schema},
                {"name", each.name},
                {"kind", kind_names[static_cast<int>(each.kind)]}};
    if (each.kind != RelationKind::sequence) {
      one["rows"] = each.digest.rows;
      one["digest"] = each.digest.text();
      one["columns"] = each.columns;
      if (!each.forms.empty()) {
        json forms = json::array();
        for (const Form form : each.forms) forms.push_back(form_names[static_cast<int>(form)]);
        one["forms"] = std::move(forms);
      }
      one["bytes"] = each.bytes;
    }
    if (each.kind == RelationKind::configuration) one["condition"] = each.condition;
    if (each.kind == RelationKind::materialized_view) one["populated"] = each.populated;
    relations.push_back(std::move(one));
  }
  json extensions = json::array();
  for (const auto& [name, version] : catalog.extensions)
    extensions.push_back({{"name", name}, {"version", version}});
  json all = {
      {"digest", "hashes of the rows, their columns by name in their forms, summed modulo 2^64"},
      {"seeds", {std::to_string(catalog.seeds[0]), std::to_string(catalog.seeds[1])}},
      {"encoding", catalog.encoding},
      {"collate", catalog.collate},
      {"bootstrap", catalog.bootstrap},
      {"canary", catalog.canary},
      {"extensions", std::move(extensions)},
      {"relations", std::move(relations)},
      {"large_objects",
       {{"count", catalog.large_objects.rows}, {"digest", catalog.large_objects.text()}}},
      {"globals", catalog.globals},
      {"schema", catalog.schema}};
  if (!catalog.tablespace.empty()) all["tablespace"] = catalog.tablespace;
  try {
    return all.dump();
  } catch (const json::type_error&) {
    widen(all);
    all["text"] = "bytes";
    return all.dump();
  }
}

namespace {

Digest read_digest(const JsonReader& from, std::string_view rows) {
  Digest out{.rows = from.number(rows)};
  const std::string text = from.text("digest");
  for (int i = 0; i < 2; ++i) {
    const std::string part = text.size() == 32 ? text.substr(16 * i, 16) : "";
    const auto [end, error] =
        std::from_chars(part.data(), part.data() + part.size(), out.sums[i], 16);
    if (part.empty() || error != std::errc() || end != part.data() + part.size())
      from.refuse("it has a digest that is none");
  }
  return out;
}

void read_forms(const JsonReader& from, Relation& to) {
  for (const std::string& name : from.texts("forms")) {
    const std::optional<Form> form = form_of(name);
    if (!form) {
      from.refuse(fmt::format("it has a column of the unknown form \"{}\"", name));
      return;
    }
    to.forms.push_back(*form);
  }
  if (to.forms.size() != to.columns.size()) from.refuse("it has columns without a form");
}

} // namespace

Result<Catalog> read_catalog(std::string_view text) {
  const auto read = JsonReader::parse(text, "the catalog");
  if (!read) return std::unexpected(read.error());
  const bool bytes = read->has("text") && read->text("text") == "bytes";
  const auto text_of = [&](const JsonReader& from, std::string_view name) {
    std::string value = from.text(name);
    return bytes ? narrowed(value, from) : value;
  };
  Catalog out;
  const std::vector<std::string> seeds = read->texts("seeds");
  if (seeds.size() != 2) read->refuse("it lacks the seeds of its digests");
  for (std::size_t i = 0; i < std::min<std::size_t>(2, seeds.size()); ++i)
    std::from_chars(seeds[i].data(), seeds[i].data() + seeds[i].size(), out.seeds[i]);
  out.encoding = text_of(*read, "encoding");
  out.collate = text_of(*read, "collate");
  out.bootstrap = text_of(*read, "bootstrap");
  out.canary = text_of(*read, "canary");
  for (const JsonReader& each : read->list("extensions"))
    out.extensions.emplace_back(text_of(each, "name"), text_of(each, "version"));
  for (const JsonReader& each : read->list("relations")) {
    Relation one{.schema = text_of(each, "schema"), .name = text_of(each, "name")};
    const std::string kind = each.text("kind");
    const auto* const found = std::ranges::find(kind_names, kind);
    if (found == std::end(kind_names)) {
      each.refuse(fmt::format("it has a relation of the unknown kind \"{}\"", kind));
      continue;
    }
    one.kind = static_cast<RelationKind>(found - std::begin(kind_names));
    if (one.kind != RelationKind::sequence) {
      one.digest = read_digest(each, "rows");
      for (const std::string& column : each.texts("columns"))
        one.columns.push_back(bytes ? narrowed(column, each) : column);
      if (each.has("forms")) read_forms(each, one);
      one.bytes = each.number("bytes");
    }
    if (one.kind == RelationKind::configuration) one.condition = text_of(each, "condition");
    if (one.kind == RelationKind::materialized_view) one.populated = each.boolean("populated");
    out.relations.push_back(std::move(one));
  }
  out.large_objects = read_digest(read->object("large_objects"), "count");
  out.globals = text_of(*read, "globals");
  out.schema = text_of(*read, "schema");
  if (read->has("tablespace")) out.tablespace = text_of(*read, "tablespace");
  if (auto done = read->done(); !done) return std::unexpected(done.error());
  return out;
}

// --- The database
// ----------------------------------------------------------------------------------

Result<std::vector<Relation>> find_relations(Session& session) {
  // As pg_dump chooses: nothing of the system, no temporary ones, of extensions what they declare
  // as configuration. Indexes, TOAST and types of rows have no contents of their own.
  auto found = session.query(R"(
    SELECT c.oid, n.nspname, c.relname, c.relkind, coalesce(a.amname, ''),
           CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) ELSE 0 END,
           c.relispopulated,
           EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                   AND d.deptype = 'e'),
           e.condition IS NOT NULL, coalesce(e.condition, '')
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_am a ON a.oid = c.relam
      LEFT JOIN (SELECT unnest(extconfig) AS oid, unnest(extcondition) AS condition FROM pg_extension) e
             ON e.oid = c.oid
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't'
       AND c.relkind NOT IN ('i', 'I', 't', 'c')
     ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C")");
  if (!found) return std::unexpected(found.error());
  // hash_record_extended is there since 14. A cast to text by a function, as of boolean and inet,
  // may lose what the output has; all others are the output.
  auto columns = session.query(R"(
    SELECT t.attrelid, t.attname,
           CASE WHEN current_setting('server_version_num')::int < 140000 OR y.typtype = 'd' THEN 'row'
                WHEN f.form IS NOT NULL THEN f.form
                WHEN k.castsource IS NULL THEN 'text'
                ELSE 'row' END
      FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_type y ON y.oid = t.atttypid
      LEFT JOIN pg_cast k ON k.castsource = y.oid AND k.casttarget = 'text'::regtype
             AND k.castmethod = 'f'
      LEFT JOIN (VALUES ('bool', 'value'), ('bytea', 'value'), ('char', 'value'), ('date', 'value'),
                        ('int2', 'value'), ('int4', 'value'), ('oid', 'value'), ('uuid', 'value'),
                        ('int8', 'int8send'), ('bpchar', 'bpcharsend'), ('time', 'time_send'),
                        ('timestamp', 'timestamp_send'), ('timestamptz', 'timestamptz_send')
                ) AS f (type, form)
             ON y.typnamespace = 'pg_catalog'::regnamespace AND y.typname = f.type
     WHERE t.attnum > 0 AND NOT t.attisdropped AND c.relkind IN ('r', 'm')
       AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     ORDER BY t.attrelid, t.attname COLLATE "C")");
  if (!columns) return std::unexpected(columns.error());
  struct Columns {
    std::vector<std::string> names;
    std::vector<Form> forms;
  };
  std::map<std::string, Columns> by_relation;
  for (std::size_t i = 0; i < columns->size(); ++i) {
    Columns& of = by_relation[columns->at(i, 0)];
    of.names.push_back(columns->at(i, 1));
    of.forms.push_back(form_of(columns->at(i, 2)).value_or(Form::row));
  }

  std::vector<Relation> out;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const std::string& kind = found->at(i, 3);
    const bool of_extension = found->boolean(i, 7);
    const bool configured = found->boolean(i, 8);
    const Columns& of = by_relation[found->at(i, 0)];
    Relation one{.schema = found->at(i, 1),
                 .name = found->at(i, 2),
                 .bytes = found->number(i, 5),
                 .columns = of.names,
                 .forms = of.forms,
                 .populated = found->boolean(i, 6),
                 .heap = found->at(i, 4) == "heap"};
    // Nothing of their own: views, what is partitioned, and foreign tables, whose rows are
    // elsewhere.
    if (kind == "v" || kind == "p" || kind == "f") continue;
    if (of_extension && !configured) continue;
    if (kind == "r") {
      one.kind = of_extension ? RelationKind::configuration : RelationKind::table;
      if (of_extension) one.condition = found->at(i, 9);
    } else if (kind == "m") {
      one.kind = RelationKind::materialized_view;
    } else if (kind == "S") {
      one.kind = RelationKind::sequence;
    } else {
      return fail({.message = fmt::format("{} is a relation of the kind \"{}\", which this program "
                                          "does not know",
                                          one.qualified(), kind),
                   .hint = "use a newer aetheld: nothing is left out in silence"});
    }
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> find_extensions(Session& session) {
  auto rows =
      session.query("SELECT extname, extversion FROM pg_extension ORDER BY extname COLLATE \"C\"");
  if (!rows) return std::unexpected(rows.error());
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t i = 0; i < rows->size(); ++i) out.emplace_back(rows->at(i, 0), rows->at(i, 1));
  return out;
}

void take_forms(std::vector<Relation>& relations, const std::vector<Relation>& source) {
  std::map<std::string, const Relation*> by_name;
  for (const Relation& each : source) by_name[each.qualified()] = &each;
  for (Relation& each : relations) {
    const auto found = by_name.find(each.qualified());
    if (found != by_name.end() && found->second->columns == each.columns)
      each.forms = found->second->forms;
  }
}

Result<void> digest_relations(const Address& address, const std::string& snapshot,
                              std::vector<Relation>& relations,
                              const std::array<std::int64_t, 2>& seeds, unsigned sessions,
                              const std::function<void(std::uint64_t bytes)>& done,
                              const std::atomic<bool>* stop) {
  struct Piece {
    std::size_t relation = 0;
    std::string where;
    std::uint64_t bytes = 0;
  };
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < relations.size(); ++i) {
    Relation& each = relations[i];
    each.digest = {};
    if (each.kind == RelationKind::sequence || !each.populated) continue;
    const std::uint64_t pages = each.bytes / page_bytes;
    // Ranges of ctid are read by range only of heap tables, since PostgreSQL 14; before it, or
    // with a condition, the table is one piece.
    if (!each.heap || !each.condition.empty() || pages < 2 * piece_pages) {
      pieces.push_back({i, each.condition, each.bytes});
      continue;
    }
    for (std::uint64_t from = 0; from < pages; from += piece_pages) {
      const bool last = from + piece_pages >= pages; // with what was added meanwhile
      pieces.push_back({i,
                        last ? fmt::format("WHERE ctid >= '({},0)'", from)
                             : fmt::format("WHERE ctid >= '({},0)' AND ctid < '({},0)'", from,
                                           from + piece_pages),
                        last ? each.bytes - from * page_bytes : piece_pages * page_bytes});
    }
  }
  std::ranges::sort(pieces, [](const Piece& a, const Piece& b) {
    return std::tie(b.bytes, a.relation, a.where) < std::tie(a.bytes, b.relation, b.where);
  });
  if (pieces.empty()) return {};

  std::mutex mutex;
  std::size_t next = 0;
  std::optional<Failure> failure;
  std::vector<Session*> open;
  const auto work = [&] {
    Result<Session> session = Session::open(address, stop);
    {
      const std::scoped_lock lock(mutex);
      if (!session && !failure) failure = session.error();
      if (session) open.push_back(&*session);
    }
    for (std::size_t count = 0; session; ++count) {
      if (count % pieces_a_transaction == 0) {
        Result<void> begun = count == 0 ? Result<void>() : session->run("COMMIT");
        if (begun) begun = session->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        if (begun && !snapshot.empty())
          begun = session->run("SET TRANSACTION SNAPSHOT " + quote_literal(snapshot));
        if (!begun) {
          const std::scoped_lock lock(mutex);
          if (!failure) failure = begun.error();
          break;
        }
      }
      const Piece* piece = nullptr;
      {
        const std::scoped_lock lock(mutex);
        if (failure || next == pieces.size()) break;
        piece = &pieces[next++];
      }
      auto rows = session->query(digest_sql(relations[piece->relation], seeds, piece->where));
      const std::scoped_lock lock(mutex);
      if (!rows) {
        if (!failure) {
          failure = rows.error();
          failure->message += " in " + relations[piece->relation].qualified();
          // The others may be at it for an hour.
          for (Session* each : open) each->cancel();
        }
        break;
      }
      add(relations[piece->relation].digest, digest_of(*rows));
      if (done) done(piece->bytes);
    }
    if (session) {
      const std::scoped_lock lock(mutex);
      std::erase(open, &*session);
    }
  };
  const std::size_t count = std::min<std::size_t>(std::max(1U, sessions), pieces.size());
  ThreadGroup group;
  for (std::size_t i = 0; i < count; ++i) group.start(work);
  group.join();
  if (failure) return std::unexpected(*failure);
  return {};
}

Result<Digest> digest_large_objects(Session& session, const std::array<std::int64_t, 2>& seeds) {
  Digest digest;
  // Who owns and may use them is dumped with them, and not with the schema.
  auto about = session.query(fmt::format(
      "SELECT count(*), coalesce(sum(hashtextextended(r, {})), 0), "
      "coalesce(sum(hashtextextended(r, "
      "{})), 0) FROM (SELECT ROW(oid, pg_get_userbyid(lomowner), lomacl)::text COLLATE \"C\" AS r "
      "FROM pg_largeobject_metadata) AS t",
      seeds[0], seeds[1]));
  if (!about) return std::unexpected(about.error());
  digest = digest_of(*about);
  if (digest.rows == 0) return digest;

  // lo_get() instead of pg_largeobject, which only superusers may read. Pieces of 1 MiB: what has
  // been read whole falls out after each round.
  constexpr std::uint64_t piece = 1 << 20;
  constexpr std::size_t at_once = 256;
  std::string after = "0";
  for (;;) {
    auto objects = session.query(
        fmt::format(
            "SELECT oid FROM pg_largeobject_metadata WHERE oid > $1::oid ORDER BY oid LIMIT {}",
            at_once),
        {after});
    if (!objects) return std::unexpected(objects.error());
    if (objects->empty()) return digest;
    std::vector<std::string> oids;
    for (std::size_t i = 0; i < objects->size(); ++i) oids.push_back(objects->at(i, 0));
    after = oids.back();
    for (std::uint64_t number = 0; !oids.empty(); ++number) {
      std::string list = "{";
      for (const std::string& each : oids) list += (list.size() == 1 ? "" : ",") + each;
      list += "}";
      auto rows = session.query(
          fmt::format(
              "SELECT o, octet_length(b), hashtextextended(r, {}), hashtextextended(r, {}) FROM "
              "(SELECT o, b, ROW(o, {}, b)::text COLLATE \"C\" AS r FROM (SELECT o, lo_get(o, "
              "{}, {}) AS b FROM unnest($1::oid[]) AS o OFFSET 0) AS g OFFSET 0) AS t",
              seeds[0], seeds[1], number, number * piece, piece),
          {list});
      if (!rows) return std::unexpected(rows.error());
      oids.clear();
      for (std::size_t i = 0; i < rows->size(); ++i) {
        if (rows->number(i, 1) == 0 && number > 0) continue; // ended with the piece before
        digest.sums[0] += modulo(rows->at(i, 2));
        digest.sums[1] += modulo(rows->at(i, 3));
        if (rows->number(i, 1) == piece) oids.push_back(rows->at(i, 0));
      }
    }
  }
}

// --- Comparing
// -------------------------------------------------------------------------------------

namespace {

// Blocks that an empty line ends, as pg_dump sets one after each statement; but none that is
// quoted, in the body of a function.
std::vector<std::string_view> statements(std::string_view text) {
  std::vector<std::string_view> out;
  SqlText state;
  std::size_t begin = 0;
  const auto end_block = [&](std::size_t end) {
    if (end > begin) out.push_back(text.substr(begin, end - begin));
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const bool quoted = state.quoted();
    state.line(text.substr(at, end - at));
    if (end == at && !quoted) {
      end_block(at == 0 ? 0 : at - 1);
      begin = end + 1;
    }
    at = end + 1;
  }
  if (begin < text.size()) {
    std::size_t end = text.size();
    while (end > begin && text[end - 1] == '\n') --end;
    end_block(end);
  }
  return out;
}

} // namespace

std::string normalise_dump(std::string_view text) {
  std::string out;
  SqlText state;
  bool empty = true; // the line before
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool quoted = state.quoted();
    state.line(line);
    if (quoted) {
      out += line;
      out += '\n';
      empty = false;
      continue;
    }
    if (line.starts_with("-- Dumped ") || line.starts_with("\\restrict ") ||
        line.starts_with("\\unrestrict ") || line == "--" || line.starts_with("-- Started on") ||
        line.starts_with("-- Completed on"))
      continue;
    if (line.empty() && empty) continue;
    empty = line.empty();
    out += line;
    out += '\n';
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::vector<std::string> database_statements(std::string_view dump, std::string_view name,
                                             bool roles) {
  // Its name, as this dump quotes it.
  constexpr std::string_view create = "CREATE DATABASE ";
  std::string_view source;
  bool concerns_it = false;
  std::vector<std::string> out;
  for (const std::string_view block : statements(dump)) {
    if (block.starts_with("-- Name: ")) {
      const std::string_view header = block.substr(0, block.find('\n'));
      const auto has = [&](std::string_view text) { return header.find(text) != header.npos; };
      concerns_it =
          has("; Type: DATABASE PROPERTIES;") ||
          (header.starts_with("-- Name: DATABASE ") &&
           (has("; Type: ACL;") || has("; Type: COMMENT;") || has("; Type: SECURITY LABEL;")));
      continue;
    }
    if (source.empty() && block.starts_with(create)) {
      std::string_view rest = block.substr(create.size());
      source = rest;
      if (!take_identifier(rest)) return {};
      source.remove_suffix(rest.size());
      continue;
    }
    if (!concerns_it || source.empty()) continue;
    SqlText state;
    for (std::size_t at = 0; at < block.size();) {
      const std::size_t end = std::min(block.find('\n', at), block.size());
      std::string line(block.substr(at, end - at));
      at = end + 1;
      const bool quoted = state.quoted();
      state.line(line);
      if (!quoted) {
        const std::string of = " DATABASE " + std::string(source) + " ";
        const std::size_t found = line.find(of);
        // What is not of the database is what a dump sets for itself.
        if (found == std::string::npos) break;
        line.replace(found, of.size(), fmt::format(" DATABASE {} ", quote_name(name)));
        out.push_back(std::move(line));
      } else if (!out.empty()) {
        out.back() += '\n';
        out.back() += line;
      }
    }
  }
  if (!roles)
    std::erase_if(out, [](const std::string& each) {
      return !each.starts_with("ALTER DATABASE ") && !each.starts_with("COMMENT ");
    });
  return out;
}

std::string compare_dumps(std::string_view source, std::string_view restored) {
  if (source == restored) return {};
  std::multiset<std::string_view> missing;
  for (const std::string_view each : statements(source)) missing.insert(each);
  std::vector<std::string_view> more;
  for (const std::string_view each : statements(restored)) {
    const auto found = missing.find(each);
    if (found == missing.end()) {
      more.push_back(each);
    } else {
      missing.erase(found);
    }
  }
  if (missing.empty() && more.empty()) return {};
  const auto lines = [](std::string_view block) {
    // The comment before a statement says what it is of.
    std::string_view rest = block;
    std::string out;
    for (int i = 0; i < 3 && !rest.empty(); ++i) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      out +=
          (out.empty() ? "" : " ") + std::string(rest.substr(0, std::min<std::size_t>(end, 160)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
  };
  std::string out;
  int shown = 0;
  for (const std::string_view each : missing)
    if (shown++ < 5) out += fmt::format("- {}\n", lines(each));
  shown = 0;
  for (const std::string_view each : more)
    if (shown++ < 5) out += fmt::format("+ {}\n", lines(each));
  return out;
}

} // namespace aethel::backup
