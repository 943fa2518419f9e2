// Dockerfiles, as far as `build.target` and healthchecks need them: stages, their bases, and what
// they take from each other.
#include "front/reader.h"
#include "front/support/suppressions.h"
#include "syntax/dockerfile.h"

#include <algorithm>
#include <string_view>

namespace aethel::readers {
namespace {

// `type=cache,from=build`: the mount of a RUN.
std::string_view mount_source(std::string_view mount) {
  for (std::size_t at = 0; at < mount.size();) {
    const std::size_t comma = std::min(mount.find(',', at), mount.size());
    const std::string_view part = mount.substr(at, comma - at);
    if (part.starts_with("from=")) return part.substr(5);
    at = comma + 1;
  }
  return {};
}

bool claims(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "Dockerfile" || name == "dockerfile" || name == "Containerfile" ||
         name.starts_with("Dockerfile.") || name.starts_with("Dockerfile-") ||
         name.starts_with("Dockerfile_") || name.ends_with(".Dockerfile") ||
         name.ends_with(".dockerfile");
}

void read(const Source& source, FileId file, FileFacts& facts) {
  const dockerfile::File parsed = dockerfile::parse(source.bytes());
  for (const dockerfile::Stage& stage : parsed.stages) {
    BuildStage fact{.name = stage.name,
                    .base = stage.base,
                    .base_known = stage.base_known == dockerfile::Stage::Known::yes,
                    .span = {file, stage.range},
                    .uses = {}};
    if (fact.base_known && !stage.base_stage)
      fact.uses.push_back({.name = stage.base, .span = {file, stage.image_range}});
    for (std::size_t i = stage.first_instruction;
         i < stage.end_instruction && i < parsed.instructions.size(); ++i) {
      const dockerfile::Instruction& instruction = parsed.instructions[i];
      if (instruction.name == "HEALTHCHECK" && instruction.arguments.text != "NONE")
        fact.has_healthcheck = true;
      for (const dockerfile::Flag& flag : instruction.flags) {
        std::string_view name;
        if (flag.name == "from" && instruction.name == "COPY") name = flag.value;
        if (flag.name == "mount" && instruction.name == "RUN") name = mount_source(flag.value);
        if (!name.empty())
          fact.uses.push_back({.name = std::string(name), .span = {file, flag.range}});
      }
    }
    facts.stages.push_back(std::move(fact));
  }
  for (Suppression& suppression : read_suppressions(source, file, parsed.comments))
    facts.suppressions.push_back(std::move(suppression));
}

} // namespace

extern constinit const Reader dockerfiles;
constinit const Reader dockerfiles{
    .name = "dockerfile", .claims = claims, .accepts = nullptr, .read = read};

} // namespace aethel::readers
