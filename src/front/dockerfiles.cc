// Dockerfiles, as far as `build.target` and healthchecks need them: stages and their bases.
#include "front/reader.h"
#include "front/support/suppressions.h"
#include "syntax/dockerfile.h"

#include <algorithm>
#include <string_view>

namespace aethel::readers {
namespace {

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
                    .span = {file, stage.range}};
    for (std::size_t i = stage.first_instruction;
         i < stage.end_instruction && i < parsed.instructions.size(); ++i) {
      const dockerfile::Instruction& instruction = parsed.instructions[i];
      if (instruction.name == "HEALTHCHECK" && instruction.arguments.text != "NONE")
        fact.has_healthcheck = true;
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
