// Numbers that Prometheus reads. Which there are stands in the catalogue (knowledge/metrics.tsv): a
// name that it lacks, or other labels than it says, is a mistake of the program and aborts it.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::platform {

enum class MetricsFormat : std::uint8_t {
  text,       // Prometheus' text format 0.0.4
  openmetrics // OpenMetrics 1.0.0
};
std::string_view content_type(MetricsFormat format);
// What an Accept header asks for.
MetricsFormat choose_format(std::string_view accept);

class Metrics {
public:
  // `values`: of the labels, in the order of the catalogue.
  void set(std::string_view name, std::vector<std::string> values, double value);
  void add(std::string_view name, std::vector<std::string> values, double value);
  // Every set of labels stands from the start: what is absent cannot be alerted on.
  void declare(std::string_view name, std::vector<std::string> values) {
    add(name, std::move(values), 0);
  }

  std::string write(MetricsFormat format) const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::vector<std::string>, double>, std::less<>> series_;
};

} // namespace aethel::platform
