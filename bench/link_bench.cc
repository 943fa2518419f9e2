// The whole linker on the replica of the audited repository, from bytes to a report's text.
#include "base/date.h"
#include "link/passes.h"
#include "link/report_format.h"
#include "link/root.h"

#include <benchmark/benchmark.h>

namespace {

void link(benchmark::State& state) {
  const auto root = aethel::open_root(AETHEL_SOURCE_DIR "/tests/seed/aethel-engine");
  if (!root) return state.SkipWithError(root.error().message.c_str());
  const aethel::LinkOptions options{
      .threads = static_cast<unsigned>(state.range(0)), .today = *aethel::parse_date("2026-01-07"), .git = root->git};
  std::size_t findings = 0;
  for (auto _ : state) {
    const auto report = aethel::link_program(*root->files, options);
    if (!report) return state.SkipWithError(report.error().message.c_str());
    findings = report->findings.size();
  }
  state.counters["findings"] = static_cast<double>(findings);
}
BENCHMARK(link)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);

} // namespace
