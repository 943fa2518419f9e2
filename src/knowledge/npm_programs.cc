#include "knowledge/npm_programs.h"

#include "knowledge/table.h"

namespace aethel {

namespace data {
extern const std::string_view npm_programs;
}

std::vector<std::string_view> packages_of_program(std::string_view program) {
  static const knowledge::Table table(data::npm_programs);
  for (const auto& row : table.rows())
    if (row["program"] == program) return knowledge::words(row["package"]);
  return {};
}

} // namespace aethel
