#include "config/section.h"

namespace aethel::sections {
namespace {

constexpr Key keys[] = {
    {.name = "path",
     .shape = Shape::pattern,
     .need = Need::required,
     .doc = "A path pattern from the root of the repository, for example `deploy/local/**`.",
     .absent = "say which paths: `path: deploy/local/**`"},
    {.name = "stage",
     .shape = Shape::stage,
     .need = Need::required,
     .doc = "What the targets under the path are for.",
     .absent = "say what they are for: `stage: development`"},
};

void add(const Entry& entry, Config& config) {
  config.stages.push_back(
      {.at = entry.at, .path = entry.one("path"), .stage = *stage_named(entry.one("stage").value)});
}

} // namespace

extern constinit const Section stages;
constinit const Section stages{
    .name = "stages",
    .doc = "The stage of inferred targets by path. The last entry that matches decides.",
    .keys = keys,
    .add = add};

} // namespace aethel::sections
