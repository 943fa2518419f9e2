// PostgreSQL's own programs, as they stand on the machine: pg_dump of the source's major version or
// a newer one for a backup, all of the source's own major version for a drill.
#pragma once

#include "base/process.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace aethel::backup {

struct Tools {
  std::string folder;
  int major = 0;
  std::string version; // "18.6"
  bool server = false; // initdb and postgres are there too
  std::string path(std::string_view program) const { return folder + "/" + std::string(program); }
};

// In the folders given, then where Debian, RPMs, Homebrew and PATH have them. The newest of each
// major version, with a server rather than without, newest major first.
std::vector<Tools> find_tools(const std::vector<std::string>& given, std::string_view path);

// For a backup of a server: its own major version if that is there, else the next newer one.
Result<Tools> tools_to_dump(const std::vector<Tools>& tools, int major);
// For a drill: the same major version, with a server.
Result<Tools> tools_to_drill(const std::vector<Tools>& tools, int major);
// What is said where the server that drills has not what the database uses.
Failure lacks_extension(const Tools& tools, std::string_view name);

} // namespace aethel::backup
