// A PostgreSQL server for an hour: as an unprivileged user, on a unix socket in a folder that
// nobody else may enter, without network, without durability. Gone when the object is.
#pragma once

#include "backup/postgres.h"
#include "backup/tools.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace aethel::backup {

struct ClusterOptions {
  Tools tools;
  std::string folder; // in which its own folder is made; must have room
  std::optional<ProcessUser>
      user; // of the server, when this program is root: PostgreSQL refuses root
  std::string bootstrap = "postgres"; // the role that it is made with: that of the source
  std::string encoding = "UTF8";      // of its databases: that of the source, as names are
  std::string tablespace;             // one that is made; empty: none
  std::size_t relations = 0;          // that a dump locks at the same time
  std::map<std::string, std::string>
      settings; // of postgresql.conf, such as shared_preload_libraries
};

class Cluster {
public:
  // Removes what killed ones left in the folder, then makes and starts a new one.
  static Result<std::unique_ptr<Cluster>> start(const ClusterOptions& options);
  virtual ~Cluster() = default;
  // Of the superuser "aethel_drill", whom no source has.
  virtual Address address(const std::string& database) const = 0;
  // For programs of PostgreSQL beside it.
  virtual std::optional<ProcessUser> user() const = 0;
  virtual std::string log() const = 0;
};

// Removes what killed programs left in a folder of drills: what no living one holds.
void sweep_drills(const std::string& folder, std::optional<ProcessUser> user);

// Room that a drill takes of a database with so many bytes: of itself, its indexes among it, and of
// the log that making them writes.
constexpr std::uint64_t drill_needs(std::uint64_t database_bytes) {
  return database_bytes + database_bytes / 4 + (std::uint64_t{256} << 20);
}
// What to do where there is too little of it.
inline constexpr const char* drill_room_hint = "name a folder with room in `backup.drill.folder`";
// Free bytes for drills in a folder, or in what is there of the way to it: a drill makes the rest.
// An error when this program may write to neither, or the server's user, if it is another one, does
// not get into it.
Result<std::uint64_t> drill_room(const std::string& folder,
                                 const std::optional<ProcessUser>& user = {});

inline constexpr std::string_view drill_role = "aethel_drill";

} // namespace aethel::backup
