#include "syntax/shell_facts.h"

#include "syntax/shell_compose.h"

#include <algorithm>
#include <string>

namespace aethel::shell_commands {
namespace {

using shell::Field;
using shell::field_text;
using shell::only;
using shell::skip_flags;

template <class... Words> bool is_any(std::string_view what, Words... words) {
  return ((what == words) || ...);
}

bool is_device(const Argument& argument) {
  return std::ranges::any_of(argument.values, [](const Path& path) {
    return path.text.starts_with("/dev/") || path.text == "NUL" || path.text == "nul";
  });
}

// The words that are neither flags nor values of flags.
std::vector<const Field*> operands(std::span<const Field> fields, std::string_view values) {
  std::vector<const Field*> result;
  bool flags = true;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string_view word = only(fields[i].values);
    if (flags && word == "--") {
      flags = false;
    } else if (flags && word.starts_with('-') && word.size() > 1) {
      if (values.contains(" " + std::string(word) + " ")) ++i;
    } else {
      result.push_back(&fields[i]);
    }
  }
  return result;
}

class Reader {
public:
  explicit Reader(std::span<const Field> fields) : fields_(fields), rest_(fields.subspan(1)) {}

  std::optional<std::vector<Fact>> read() {
    const std::string_view name = program_name(fields_[0]);
    const bool known = engine_object(name) || files(name) || keys(name);
    if (!known) return std::nullopt;
    return std::move(facts_);
  }

private:
  void add(Fact::Kind kind, const Field& target, const Field* source = nullptr) {
    Argument argument = shell::argument(target);
    if ((argument.values.empty() && argument.tail.empty()) || is_device(argument)) return;
    Fact fact{.kind = kind, .argument = std::move(argument), .range = shell::place_of(fields_)};
    if (source) fact.source = shell::argument(*source);
    facts_.push_back(std::move(fact));
  }

  // docker network|volume|secret|config create NAME
  bool engine_object(std::string_view name) {
    if (!is_any(name, "docker", "podman", "nerdctl")) return false;
    auto rest = skip_flags(rest_, " -H --host -c --context --config -l --log-level ");
    const std::string_view object = field_text(rest, 0);
    const bool first_names = is_any(object, "secret", "config"); // NAME FILE
    if (field_text(rest, 1) != "create" || !(first_names || is_any(object, "network", "volume")))
      return false;
    constexpr std::string_view values = " -d --driver --subnet --gateway -o --opt -l --label "
                                        "--ip-range --aux-address --ipam-driver --ipam-opt "
                                        "--scope --config-from --template-driver --availability "
                                        "--group --type --limit-bytes ";
    rest = rest.subspan(2);
    const auto names = operands(rest, values);
    const Field* name_field = names.empty() ? nullptr : first_names ? names.front() : names.back();
    for (std::size_t i = 0; i + 1 < rest.size(); ++i)
      if (only(rest[i].values) == "--name") name_field = &rest[i + 1];
    if (name_field)
      add(object == "network"  ? Fact::Kind::create_network
          : object == "volume" ? Fact::Kind::create_volume
          : object == "secret" ? Fact::Kind::create_secret
                               : Fact::Kind::create_config,
          *name_field);
    return true;
  }

  bool files(std::string_view name) {
    if (is_any(name, "cp", "ln", "install", "copy", "xcopy", "Copy-Item")) {
      copies(Fact::Kind::copy);
    } else if (is_any(name, "mv", "move", "Move-Item")) {
      copies(Fact::Kind::move);
    } else if (is_any(name, "touch", "mkdir", "md")) {
      for (const Field* target : operands(rest_, " -m --mode -d --date -r --reference -t "))
        add(name == "touch" ? Fact::Kind::touch : Fact::Kind::make_directory, *target);
    } else if (name == "New-Item") {
      const bool directory = std::ranges::any_of(
          rest_, [](const Field& field) { return only(field.values) == "Directory"; });
      for (const Field* target : operands(rest_, " -ItemType -Value -Name "))
        add(directory ? Fact::Kind::make_directory : Fact::Kind::touch, *target);
    } else if (name == "git" && field_text(rest_, 0) == "clone") {
      clone();
    } else {
      return false;
    }
    return true;
  }

  // cp A B, cp A B DIRECTORY, cp -t DIRECTORY A B
  void copies(Fact::Kind kind) {
    auto sources =
        operands(rest_, " -t --target-directory -m --mode -o --owner -g --group -S --suffix ");
    const Field* target = nullptr;
    for (std::size_t i = 0; i + 1 < rest_.size(); ++i)
      if (is_any(only(rest_[i].values), "-t", "-Destination")) target = &rest_[i + 1];
    if (target) {
      std::erase(sources, target);
    } else {
      if (sources.size() < 2) return;
      target = sources.back();
      sources.pop_back();
    }
    for (const Field* source : sources) add(kind, *target, source);
  }

  void clone() {
    const auto words = operands(rest_.subspan(1), " -b --branch --depth -o --origin -c --config "
                                                  "--reference --filter -j --jobs --template -u "
                                                  "--upload-pack ");
    if (words.empty()) return;
    Fact fact{.kind = Fact::Kind::clone,
              .source = shell::argument(*words[0]),
              .range = shell::place_of(fields_)};
    if (words.size() > 1) {
      fact.argument = shell::argument(*words[1]);
    } else { // into a folder with the last part of the URL for its name
      fact.argument = {.certainty = fact.source.certainty,
                       .range = fact.source.range,
                       .written = fact.source.written};
      std::string_view url = only(words[0]->values);
      while (url.ends_with('/')) url.remove_suffix(1);
      if (url.ends_with(".git")) url.remove_suffix(4);
      const std::string_view last = url.substr(url.find_last_of("/:") + 1);
      if (!last.empty() && is_literal(last))
        fact.argument.values.push_back({.text = std::string(last)});
    }
    facts_.push_back(std::move(fact));
  }

  // Programs that write what a flag names: keys, certificates, downloads.
  bool keys(std::string_view name) {
    if (name == "tee") {
      for (const Field* target : operands(rest_, " ")) add(Fact::Kind::write, *target);
    } else if (name == "htpasswd") {
      const auto targets = operands(rest_, " -C ");
      if (!targets.empty()) add(Fact::Kind::write, *targets[0]);
    } else if (name == "mkcert") {
      mkcert();
    } else if (const std::string_view flags = output_flags(name); !flags.empty()) {
      flag_values(flags);
    } else {
      return false;
    }
    return true;
  }

  static std::string_view output_flags(std::string_view name) {
    if (name == "openssl") return " -out -keyout -writerand ";
    if (name == "curl") return " -o --output ";
    if (name == "wget") return " -O --output-document ";
    if (name == "ssh-keygen") return " -f ";
    if (name == "keytool") return " -keystore -file ";
    if (name == "age-keygen") return " -o --output ";
    return {};
  }

  bool flag_values(std::string_view flags) {
    const std::size_t before = facts_.size();
    for (std::size_t i = 0; i + 1 < rest_.size(); ++i) {
      const std::string_view word = only(rest_[i].values);
      if (word.starts_with('-') && flags.contains(" " + std::string(word) + " "))
        add(Fact::Kind::write, rest_[i + 1]);
    }
    return facts_.size() > before;
  }

  static bool is_literal(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return c > '\0' && c <= shell::mark::field; });
  }

  // Without flags: HOST+N.pem and HOST+N-key.pem, N hosts besides the first.
  void mkcert() {
    constexpr std::string_view flags = " -cert-file -key-file -p12-file ";
    if (flag_values(flags)) return;
    const auto hosts = operands(rest_, flags);
    if (hosts.empty() || !is_literal(only(hosts[0]->values))) return; // a host is no path
    std::string base(only(hosts[0]->values));
    if (base.starts_with('*')) base.replace(0, 1, "_wildcard");
    if (hosts.size() > 1) base += "+" + std::to_string(hosts.size() - 1);
    for (const std::string_view suffix : {".pem", "-key.pem"}) {
      Fact fact{.kind = Fact::Kind::write, .range = shell::place_of(fields_)};
      fact.argument = {.values = {{.text = base + std::string(suffix)}},
                       .range = hosts[0]->used,
                       .written = hosts[0]->used};
      facts_.push_back(std::move(fact));
    }
  }

  std::span<const Field> fields_;
  std::span<const Field> rest_;
  std::vector<Fact> facts_;
};

} // namespace

std::optional<std::vector<Fact>> read_facts(std::span<const Field> fields) {
  if (fields.empty()) return std::nullopt;
  return Reader(fields).read();
}

std::optional<Fact> read_redirection(const Field& target, std::span<const Field> command) {
  Fact fact{.kind = Fact::Kind::write, .argument = shell::argument(target)};
  if ((fact.argument.values.empty() && fact.argument.tail.empty()) || is_device(fact.argument))
    return std::nullopt;
  const Range last = target.used;
  const std::uint32_t begin = command.empty() ? last.begin : command.front().used.begin;
  fact.range = {.begin = begin, .end = std::max(begin, last.end)};
  return fact;
}

} // namespace aethel::shell_commands
