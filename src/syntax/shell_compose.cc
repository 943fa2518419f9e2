#include "syntax/shell_compose.h"

#include <algorithm>
#include <array>

namespace aethel::shell_commands {
namespace {

using shell::Field;
using shell::Marked;
using shell::only;

// Flags that take a value, as ` -x --long ` words; from `docker compose SUBCOMMAND --help` of
// 2.40 and of docker-compose 1.29.
constexpr std::string_view engine_values = " -H --host -c --context --config -l --log-level "
                                           "--tlscacert --tlscert --tlskey ";
constexpr std::string_view global_values =
    " -f --file -p --project-name --profile --env-file --project-directory --workdir --ansi "
    "--parallel --progress -H --host -c --context --log-level --tlscacert --tlscert --tlskey "
    "--in-pod --pod-args --podman-path --podman-args --podman-build-args --podman-run-args ";

struct Subcommand {
  std::string_view name;
  std::string_view values;
  enum class Services : std::uint8_t { all, first, none } services = Services::all;
};

using enum Subcommand::Services;
constexpr std::array subcommands = {
    Subcommand{"attach", " --detach-keys --index ", first},
    Subcommand{"bridge", " ", none},
    Subcommand{"build", " --build-arg --builder -m --memory --ssh --progress --provenance --sbom "},
    Subcommand{"commit", " -a --author -c --change --index -m --message ", first},
    Subcommand{"config", " --format -o --output --hash "},
    Subcommand{"convert", " --format -o --output --hash "},
    Subcommand{"cp", " --index ", none},
    Subcommand{"create", " --pull --scale "},
    Subcommand{"down", " --rmi -t --timeout "},
    Subcommand{"events", " --since --until "},
    Subcommand{"exec", " -e --env --index -u --user -w --workdir ", first},
    Subcommand{"export", " --index -o --output ", first},
    Subcommand{"images", " --format "},
    Subcommand{"kill", " -s --signal "},
    Subcommand{"logs", " --tail -n --since --until --index "},
    Subcommand{"ls", " --filter --format ", none},
    Subcommand{"pause", " "},
    Subcommand{"port", " --index --protocol ", first},
    Subcommand{"ps", " --filter --format --status "},
    Subcommand{"publish", " --oci-version ", none},
    Subcommand{"pull", " --policy --parallel "},
    Subcommand{"push", " "},
    Subcommand{"restart", " -t --timeout "},
    Subcommand{"rm", " "},
    Subcommand{"run",
               " -e --env --env-from-file --entrypoint -l --label --name -p --publish --pull -u "
               "--user -v --volume -w --workdir --cap-add --cap-drop ",
               first},
    Subcommand{"scale", " -t --timeout "},
    Subcommand{"start", " --wait-timeout "},
    Subcommand{"stats", " --format "},
    Subcommand{"stop", " -t --timeout "},
    Subcommand{"top", " "},
    Subcommand{"unpause", " "},
    Subcommand{"up",
               " --attach --exit-code-from --no-attach --pull --scale -t --timeout --wait-timeout "
               "--menu "},
    Subcommand{"version", " -f --format ", none},
    Subcommand{"volumes", " --format "},
    Subcommand{"wait", " "},
    Subcommand{"watch", " "},
};

const Subcommand* find_subcommand(std::string_view name) {
  const auto found = std::ranges::find(subcommands, name, &Subcommand::name);
  return found == subcommands.end() ? nullptr : &*found;
}

bool takes_value(std::string_view values, std::string_view flag) {
  const std::string word = " " + std::string(flag) + " ";
  return values.contains(word);
}

// The argument of a field without its first bytes, when these are the same in all values.
Argument argument_after(const Field& field, std::size_t skip) {
  shell::Values values = field.values;
  for (Marked& value : values) {
    const std::size_t drop = std::min(skip, value.text.size());
    value.text.erase(0, drop);
    value.offsets.erase(value.offsets.begin(),
                        value.offsets.begin() + static_cast<std::ptrdiff_t>(drop));
  }
  return shell::argument(values, field.used);
}

class Reader {
public:
  explicit Reader(std::span<const Field> fields) : fields_(fields) {}

  std::optional<Invocation> read() {
    const std::string_view program = program_name(fields_[0]);
    if (program == "docker-compose" || program == "podman-compose") {
      result_.tool = program[0] == 'd' ? Invocation::Tool::docker_compose_v1
                                       : Invocation::Tool::podman_compose;
      at_ = 1;
      return read_options();
    }
    if (program != "docker" && program != "podman" && program != "nerdctl") return std::nullopt;
    at_ = 1;
    while (at_ < fields_.size() && text(at_).starts_with('-')) at_ += flag_length(engine_values);
    const std::string_view command = at_ < fields_.size() ? text(at_) : std::string_view();
    ++at_;
    if (command == "compose") {
      if (program == "podman") result_.tool = Invocation::Tool::podman_compose;
      return read_options();
    }
    const std::string_view second = at_ < fields_.size() ? text(at_) : std::string_view();
    ++at_;
    if (command == "stack" && (second == "deploy" || second == "up")) return read_stack();
    if (command == "buildx" && second == "bake") return read_bake();
    return std::nullopt;
  }

private:
  std::string_view text(std::size_t at) const { return only(fields_[at].values); }

  std::size_t flag_length(std::string_view values) const {
    const std::string_view flag = text(at_);
    return !flag.contains('=') && takes_value(values, flag) ? 2 : 1;
  }

  // The value of a flag in any spelling (`-f x`, `-fx`, `--file x`, `--file=x`); moves behind it.
  std::optional<Argument> value_of(std::string_view short_flag, std::string_view long_flag) {
    const auto all_start = [&](const std::string& prefix) {
      return std::ranges::all_of(
          fields_[at_].values, [&](const Marked& value) { return value.text.starts_with(prefix); });
    };
    const std::string_view flag = text(at_);
    if (flag == long_flag || (!short_flag.empty() && flag == short_flag)) {
      if (at_ + 1 >= fields_.size()) return std::nullopt;
      at_ += 2;
      return shell::argument(fields_[at_ - 1]);
    }
    const std::string joined = std::string(long_flag) + "=";
    if (all_start(joined)) return argument_after(fields_[at_++], joined.size());
    if (short_flag.empty() || !all_start(std::string(short_flag))) return std::nullopt;
    const std::size_t equals = all_start(std::string(short_flag) + "=") ? 1 : 0;
    return argument_after(fields_[at_++], short_flag.size() + equals);
  }

  std::optional<Invocation> read_options() {
    while (at_ < fields_.size()) {
      const std::string_view flag = text(at_);
      if (flag == "\1") {
        if (auto file = value_of("-f", "--file")) {
          result_.files.push_back(std::move(*file));
        } else if (auto env_file = value_of({}, "--env-file")) {
          result_.env_files.push_back(std::move(*env_file));
        } else if (auto directory = value_of({}, "--project-directory")) {
          result_.project_directory = std::move(directory);
        } else {
          result_.options = Invocation::Options::maybe_more;
          ++at_;
        }
        continue;
      }
      if (!flag.starts_with('-')) break;
      if (auto file = value_of("-f", "--file")) {
        result_.files.push_back(std::move(*file));
      } else if (auto name = value_of("-p", "--project-name")) {
        result_.project_name = std::move(name);
      } else if (auto profile = value_of({}, "--profile")) {
        result_.profiles.push_back(std::move(*profile));
      } else if (auto env_file = value_of({}, "--env-file")) {
        result_.env_files.push_back(std::move(*env_file));
      } else if (auto directory = value_of({}, "--project-directory")) {
        result_.project_directory = std::move(directory);
      } else if (auto workdir = value_of({}, "--workdir")) {
        result_.project_directory = std::move(workdir);
      } else {
        at_ += flag_length(global_values);
      }
    }
    if (at_ < fields_.size()) {
      result_.subcommand = text(at_++);
      if (const Subcommand* subcommand = find_subcommand(result_.subcommand))
        read_services(subcommand->values, subcommand->services);
    }
    return finish();
  }

  void read_services(std::string_view values, Subcommand::Services which) {
    if (which == none) return;
    bool flags = true;
    while (at_ < fields_.size()) {
      const std::string_view word = text(at_);
      if (flags && word == "--") {
        flags = false;
        ++at_;
        continue;
      }
      if (flags && word.starts_with('-') && word.size() > 1) {
        at_ += flag_length(values);
        continue;
      }
      if (fields_[at_].values[0].text.starts_with('-')) { // --tail=$LINES
        ++at_;
        continue;
      }
      Argument service = shell::argument(fields_[at_++]);
      for (Path& value : service.values) // scale NAME=NUMBER
        if (result_.subcommand == "scale")
          value.text.resize(std::min(value.text.find('='), value.text.size()));
      result_.services.push_back(std::move(service));
      if (which == first) return;
    }
  }

  std::optional<Invocation> read_stack() {
    result_.tool = Invocation::Tool::docker_stack;
    result_.subcommand = "deploy";
    while (at_ < fields_.size()) {
      if (auto file = value_of("-c", "--compose-file")) {
        result_.files.push_back(std::move(*file));
      } else if (text(at_).starts_with('-')) {
        at_ += flag_length(" --orchestrator --resolve-image ");
      } else {
        if (!result_.project_name) result_.project_name = shell::argument(fields_[at_]);
        ++at_;
      }
    }
    return finish();
  }

  std::optional<Invocation> read_bake() {
    result_.tool = Invocation::Tool::docker_bake;
    result_.subcommand = "bake";
    while (at_ < fields_.size()) {
      if (auto file = value_of("-f", "--file")) {
        result_.files.push_back(std::move(*file));
      } else if (text(at_).starts_with('-')) {
        at_ += flag_length(" --allow --builder --call --list --metadata-file --progress "
                           "--provenance --sbom --set ");
      } else {
        result_.services.push_back(shell::argument(fields_[at_++]));
      }
    }
    return finish();
  }

  std::optional<Invocation> finish() {
    const std::uint32_t begin = fields_.front().used.begin;
    result_.range = {.begin = begin, .end = std::max(begin, fields_.back().used.end)};
    return std::move(result_);
  }

  std::span<const Field> fields_;
  std::size_t at_ = 0;
  Invocation result_;
};

} // namespace

std::optional<Invocation> read_compose(std::span<const Field> fields) {
  return fields.empty() ? std::nullopt : Reader(fields).read();
}

bool is_compose_subcommand(std::string_view name) { return find_subcommand(name) != nullptr; }

std::string_view program_name(const Field& field) {
  std::string_view name = only(field.values);
  name = name.substr(name.rfind('/') + 1);
  if (name.ends_with(".exe")) name.remove_suffix(4);
  return name;
}

} // namespace aethel::shell_commands
