#include "knowledge/healthchecks.h"

#include "knowledge/images.h"
#include "knowledge/table.h"

namespace aethel {

namespace data {
extern const std::string_view healthchecks;
}

bool is_known_without_healthcheck(std::string_view image) {
  static const knowledge::Table table(data::healthchecks);
  if (image == "scratch") return true;
  const auto reference = parse_image(image);
  if (!reference) return false;
  const std::string name = reference->name();
  for (const auto& row : table.rows())
    if (knowledge::matches(row["pattern"], name)) return true;
  return false;
}

} // namespace aethel
