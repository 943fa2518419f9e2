#include "backup/tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <dirent.h>
#include <filesystem>
#include <set>
#include <unistd.h>

namespace aethel::backup {
namespace {

// "pg_dump (PostgreSQL) 18.6 (Debian 18.6-1)": 18 and "18.6". A release candidate has no point.
bool read_version(std::string_view printed, Tools& tools) {
  const std::size_t at = printed.find(") ");
  if (at == std::string_view::npos) return false;
  printed.remove_prefix(at + 2);
  tools.version = printed.substr(0, printed.find_first_of(" \n"));
  const auto [end, error] = std::from_chars(
      tools.version.data(), tools.version.data() + tools.version.size(), tools.major);
  return error == std::errc() && tools.major >= 10;
}

int minor_of(const Tools& tools) {
  const std::size_t point = tools.version.find('.');
  int minor = -1;
  if (point != std::string::npos)
    std::from_chars(tools.version.data() + point + 1, tools.version.data() + tools.version.size(),
                    minor);
  return minor;
}

void add_below(std::string_view parent, std::vector<std::string>& folders) {
  DIR* const folder = ::opendir(std::string(parent).c_str());
  if (folder == nullptr) return;
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(folder))
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') names.emplace_back(entry->d_name);
  ::closedir(folder);
  std::ranges::sort(names);
  for (const std::string& each : names) folders.push_back(fmt::format("{}/{}/bin", parent, each));
}

} // namespace

std::vector<Tools> find_tools(const std::vector<std::string>& given, std::string_view path) {
  std::vector<std::string> folders = given;
  add_below("/usr/lib/postgresql", folders);
  for (int major = 30; major >= 10; --major) {
    folders.push_back(fmt::format("/usr/pgsql-{}/bin", major));
    folders.push_back(fmt::format("/opt/homebrew/opt/postgresql@{}/bin", major));
    folders.push_back(fmt::format("/usr/local/opt/postgresql@{}/bin", major));
  }
  while (!path.empty()) {
    const std::size_t colon = std::min(path.find(':'), path.size());
    if (colon > 0) folders.emplace_back(path.substr(0, colon));
    path.remove_prefix(std::min(colon + 1, path.size()));
  }
  std::vector<Tools> found;
  std::set<std::string> seen;
  for (const std::string& folder : folders) {
    Tools tools{.folder = folder};
    // /bin is often /usr/bin, and each costs a process.
    std::error_code error;
    const std::string real = std::filesystem::weakly_canonical(folder, error).string();
    if (!seen.insert(error ? folder : real).second ||
        ::access(tools.path("pg_dump").c_str(), X_OK) != 0 ||
        ::access(tools.path("pg_restore").c_str(), X_OK) != 0)
      continue;
    const auto printed = run_program(
        {.arguments = {tools.path("pg_dump"), "--version"}, .environment = {"LC_ALL=C"}}, 4096);
    // What cannot be started, or is a wrapper without a version behind it, is no tool.
    if (!printed || !read_version(*printed, tools)) continue;
    tools.server = ::access(tools.path("initdb").c_str(), X_OK) == 0 &&
                   ::access(tools.path("postgres").c_str(), X_OK) == 0;
    found.push_back(std::move(tools));
  }
  // Stable by hand: what was given first stands first among equals.
  std::vector<Tools> best;
  for (Tools& each : found) {
    const auto same = std::ranges::find(best, each.major, &Tools::major);
    if (same == best.end()) {
      best.push_back(std::move(each));
    } else if (std::pair(each.server, minor_of(each)) > std::pair(same->server, minor_of(*same))) {
      *same = std::move(each);
    }
  }
  std::ranges::sort(best, std::ranges::greater(), &Tools::major);
  return best;
}

Result<Tools> tools_to_dump(const std::vector<Tools>& tools, int major) {
  const Tools* found = nullptr;
  for (const Tools& each : tools) // newest first
    if (each.major >= major) found = &each;
  if (found != nullptr) return *found;
  const std::string newest = tools.empty() ? "there is no pg_dump on this machine"
                                           : fmt::format("the newest pg_dump on this machine is {}",
                                                         tools.front().version);
  return fail({.message = fmt::format("the server is PostgreSQL {}, and {}", major, newest),
               .hint = fmt::format("install postgresql-client-{}, or name its folder in "
                                   "`backup.binaries`",
                                   major)});
}

Result<Tools> tools_to_drill(const std::vector<Tools>& tools, int major) {
  for (const Tools& each : tools)
    if (each.major == major && each.server) return each;
  return fail(
      {.message = fmt::format("a drill needs the server programs of PostgreSQL {}, which are "
                              "not on this machine",
                              major),
       .hint = fmt::format("install postgresql-{}, or name the folder of its initdb in "
                           "`backup.binaries`",
                           major)});
}

Failure lacks_extension(const Tools& tools, std::string_view name) {
  return {.message = fmt::format("the database uses the extension {}, which the server in {} lacks",
                                 name, tools.folder),
          .hint = fmt::format("install its package for PostgreSQL {}; on Debian that is mostly "
                              "postgresql-{}-{}",
                              tools.major, tools.major, name)};
}

} // namespace aethel::backup
