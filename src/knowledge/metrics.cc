#include "knowledge/metrics.h"

#include "knowledge/table.h"

namespace aethel {

namespace data {
extern const std::string_view metrics;
}

std::span<const Metric> metrics() {
  static const knowledge::Table table(data::metrics);
  static const std::vector<Metric> all = [] {
    std::vector<Metric> out;
    for (const knowledge::Table::Row& row : table.rows())
      out.push_back(
          {row["name"], row["type"], knowledge::words(row["labels"]), row["emitter"], row["help"]});
    return out;
  }();
  return all;
}

} // namespace aethel
