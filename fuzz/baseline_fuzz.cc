// Baselines: what is read can be written, and is then read as the same.
#include "link/baseline_file.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = aethel::read_baseline(text, "baseline.yaml");
  if (!read) {
    if (read.error().message.empty() || read.error().line == 0) std::abort();
    return 0;
  }
  const std::string written = aethel::write_baseline(*read);
  const auto again = aethel::read_baseline(written, "baseline.yaml");
  if (!again || aethel::write_baseline(*again) != written) std::abort();
  return 0;
}
