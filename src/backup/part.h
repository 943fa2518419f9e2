// A part of an archive: which entries of pg_restore's list it is. pg_restore's own --table leaves
// out indexes, keys, defaults and sequences, and its --schema the schema itself.
#pragma once

#include "backup/catalog.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::backup {

struct Part {
  std::vector<std::string> schemas; // with all that is in them
  std::vector<std::string> tables;  // "schema.name", with what belongs to each alone
  bool empty() const { return schemas.empty() && tables.empty(); }
  bool has(const Relation& relation) const;
};

struct PartEntries {
  std::string list;                  // for pg_restore --use-list
  std::vector<std::string> left_out; // what reaches out of the part, in words
};

// `list` is what `pg_restore --list` prints of the archive that `catalog` belongs to. `there` are
// the schemas of the target: the others are made. A foreign key goes with the part when the table
// that it refers to does; triggers and rules, which call functions, and what hangs on partitioned
// tables and publications, only with a whole schema.
PartEntries entries_of(const Part& part, std::string_view list, const Catalog& catalog,
                       const std::set<std::string>& there);

} // namespace aethel::backup
