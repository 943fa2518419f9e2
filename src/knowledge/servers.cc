#include "knowledge/servers.h"

#include "knowledge/placeholders.h"
#include "knowledge/shapes.h"
#include "knowledge/table.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace aethel {
namespace data {
extern const std::string_view servers;
}
namespace {

struct Entry {
  std::string_view pattern, tag;
  Server server;
};

unsigned number(std::string_view text) {
  unsigned value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) std::abort();
  return value;
}

const std::vector<Entry>& entries() {
  static const knowledge::Table table(data::servers);
  static const std::vector<Entry> all = [] {
    std::vector<Entry> list;
    for (const auto& row : table.rows()) {
      Entry entry{.pattern = row["pattern"], .tag = row["tag"]};
      Server& server = entry.server;
      server.product = row["product"];
      server.port = number(row["port"]);
      server.user = knowledge::words(row["user"]);
      server.password = knowledge::words(row["password"]);
      server.database = knowledge::words(row["database"]);
      server.admin_password = knowledge::words(row["admin_password"]);
      server.admin_user = row["admin_user"];
      server.default_user = row["default_user"];
      server.default_password = row["default_password"];
      server.default_database = row["default_database"];
      server.auth_database = row["auth_database"];
      server.schemes = knowledge::words(row["schemes"]);
      for (const std::string_view group : knowledge::words(row["required"]))
        server.required.push_back(knowledge::words(group, "|"));
      server.together = knowledge::words(row["together"]);
      server.open = row["open"] == "yes";
      server.open_when = knowledge::words(row["open_when"]);
      server.empty_admin_when = knowledge::words(row["empty_admin_when"]);
      server.password_flags = knowledge::words(row["password_flags"]);
      server.auth_flags = knowledge::words(row["auth_flags"]);
      server.combined = row["combined"] == "/";
      server.flags_variable = row["flags_variable"];
      server.files = row["files"] == "yes";
      server.minimum = number(row["minimum"]);
      server.source = row["source"];
      list.push_back(std::move(entry));
    }
    return list;
  }();
  return all;
}

// What is known of a variable. The entry points test with `-z`: empty is as good as not set.
struct Found {
  enum class State { absent, known, unknown } state = State::absent;
  std::string value;
  std::string_view variable;
};

Found find(const Server& server, std::span<const Given> given, std::string_view name) {
  if (name.empty()) return {};
  for (const Given& each : given) {
    if (each.name == name) {
      if (!each.value) return {.state = Found::State::unknown, .variable = name};
      if (each.value->empty()) continue;
      if (has_hole(*each.value)) return {.state = Found::State::unknown, .variable = name};
      return {.state = Found::State::known, .value = std::string(*each.value), .variable = name};
    }
    const bool file = server.files && each.name.size() == name.size() + 5 &&
                      each.name.starts_with(name) && each.name.ends_with("_FILE");
    if (file && (!each.value || !each.value->empty()))
      return {.state = Found::State::unknown, .variable = each.name};
  }
  return {};
}

Found find_any(const Server& server, std::span<const Given> given,
               const std::vector<std::string_view>& names) {
  for (const std::string_view name : names)
    if (Found found = find(server, given, name); found.state != Found::State::absent) return found;
  return {};
}

enum class Holds { no, maybe, yes };

// "NAME": set and not empty. "NAME=value": that value; `yes`, `true` and `1` are one.
Holds holds(const Server& server, std::span<const Given> given, std::string_view condition) {
  const std::size_t equals = condition.find('=');
  const Found found = find(server, given, condition.substr(0, equals));
  if (found.state == Found::State::absent) return Holds::no;
  if (found.state == Found::State::unknown) return Holds::maybe;
  if (equals == std::string_view::npos) return Holds::yes;
  const auto plain = [](std::string_view text) {
    const std::string low = knowledge::lower(text);
    return low == "yes" || low == "true" || low == "1" ? std::string("yes") : low;
  };
  return plain(found.value) == plain(condition.substr(equals + 1)) ? Holds::yes : Holds::no;
}

// The words of a command line, those of a script in one of them too.
std::vector<std::string> split(std::span<const std::string_view> command) {
  std::vector<std::string> all;
  for (const std::string_view word : command) {
    const auto parts = knowledge::words(word, " \t\n");
    if (parts.empty()) all.emplace_back();
    for (std::string_view part : parts) {
      // The quotes of a script; `--requirepass ""` keeps its empty word.
      if (part.size() >= 2 && (part.front() == '"' || part.front() == '\'') &&
          part.back() == part.front())
        part = part.substr(1, part.size() - 2);
      all.emplace_back(part);
    }
  }
  return all;
}

// "$NAME", "${NAME}", compose's "$$NAME", Kubernetes' "$(NAME)": the variable; else nothing.
std::string_view variable_in(std::string_view word) {
  if (!word.starts_with('$')) return {};
  while (word.starts_with('$')) word.remove_prefix(1);
  if ((word.starts_with('{') && word.ends_with('}')) ||
      (word.starts_with('(') && word.ends_with(')')))
    word = word.substr(1, word.size() - 2);
  const bool name = !word.empty() && std::ranges::all_of(word, [](char c) {
    return knowledge::is_alnum(c) || c == '_';
  });
  return name ? word : std::string_view();
}

// `postgres -c name=value` sets a parameter. One that names a file lets that file have a say.
bool is_parameter(std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  return name.size() < word.size() && !name.ends_with("config_file") &&
         !name.ends_with("hba_file") && !name.ends_with("ident_file") &&
         std::ranges::all_of(
             name, [](char c) { return knowledge::is_alnum(c) || c == '_' || c == '.'; });
}

// `printf 'requirepass %s' "$PASSWORD" > file`: a script writes the option into a file of its own,
// whatever else happens.
bool writes_password(const Server& server, const std::vector<std::string>& line) {
  bool writes = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string_view word = line[i];
    if (word == "if" || word == "case" || word == "[" || word == "[[" || word == "test" ||
        word == "&&" || word == "||" || word.find(":+") != std::string_view::npos)
      return false;
    for (std::string_view flag : server.password_flags) {
      flag.remove_prefix(std::min(flag.find_first_not_of('-'), flag.size()));
      if (word != flag && !(word.size() == flag.size() + 1 && word.ends_with(flag) &&
                            (word.front() == '"' || word.front() == '\'')))
        continue;
      writes = writes || (i + 1 < line.size() && line[i + 1].find_first_of("$%") == 0);
    }
  }
  return writes;
}

struct Flags {
  bool configured = false;         // a file has a say
  bool demands = false;            // accounts from elsewhere are demanded
  std::optional<Found> password{}; // absent: an empty one
};

Flags read_flags(const Server& server, std::span<const Given> given,
                 const std::vector<std::string>& line) {
  Flags flags;
  const auto listed = [](const std::vector<std::string_view>& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string_view word = line[i];
    const bool script = word == "-c" && i > 0 && line[i - 1].ends_with("sh");
    if (word.ends_with(".conf") || word.ends_with(".cfg") || word == "--config" ||
        (word == "-c" && !script && !(i + 1 < line.size() && is_parameter(line[i + 1]))) ||
        word == "--aclfile" || word == "--user")
      flags.configured = true;
    const std::size_t equals = word.find('=');
    const std::string_view option = word.substr(0, equals);
    if (listed(server.auth_flags, option)) flags.demands = true;
    if (!listed(server.password_flags, option)) continue;
    const bool inside = equals != std::string_view::npos;
    if (!inside && (i + 1 == line.size() || line[i + 1].starts_with("--"))) {
      flags.configured = true; // no value is left of it: it will not start, or something fills it
      continue;
    }
    const std::string_view value = inside ? word.substr(equals + 1) : std::string_view(line[i + 1]);
    const std::string_view variable = variable_in(value);
    if (!variable.empty()) {
      flags.password = find(server, given, variable);
      if (flags.password->state == Found::State::absent)
        flags.password->state = Found::State::unknown;
      flags.password->variable = variable;
    } else if (value.empty()) {
      flags.password = Found{};
    } else if (has_hole(value)) {
      flags.password = Found{.state = Found::State::unknown};
    } else {
      flags.password = Found{.state = Found::State::known, .value = std::string(value)};
    }
  }
  return flags;
}

std::optional<std::string> known(const Found& found) {
  return found.state == Found::State::known ? std::optional(found.value) : std::nullopt;
}

} // namespace

const Server* find_server(const ImageReference& image) {
  const std::string name = upstream_name(image);
  for (const Entry& entry : entries())
    if (knowledge::matches(entry.pattern, name) && tag_satisfies(entry.tag, image))
      return &entry.server;
  return nullptr;
}

bool speaks(const Server& server, std::string_view scheme) {
  const std::string low = knowledge::lower(scheme);
  return std::ranges::find(server.schemes, low) != server.schemes.end();
}

std::vector<std::string_view> missing_variables(const Server& server,
                                                std::span<const Given> given) {
  for (const auto& group : server.required) {
    const bool met = std::ranges::any_of(group, [&](std::string_view condition) {
      return holds(server, given, condition) != Holds::no;
    });
    if (!met) return group;
  }
  std::vector<std::string_view> missing;
  for (const std::string_view name : server.together)
    if (find(server, given, name).state == Found::State::absent) missing.push_back(name);
  if (missing.size() == server.together.size()) missing.clear();
  return missing;
}

Access access(const Server& server, std::span<const Given> given,
              std::span<const std::string_view> command) {
  using State = Found::State;
  Found user = find_any(server, given, server.user),
        password = find_any(server, given, server.password);
  const Found database = find_any(server, given, server.database),
              admin = find_any(server, given, server.admin_password);

  std::vector<std::string> line = split(command);
  const Found more = find(server, given, server.flags_variable);
  if (more.state == State::known) {
    const std::string_view words[] = {more.value};
    for (std::string& word : split(words)) line.push_back(std::move(word));
  }
  const Flags flags = read_flags(server, given, line);
  if (flags.password) password = *flags.password;
  if (server.combined && password.state == State::known) {
    const std::size_t slash = password.value.find('/');
    user = {.state = State::known,
            .value = password.value.substr(0, slash),
            .variable = password.variable};
    password.value = slash == std::string::npos ? std::string() : password.value.substr(slash + 1);
  }
  const bool has_password = password.state != State::absent || !server.default_password.empty();

  Holds open = Holds::no, empty_admin = Holds::no;
  for (std::string_view condition : server.open_when) {
    if (condition.ends_with('?')) {
      if (password.state != State::absent) continue;
      condition.remove_suffix(1);
    }
    open = std::max(open, holds(server, given, condition));
  }
  for (const std::string_view condition : server.empty_admin_when)
    empty_admin = std::max(empty_admin, holds(server, given, condition));

  Access access;
  using enum Access::Authentication;
  if (open == Holds::yes)
    access.authentication = off;
  else if (!flags.password && writes_password(server, line))
    access.authentication = on;
  else if (open == Holds::maybe || flags.configured || more.state == State::unknown)
    access.authentication = unknown;
  else if (has_password || flags.demands || admin.state != State::absent ||
           empty_admin != Holds::no)
    access.authentication = on;
  else
    access.authentication = server.open ? off : unknown;

  // MySQL and MongoDB create the user only when name and password are given.
  const bool named = user.state != State::absent || !server.default_user.empty();
  if (access.authentication != off && has_password && named) {
    Account account{.user_variable = user.variable, .password_variable = password.variable};
    account.user =
        user.state == State::absent ? std::optional(std::string(server.default_user)) : known(user);
    account.password = password.state == State::absent
                           ? std::optional(std::string(server.default_password))
                           : known(password);
    access.accounts.push_back(std::move(account));
  }
  if (admin.state != State::absent || empty_admin == Holds::yes) {
    Account account{.user = std::string(server.admin_user),
                    .user_variable = {},
                    .password_variable = admin.variable};
    account.password = admin.state == State::absent ? std::optional(std::string()) : known(admin);
    access.accounts.push_back(std::move(account));
  }

  access.database_variable = database.variable;
  if (database.state != State::absent)
    access.database = known(database);
  else if (server.default_database == "=user")
    access.database =
        user.state == State::absent ? std::optional(std::string(server.default_user)) : known(user);
  else if (!server.default_database.empty())
    access.database = std::string(server.default_database);
  return access;
}

} // namespace aethel
