#include "config/section.h"

namespace aethel::sections {
namespace {

constexpr Key keys[] = {
    {.name = "rule",
     .shape = Shape::rule,
     .need = Need::required,
     .doc = "The name or the id of the rule.",
     .absent = "name the rule, as it stands in brackets in the report"},
    {.name = "path",
     .shape = Shape::pattern,
     .doc = "Only in files under this path pattern. Default: everywhere."},
    {.name = "name",
     .shape = Shape::pattern,
     .doc = "Only for this symbol. `*` stands for any characters but `/`. Default: all."},
    {.name = "reason",
     .need = Need::required,
     .doc = "Why the finding does not matter here.",
     .absent = "say why the finding does not matter here"},
    {.name = "until",
     .shape = Shape::date,
     .doc = "The last day on which the entry holds. Afterwards the finding is back."},
};

void add(const Entry& entry, Config& config) {
  config.ignores.push_back({.at = entry.at,
                            .rule = entry.one("rule"),
                            .path = entry.one("path"),
                            .name = entry.one("name"),
                            .reason = entry.one("reason"),
                            .until = parse_date(entry.one("until").value)});
}

} // namespace

extern constinit const Section ignore;
constinit const Section ignore{
    .name = "ignore",
    .doc = "Findings that are known and accepted. An entry that hides nothing is reported.",
    .keys = keys,
    .add = add};

} // namespace aethel::sections
