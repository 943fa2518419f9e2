#include "knowledge/versions.h"

#include "knowledge/table.h"

namespace aethel {
namespace data {
extern const std::string_view versions;
}

std::span<const Version> versions() {
  static const knowledge::Table table(data::versions);
  static const std::vector<Version> all = [] {
    std::vector<Version> list;
    for (const auto& row : table.rows())
      list.push_back({.name = row["name"], .version = row["version"], .image = row["image"]});
    return list;
  }();
  return all;
}

} // namespace aethel
