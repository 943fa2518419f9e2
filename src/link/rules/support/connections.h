// Addresses that processes are given, with the process of the same project that each names.
#pragma once

#include "knowledge/servers.h"
#include "knowledge/url.h"
#include "link/program.h"

#include <optional>
#include <string>
#include <vector>

namespace aethel {

struct Connection {
  const Process* client = nullptr;
  const Variable* variable = nullptr;
  std::string text; // the value of the variable
  Url url;
  Url::Host host;
  std::string host_name;
  std::string port;
  const Process* server = nullptr; // null: no process of the project has the name
  const Server* product = nullptr; // null: not a server that is known
  std::optional<Access> access;    // of a known product

  std::string part(Range range) const { return text.substr(range.begin, range.end - range.begin); }
  // The part of the variable's Text that holds a range of its value.
  Text written(Range range) const {
    return variable->value.slice(range.begin, range.end - range.begin);
  }
};

// Every address in a variable of a process of the target. Hosts that an unset variable is part of
// are left out.
std::vector<Connection> connections(const Program& program, TargetIndex target);

struct ServerAccess {
  const Server* product = nullptr;
  Access access;
};

// Who may log in, where the image of the process is a server that is known.
std::optional<ServerAccess> server_access(const Process& server);

// What is given when nothing of it is still to be filled in.
bool is_filled(const Text& text);

// The arguments of `command`, or its one line. An unset variable keeps its place: `--requirepass
// ${X:?}` demands a password, whatever it is.
std::vector<std::string> command_of(const Process& process);

// Scripts or files that the server runs at its first start may create other accounts.
bool has_init_scripts(const Process& server);

} // namespace aethel
