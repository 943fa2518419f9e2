#include "backup/part.h"

#include "backup/sql_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace aethel::backup {
namespace {

using Names = std::set<std::string, std::less<>>;

bool take(std::string_view& rest, std::string_view word) {
  if (!rest.starts_with(word)) return false;
  rest.remove_prefix(word.size());
  return true;
}

// What the schema says of who belongs to whom, and the list does not.
struct Belongings {
  std::map<SqlName, SqlName> indexes, sequences, statistics; // the table of each
  std::map<std::pair<SqlName, std::string>, SqlName>
      refers_to; // a foreign key of a table to a table
};

Belongings read_schema(std::string_view sql) {
  Belongings out;
  SqlText state;
  std::optional<SqlName> altered; // by a statement that goes on in the next line
  while (!sql.empty()) {
    const std::size_t end = std::min(sql.find('\n'), sql.size());
    std::string_view line = sql.substr(0, end);
    sql.remove_prefix(std::min(end + 1, sql.size()));
    const bool quoted = state.quoted();
    state.line(line);
    if (quoted) continue;
    const bool ends = line.ends_with(';');
    if (take(line, "CREATE INDEX ") || take(line, "CREATE UNIQUE INDEX ")) {
      const auto index = take_identifier(line);
      if (index && take(line, " ON ")) {
        take(line, "ONLY ");
        if (auto table = take_name(line)) out.indexes[{table->schema, *index}] = std::move(*table);
      }
    } else if (take(line, "CREATE STATISTICS ")) {
      const auto name = take_name(line);
      const std::size_t from = line.rfind(" FROM ");
      if (name && from != std::string_view::npos) {
        line.remove_prefix(from + 6);
        if (auto table = take_name(line)) out.statistics[*name] = std::move(*table);
      }
    } else if (take(line, "ALTER SEQUENCE ")) {
      const auto sequence = take_name(line);
      if (sequence && take(line, " OWNED BY "))
        if (auto table = take_name(line)) out.sequences[*sequence] = std::move(*table);
    } else if (take(line, "ALTER TABLE ")) {
      take(line, "ONLY ");
      altered = take_name(line);
    } else if (altered && take(line, "    SEQUENCE NAME ")) {
      if (const auto sequence = take_name(line)) out.sequences[*sequence] = *altered;
    } else if (altered && take(line, "    ADD CONSTRAINT ")) {
      const auto name = take_identifier(line);
      if (name && take(line, " FOREIGN KEY ")) {
        line.remove_prefix(std::min(line.find(" REFERENCES "), line.size()));
        if (take(line, " REFERENCES "))
          if (auto table = take_name(line)) out.refers_to[{*altered, *name}] = std::move(*table);
      }
    }
    if (ends) altered.reset();
  }
  return out;
}

// Kinds of entries that begin with the words of another, or that matter here: what is not in this
// list is one word or needs no name.
constexpr std::string_view kinds[] = {"ACL",
                                      "CHECK CONSTRAINT",
                                      "COMMENT",
                                      "CONSTRAINT",
                                      "DEFAULT",
                                      "DEFAULT ACL",
                                      "FK CONSTRAINT",
                                      "FOREIGN TABLE",
                                      "INDEX",
                                      "INDEX ATTACH",
                                      "MATERIALIZED VIEW",
                                      "MATERIALIZED VIEW DATA",
                                      "OPERATOR CLASS",
                                      "OPERATOR FAMILY",
                                      "POLICY",
                                      "PUBLICATION",
                                      "PUBLICATION TABLE",
                                      "PUBLICATION TABLES IN SCHEMA",
                                      "ROW SECURITY",
                                      "RULE",
                                      "SCHEMA",
                                      "SECURITY LABEL",
                                      "SEQUENCE",
                                      "SEQUENCE OWNED BY",
                                      "SEQUENCE SET",
                                      "SHELL TYPE",
                                      "STATISTICS",
                                      "STATISTICS DATA",
                                      "SUBSCRIPTION TABLE",
                                      "TABLE",
                                      "TABLE ATTACH",
                                      "TABLE DATA",
                                      "TEXT SEARCH CONFIGURATION",
                                      "TEXT SEARCH DICTIONARY",
                                      "TEXT SEARCH PARSER",
                                      "TEXT SEARCH TEMPLATE",
                                      "TRIGGER"};

struct Entry {
  std::string_view kind;
  std::string_view rest; // schema, name and owner; names may have blanks, and nothing quotes them
};

// "3280; 2606 16397 CONSTRAINT public orders orders_pkey shop"
std::optional<Entry> read_entry(std::string_view line) {
  if (line.starts_with(';')) return {};
  std::size_t at = line.find("; ");
  if (at == std::string_view::npos) return {};
  at = line.find(' ', at + 2);
  if (at == std::string_view::npos) return {};
  at = line.find(' ', at + 1);
  if (at == std::string_view::npos) return {};
  const std::string_view text = line.substr(at + 1);
  Entry out;
  for (const std::string_view kind : kinds)
    if (kind.size() > out.kind.size() && text.starts_with(kind) && text.size() > kind.size() &&
        text[kind.size()] == ' ')
      out.kind = kind;
  if (out.kind.empty()) out.kind = text.substr(0, text.find(' '));
  out.rest = text.substr(std::min(out.kind.size() + 1, text.size()));
  return out;
}

class Chooser {
public:
  Chooser(const Part& part, const Catalog& catalog, const std::set<std::string>& there)
      : part_(part), there_(there), belongings_(read_schema(catalog.schema)) {
    for (const Relation& each : catalog.relations) {
      schemas_.insert(each.schema);
      if (each.kind == RelationKind::sequence) continue;
      tables_[each.schema].insert(each.name);
      if (part.has(each)) wanted_.emplace(each.schema, each.name);
    }
    for (const std::string& each : part.schemas) schemas_.insert(each);
    for (const auto& [name, table] : belongings_.indexes) indexes_[name.schema].insert(name.name);
    for (const auto& [name, table] : belongings_.sequences)
      sequences_[name.schema].insert(name.name);
    for (const auto& [name, table] : belongings_.statistics)
      statistics_[name.schema].insert(name.name);
    for (const auto& [key, to] : belongings_.refers_to)
      keys_[key.first.schema].emplace(key.first.name + " " + key.second, key);
  }

  bool wants(const Entry& entry) {
    if (take_schema(entry)) return true;
    std::string_view rest = entry.rest;
    const std::string schema = take_known(rest, schemas_);
    if (schema.empty()) return false;
    const auto is = [&](std::string_view kind) { return entry.kind == kind; };
    if (is("PUBLICATION TABLE") || is("PUBLICATION TABLES IN SCHEMA") || is("SUBSCRIPTION TABLE"))
      return false;
    if (is("FK CONSTRAINT")) return wants_key(schema, rest);
    if (is_whole(schema)) return true;

    if (is("TRIGGER") || is("RULE")) {
      const std::string table = take_known(rest, tables_[schema]);
      if (wanted_.contains({schema, table}))
        left_out_.push_back(fmt::format("{} {} of {}.{}", is("RULE") ? "rule" : "trigger",
                                        rest.substr(0, rest.rfind(' ')), schema, table));
      return false;
    }
    if (is("TABLE") || is("TABLE DATA") || is("MATERIALIZED VIEW") ||
        is("MATERIALIZED VIEW DATA") || is("ROW SECURITY") || is("CONSTRAINT") ||
        is("CHECK CONSTRAINT") || is("DEFAULT") || is("POLICY"))
      return is_of_table(schema, rest);
    if (is("STATISTICS DATA"))
      return is_of_table(schema, rest) ||
             is_of(schema, rest, indexes_[schema], belongings_.indexes);
    if (is("INDEX")) return is_of(schema, rest, indexes_[schema], belongings_.indexes);
    if (is("SEQUENCE") || is("SEQUENCE OWNED BY") || is("SEQUENCE SET"))
      return is_of(schema, rest, sequences_[schema], belongings_.sequences);
    if (is("STATISTICS")) return is_of(schema, rest, statistics_[schema], belongings_.statistics);
    if (is("COMMENT") || is("ACL") || is("SECURITY LABEL")) return wants_about(schema, rest);
    return false;
  }

  std::vector<std::string> left_out() { return std::move(left_out_); }

private:
  // Takes the longest name that is known and a blank follows; empty when there is none.
  static std::string take_known(std::string_view& rest, const auto& known) {
    for (std::size_t end = rest.rfind(' '); end != std::string_view::npos && end > 0;
         end = rest.rfind(' ', end - 1)) {
      if (!known.contains(rest.substr(0, end))) continue;
      std::string out(rest.substr(0, end));
      rest.remove_prefix(end + 1);
      return out;
    }
    return {};
  }

  // The schema itself, when it is not there, and what is said of it.
  bool take_schema(const Entry& entry) {
    std::string_view rest = entry.rest;
    if (!take(rest, "- ")) return false;
    if (entry.kind != "SCHEMA" && !take(rest, "SCHEMA ")) return false;
    const std::string name = take_known(rest, schemas_);
    if (name.empty() || there_.contains(name)) return false;
    if (is_whole(name)) return true;
    return entry.kind == "SCHEMA" &&
           std::ranges::any_of(wanted_, [&](const SqlName& each) { return each.schema == name; });
  }

  bool is_of_table(const std::string& schema, std::string_view rest) {
    return wanted_.contains({schema, take_known(rest, tables_[schema])});
  }
  bool is_of(const std::string& schema, std::string_view rest, const Names& names,
             const std::map<SqlName, SqlName>& owners) {
    const auto found = owners.find({schema, take_known(rest, names)});
    return found != owners.end() && wanted_.contains(found->second);
  }

  bool is_whole(const std::string& schema) const {
    return std::ranges::find(part_.schemas, schema) != part_.schemas.end();
  }

  bool wants_key(const std::string& schema, std::string_view rest) {
    // "orders of customer": which table's it is, the known ones say.
    std::string_view whole = rest;
    const std::string text = take_known(whole, keys_[schema]);
    if (text.empty()) return is_whole(schema) || is_of_table(schema, rest);
    const auto& key = keys_[schema].at(text);
    if (!is_whole(schema) && !wanted_.contains(key.first)) return false;
    const SqlName& to = belongings_.refers_to.at(key);
    if (wanted_.contains(to) || is_whole(to.schema)) return true;
    left_out_.push_back(fmt::format("foreign key {} of {}.{} to {}.{}", key.second, schema,
                                    key.first.name, to.schema, to.name));
    return false;
  }

  // "COLUMN orders.total shop", "CONSTRAINT orders_pkey ON orders shop": quoted as in SQL.
  bool wants_about(const std::string& schema, std::string_view rest) {
    const auto owner = [&](const std::map<SqlName, SqlName>& owners) {
      const auto name = take_identifier(rest);
      const auto found = name ? owners.find({schema, *name}) : owners.end();
      return found != owners.end() && wanted_.contains(found->second);
    };
    if (take(rest, "INDEX ")) return owner(belongings_.indexes);
    if (take(rest, "SEQUENCE ")) return owner(belongings_.sequences);
    if (take(rest, "STATISTICS ")) return owner(belongings_.statistics);
    std::optional<std::string> key;
    if (take(rest, "CONSTRAINT ") || take(rest, "POLICY ")) {
      key = take_identifier(rest);
      if (!key || !take(rest, " ON ")) return false;
    } else if (!take(rest, "TABLE ") && !take(rest, "MATERIALIZED VIEW ") &&
               !take(rest, "COLUMN ")) {
      return false;
    }
    const auto table = take_identifier(rest);
    if (!table || !wanted_.contains({schema, *table})) return false;
    if (!key) return true;
    // Of a foreign key that stays behind nothing is said either.
    const auto to = belongings_.refers_to.find({{schema, *table}, *key});
    return to == belongings_.refers_to.end() || wanted_.contains(to->second);
  }

  const Part& part_;
  const std::set<std::string>& there_;
  const Belongings belongings_;
  Names schemas_;
  std::map<std::string, Names> tables_, indexes_, sequences_, statistics_;
  // By schema and "table key": foreign keys, as the list names them.
  std::map<std::string, std::map<std::string, std::pair<SqlName, std::string>, std::less<>>> keys_;
  std::set<SqlName> wanted_;
  std::vector<std::string> left_out_;
};

} // namespace

bool Part::has(const Relation& relation) const {
  return std::ranges::find(schemas, relation.schema) != schemas.end() ||
         std::ranges::find(tables, relation.schema + "." + relation.name) != tables.end();
}

PartEntries entries_of(const Part& part, std::string_view list, const Catalog& catalog,
                       const std::set<std::string>& there) {
  PartEntries out;
  Chooser chooser(part, catalog, there);
  while (!list.empty()) {
    const std::size_t end = std::min(list.find('\n'), list.size());
    const std::string_view line = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const auto entry = read_entry(line);
    if (!entry || !chooser.wants(*entry)) continue;
    out.list += line;
    out.list += '\n';
  }
  out.left_out = chooser.left_out();
  return out;
}

} // namespace aethel::backup
