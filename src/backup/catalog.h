// What a backup says of its database: the part of a manifest that is private. It is what a restored
// database is compared with.
#pragma once

#include "backup/postgres.h"
#include "base/result.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace aethel::backup {

enum class RelationKind : std::uint8_t {
  table,             // with those that are partitions
  configuration,     // a table of an extension, of which the rows of a user are dumped
  materialized_view, // of which the definition is dumped, and filled again
  sequence,          // compared with what the dump sets
};

// As what a column goes into the hash of its row, chosen so that different contents of a type are
// different there. The text of a row takes the server most of a digest's time, and a type's own
// hash holds less than its value: of a bigint it has 32 bits, and equal numbers of different scales
// are one.
enum class Form : std::uint8_t {
  row,   // its output in ROW()::text, with those of all others of this form: any type
  text,  // its output: where the type has no other way to be cast to text
  value, // itself: the hash is of all its bytes, with nothing in it that a restore changes, as OIDs
  int8send,
  time_send,
  timestamp_send,
  timestamptz_send,
  bpcharsend,
};

// The rows of a relation as a number of them and a sum over their hashes: equal for equal contents
// in any order, and with a probability of 2^-50 or less for others. Not a secret, and no proof
// against who can choose rows: that a backup is what was written is what seals and signatures are
// for. Under the settings of Session, columns in the order of their names in C:
//   record   hash_record_extended(ROW(each column in its form, all of the form `row` as one text
//            ROW(...)::text at the end), first seed), and of it hashint4extended(1 and 2, record)
//   text     of relations that have columns of the form `row` alone, as with PostgreSQL 13:
//            hashtextextended(ROW(columns)::text, seed) for both seeds
//   digest   each of the two hashes summed modulo 2^64
struct Digest {
  std::uint64_t rows = 0;
  std::array<std::uint64_t, 2> sums{};
  std::string text() const; // 32 hexadecimal digits
  friend bool operator==(const Digest&, const Digest&) = default;
};

struct Relation {
  std::string schema, name;
  RelationKind kind = RelationKind::table;
  std::uint64_t bytes = 0;          // on its disk
  std::vector<std::string> columns; // in the order of their names in C
  std::vector<Form> forms;          // of the columns; empty: all are `row`
  std::string condition;            // of a configuration table: "WHERE ..." or empty
  bool populated = true;            // of a materialised view
  bool heap = true;
  Digest digest;
  std::string qualified() const; // quoted
};

// Names and texts are bytes in the encoding of the database, as they are in its dump: some
// encodings have characters that do not come back from UTF-8 as they were, and SQL_ASCII is no
// encoding.
struct Catalog {
  std::array<std::int64_t, 2> seeds{};
  std::string encoding, collate;
  std::string tablespace; // of the database, when it is not pg_default
  std::string
      bootstrap; // the role that the cluster was made with: it may grant what others may not
  std::string restrict_key; // of pg_dump -s
  std::string schema;       // pg_dump -s, normalised
  std::string globals;      // pg_dumpall --roles-only --no-role-passwords, normalised
  std::vector<Relation> relations;
  Digest large_objects;                                        // their contents, owners and rights
  std::vector<std::pair<std::string, std::string>> extensions; // name, version
  std::string canary; // the nonce that was written before; empty: none was
};

std::string write_catalog(const Catalog& catalog);
Result<Catalog> read_catalog(std::string_view text);

// Everything that pg_dump takes rows of, and sequences; fails at a kind that it does not know.
Result<std::vector<Relation>> find_relations(Session& session);

// With the forms of `source` where the columns are the same: what is compared with it must be
// hashed as it was, also by a later version that chooses others.
void take_forms(std::vector<Relation>& relations, const std::vector<Relation>& source);

// Digests of relations, largest first, in `sessions` of the server at the same time, all under
// `snapshot` (empty: none). Large tables are split by pages. `done` is called with bytes as they
// are read. Stopped as a session is.
Result<void> digest_relations(const Address& address, const std::string& snapshot,
                              std::vector<Relation>& relations,
                              const std::array<std::int64_t, 2>& seeds, unsigned sessions,
                              const std::function<void(std::uint64_t bytes)>& done = {},
                              const std::atomic<bool>* stop = nullptr);
Result<Digest> digest_large_objects(Session& session, const std::array<std::int64_t, 2>& seeds);
Result<std::vector<std::pair<std::string, std::string>>> find_extensions(Session& session);

// Without what two runs on the same database differ in: versions, keys, blank lines. What is
// quoted, such as the body of a function, stays as it is.
std::string normalise_dump(std::string_view text);
// What a dump with --create says of the database itself, statement by statement, as of one that is
// called `name`: settings, also those of roles in it, limit, rights, comment. Without `roles`
// nothing that is a role's.
std::vector<std::string> database_statements(std::string_view dump, std::string_view name,
                                             bool roles);
// What differs, in a few lines; empty when the same statements stand in both, in any order.
std::string compare_dumps(std::string_view source, std::string_view restored);

} // namespace aethel::backup
