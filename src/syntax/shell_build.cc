#include "syntax/shell_build.h"

#include "syntax/shell_compose.h"

namespace aethel::shell_commands {
namespace {

using shell::Field;
using shell::field_text;
using shell::Marked;

// Flags that take a value, from `docker buildx build --help` of 0.29 and `podman build --help` of
// 5.4.
constexpr std::string_view values =
    " --add-host --allow --annotation --attest --build-arg --build-context --builder --cache-from "
    "--cache-to --call --cgroup-parent --cpu-period --cpu-quota -c --cpu-shares --cpuset-cpus "
    "--cpuset-mems -f --file --iidfile --isolation --label -l -m --memory --memory-swap "
    "--metadata-file --network --no-cache-filter -o --output --platform --policy --progress "
    "--secret --security-opt --shm-size --ssh -t --tag --target --ulimit --arch --os --variant "
    "--authfile --creds --format --ignorefile --jobs --logfile --runtime --volume -v --env "
    "--cap-add --cap-drop --device --dns --hosts-file --manifest --retry --retry-delay "
    "--timestamp ";

// The part of a field behind `--flag=`.
Argument tail_of(const Field& field, std::size_t from) {
  Field rest = field;
  for (Marked& value : rest.values) {
    const std::size_t cut = std::min(from, value.text.size());
    value.text.erase(0, cut);
    value.offsets.erase(value.offsets.begin(),
                        value.offsets.begin() +
                            static_cast<std::ptrdiff_t>(std::min(cut, value.offsets.size())));
  }
  return shell::argument(rest);
}

} // namespace

std::optional<Build> read_build(std::span<const Field> fields) {
  const std::string_view program = program_name(fields[0]);
  if (program != "docker" && program != "podman" && program != "nerdctl" && program != "buildah" &&
      program != "docker-buildx")
    return std::nullopt;
  auto rest =
      shell::skip_flags(fields.subspan(1), " -H --host -c --context --config -l --log-level ");
  if (field_text(rest, 0) == "buildx" || field_text(rest, 0) == "image" ||
      field_text(rest, 0) == "builder")
    rest = shell::skip_flags(rest.subspan(1), " --builder ");
  const std::string_view verb = field_text(rest, 0);
  if (verb != "build" && !(verb == "b" && field_text(fields.subspan(1), 0) == "buildx") &&
      !(verb == "bud" && program == "buildah"))
    return std::nullopt;
  rest = rest.subspan(1);
  Build build{.range = shell::place_of(fields)};
  const auto take = [&](std::string_view flag, Argument value) {
    if (flag == "-f" || flag == "--file")
      build.file = std::move(value);
    else if (flag == "--target")
      build.target = std::move(value);
    else if (flag == "-t" || flag == "--tag")
      build.tags.push_back(std::move(value));
    else if (flag == "--build-arg")
      build.arguments.push_back(std::move(value));
    else if (flag == "--build-context")
      build.contexts.push_back(std::move(value));
  };
  int unknown = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const Field& field = rest[i];
    const std::string_view text = field.values[0].text;
    if (text.starts_with('-') && text.size() > 1) {
      const std::size_t equals = text.find('=');
      const std::string_view flag = text.substr(0, equals);
      if (equals != std::string_view::npos) {
        take(flag, tail_of(field, equals + 1));
        continue;
      }
      if (values.contains(" " + std::string(flag) + " ")) {
        if (i + 1 < rest.size()) take(flag, shell::argument(rest[++i]));
        continue;
      }
      if (!text.starts_with("--") && text.size() > 2 && (text[1] == 't' || text[1] == 'f'))
        take(text.substr(0, 2), tail_of(field, 2));
      continue;
    }
    // A variable: options, or the context. Several make no command that can be read (and backticks
    // at the ends of lines are PowerShell's).
    if (shell::only(field.values) == "\1") {
      build.options = Invocation::Options::maybe_more;
      if (++unknown > 1) return std::nullopt;
    }
    if (build.folder) build.options = Invocation::Options::maybe_more;
    build.folder = shell::argument(field);
  }
  // `docker build` alone, in prose or with everything in a variable.
  if (!build.folder) return std::nullopt;
  return build;
}

} // namespace aethel::shell_commands
