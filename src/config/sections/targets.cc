#include "config/section.h"

#include "base/files.h"

namespace aethel::sections {
namespace {

constexpr Key keys[] = {
    {.name = "compose",
     .shape = Shape::path,
     .count = Count::some,
     .need = Need::required,
     .doc = "The compose files that are started together, in the order of their `-f` options.",
     .absent = "name the compose files: `compose: [docker-compose.yml]`"},
    {.name = "directory",
     .shape = Shape::path,
     .doc = "The project directory. Default: the folder of the first compose file."},
    {.name = "stage",
     .shape = Shape::stage,
     .doc = "What the target is for. Default: as for an inferred target."},
    {.name = "profiles", .count = Count::some, .doc = "The compose profiles that are enabled."},
    {.name = "env_files",
     .shape = Shape::path,
     .count = Count::some,
     .doc = "The files given with `--env-file`. Default: `.env` of the project directory."},
};

void add(const Entry& entry, Config& config) {
  TargetEntry target{.at = entry.at,
                     .compose = entry.some("compose"),
                     .stage = stage_named(entry.one("stage").value),
                     .profiles = entry.some("profiles"),
                     .env_files = entry.some("env_files")};
  for (std::vector<Located>* paths : {&target.compose, &target.env_files})
    for (Located& path : *paths) path.value = join_path("", path.value);
  const Located& directory = entry.one("directory");
  target.directory = directory.value.empty() ? parent_path(target.compose.front().value)
                                             : join_path("", directory.value);
  config.targets.push_back(std::move(target));
}

} // namespace

extern constinit const Section targets;
constinit const Section targets{
    .name = "targets",
    .doc = "What is really started. A declared target wins over what is inferred for its files.",
    .keys = keys,
    .add = add};

} // namespace aethel::sections
