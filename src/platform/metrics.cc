#include "platform/metrics.h"

#include "http/message.h"
#include "knowledge/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace aethel::platform {
namespace {

constexpr std::string_view types[] = {"text/plain; version=0.0.4; charset=utf-8",
                                      "application/openmetrics-text; version=1.0.0; charset=utf-8"};

const Metric& find(std::string_view name, std::size_t labels) {
  for (const Metric& each : metrics())
    if (each.name == name && each.emitter == "aetheld" && each.labels.size() == labels) return each;
  std::fprintf(stderr, "aetheld: the catalogue has no metric %.*s with %zu labels\n",
               static_cast<int>(name.size()), name.data(), labels);
  std::abort();
}

// Values of labels: backslash, quote and line end; help: backslash and line end (both formats).
std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                              : fmt::format("{}", value);
}

} // namespace

std::string_view content_type(MetricsFormat format) { return types[static_cast<int>(format)]; }

MetricsFormat choose_format(std::string_view accept) {
  const std::size_t chosen = http::negotiate(accept, {types[0], types[1]});
  // Who likes neither gets what every scraper reads.
  return chosen == 1 ? MetricsFormat::openmetrics : MetricsFormat::text;
}

void Metrics::set(std::string_view name, std::vector<std::string> values, double value) {
  find(name, values.size());
  const std::scoped_lock lock(mutex_);
  series_[std::string(name)][std::move(values)] = value;
}

void Metrics::add(std::string_view name, std::vector<std::string> values, double value) {
  find(name, values.size());
  const std::scoped_lock lock(mutex_);
  series_[std::string(name)][std::move(values)] += value;
}

std::string Metrics::write(MetricsFormat format) const {
  std::string out;
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, series] : series_) {
    const Metric& metric = find(name, series.begin()->first.size());
    std::string_view family = name;
    // A counter's family has no "_total" in OpenMetrics, and its samples do.
    if (format == MetricsFormat::openmetrics && metric.type == "counter" &&
        family.ends_with("_total"))
      family.remove_suffix(std::string_view("_total").size());
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", family,
                       escaped(metric.help, format == MetricsFormat::openmetrics), family,
                       metric.type);
    for (const auto& [values, value] : series) {
      out += name;
      for (std::size_t i = 0; i < values.size(); ++i)
        out += fmt::format("{}{}=\"{}\"", i == 0 ? "{" : ",", metric.labels[i],
                           escaped(values[i], true));
      out += fmt::format("{} {}\n", values.empty() ? "" : "}", number(value));
    }
  }
  if (format == MetricsFormat::openmetrics) out += "# EOF\n";
  return out;
}

} // namespace aethel::platform
