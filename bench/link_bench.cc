// The linker on small repositories that lie in the tree, pass by pass where it is worth it.
// What a user would use instead (git status, docker compose config) is in tools/prove/speed.sh.
#include "link/passes.h"
#include "syntax/yaml.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace aethel {
namespace {

void link_repository(benchmark::State& state, const char* folder) {
  const auto files = disk_files(std::string(AETHEL_SOURCE_DIR) + "/" + folder);
  std::size_t references = 0;
  for (auto _ : state) {
    const auto report = link_program(*files, {.threads = 1, .today = *parse_date("2026-11-25")});
    if (!report)
      state.SkipWithError(report.error().message.c_str());
    else
      references = report->program.references.size();
  }
  state.counters["references"] = static_cast<double>(references);
}
BENCHMARK_CAPTURE(link_repository, replica, "tests/seed/aethel-engine")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(link_repository, shop, "examples/shop")->Unit(benchmark::kMillisecond);

void parse_yaml(benchmark::State& state) {
  std::string text = "services:\n";
  for (int i = 0; i < state.range(0); ++i)
    text += fmt::format("  service{}:\n    image: \"registry/app:{}\"\n    environment:\n      - "
                        "KEY=${{VALUE:-default}}\n",
                        i, i);
  for (auto _ : state) benchmark::DoNotOptimize(yaml::parse(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_yaml)->Range(64, 4096)->Unit(benchmark::kMicrosecond);

// A project of many services that depend on each other: render, extract, link and check.
void link_services(benchmark::State& state) {
  MemoryFiles files;
  std::string text = "services:\n";
  for (int i = 0; i < state.range(0); ++i)
    text += fmt::format("  s{}:\n    image: nginx:1.28\n    environment:\n      PEER_URL: "
                        "http://s{}:80/\n    depends_on: [s{}]\n",
                        i, i + 1, i + 1);
  text += fmt::format("  s{}:\n    image: nginx:1.28\n", state.range(0));
  files.write("compose.prod.yaml", text);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        link_program(files, {.threads = 1, .today = *parse_date("2026-11-25")}));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(link_services)
    ->RangeMultiplier(2)
    ->Range(16, 512)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

} // namespace
} // namespace aethel
