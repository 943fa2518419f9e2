// The catalogue of metrics: what rules, dashboards and pages may name, and what aetheld emits.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace aethel {

struct Metric {
  std::string_view name;
  std::string_view type; // "gauge", "counter", "histogram"
  std::vector<std::string_view> labels;
  std::string_view emitter; // "aetheld", "application" ...
  std::string_view help;
};

std::span<const Metric> metrics();

} // namespace aethel
