// Servers that run in containers: what their images are given, who may log in, how addresses
// of them begin. What is said here holds for an empty data volume: with old data in place the
// images read none of these variables, and for the image's own entry point and command.
#pragma once

#include "knowledge/images.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct Server {
  std::string_view product; // "postgresql"
  unsigned port = 0;
  // Variables, each with its other names, the one that wins first.
  std::vector<std::string_view> user, password, database, admin_password;
  std::string_view admin_user;                     // of the account with admin_password: "root"
  std::string_view default_user, default_password; // Redis takes no user for "default"
  std::string_view default_database;               // "=user": that of the user's name
  // MongoDB: the accounts live in "admin"; a URL that names another database needs
  // ?authSource=admin.
  std::string_view auth_database;
  std::vector<std::string_view> schemes;
  // Each group needs one of its conditions: "NAME" or "NAME=value".
  std::vector<std::vector<std::string_view>> required;
  std::vector<std::string_view> together; // all or none
  bool open = false;                      // without a password anybody is let in
  // Conditions that let anybody in; with '?' at the end only when no password is given.
  std::vector<std::string_view> open_when;
  std::vector<std::string_view> empty_admin_when; // that let the administrator in without password
  std::vector<std::string_view> password_flags;   // options of the command that take a password
  std::vector<std::string_view> auth_flags;       // options that demand accounts from elsewhere
  std::string_view flags_variable;                // a variable with such options
  bool combined = false;                          // one variable holds "user/password"
  bool files = false;                             // NAME_FILE may stand for NAME
  std::size_t minimum = 0;                        // shorter passwords are refused
  std::string_view source;
};

// Null when the image is no server that is known.
const Server* find_server(const ImageReference& image);

bool speaks(const Server& server, std::string_view scheme);

// A variable of the container. No value: it is set, to something that is not known here.
struct Given {
  std::string_view name;
  std::optional<std::string_view> value;
};

// The first group of variables of which the server needs one and has none; empty when it starts.
// For variables that belong together: those that are missing beside the others.
std::vector<std::string_view> missing_variables(const Server& server, std::span<const Given> given);

struct Account {
  // No value: there is one, but it is not known here; `*_variable` says where it comes from.
  std::optional<std::string> user;
  std::optional<std::string> password;
  std::string_view user_variable;
  std::string_view password_variable;
};

struct Access {
  enum class Authentication : std::uint8_t {
    off, // anybody is let in
    on,
    unknown, // a configuration file decides, or a variable with an unknown value
  };
  Authentication authentication = Authentication::unknown;
  std::vector<Account> accounts;       // the application's first, then the administrator's
  std::optional<std::string> database; // the one that is created or always there
  std::string_view database_variable;
};

// `command` is the command line in words; a shell's script may be one word of it.
Access access(const Server& server, std::span<const Given> given,
              std::span<const std::string_view> command = {});

} // namespace aethel
