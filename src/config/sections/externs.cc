#include "config/section.h"

namespace aethel::sections {
namespace {

constexpr Key keys[] = {
    {.name = "kind",
     .shape = Shape::kind,
     .need = Need::required,
     .doc = "What it is, for example `network` or `path`.",
     .absent = "say what it is, for example `kind: network`"},
    {.name = "name",
     .shape = Shape::pattern,
     .need = Need::required,
     .doc = "Its name as the files write it. `*` stands for any characters but `/`.",
     .absent = "say which one, for example `name: traefik`"},
    {.name = "in",
     .shape = Shape::pattern,
     .doc = "Only for targets and files under this path pattern. Default: everywhere."},
    {.name = "reason", .doc = "Who creates it, and where."},
};

void add(const Entry& entry, Config& config) {
  config.externs.push_back({.at = entry.at,
                            .kind = entry.one("kind"),
                            .name = entry.one("name"),
                            .in = entry.one("in"),
                            .reason = entry.one("reason")});
}

} // namespace

extern constinit const Section externs;
constinit const Section externs{
    .name = "externs",
    .doc = "What exists outside the repository, so that references to it are satisfied.",
    .keys = keys,
    .add = add};

} // namespace aethel::sections
