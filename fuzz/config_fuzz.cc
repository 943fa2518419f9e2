// aethel.yaml: reading never fails but by problems, and what is added to a file is an addition.
#include "config/add_externs.h"
#include "config/config.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_places(std::string_view bytes, const aethel::ConfigResult& result) {
  for (const aethel::ConfigProblem& problem : result.problems) {
    require(!problem.message.empty() && problem.line > 0 && problem.column > 0);
    require(problem.range.begin <= problem.range.end && problem.range.end <= bytes.size());
  }
  std::uint32_t next = 0;
  for (const aethel::ExternEntry& entry : result.config.externs) {
    require(entry.at.index >= next && entry.at.index < result.config.entries);
    next = entry.at.index + 1;
    require(entry.name.range.end <= bytes.size() && !entry.name.value.empty());
  }
}

// Whether all of `text` stands in `longer`, in order, but for the brackets or the null of an
// empty section.
bool is_extension(std::string_view text, std::string_view longer) {
  std::size_t at = 0;
  for (const char c : text) {
    if (std::string_view(" []~nulNUL").contains(c)) continue;
    at = longer.find(c, at);
    if (at++ == std::string_view::npos) return false;
  }
  return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const aethel::ConfigResult before = aethel::read_config(bytes);
  check_places(bytes, before);

  const std::string name(bytes.substr(0, size % 24));
  const std::vector<aethel::NewExtern> wanted = {
      {.kind = "network", .name = "web", .evidence = name},
      {.kind = "path", .name = "./" + name, .in = "deploy/**", .reason = "x" + name}};
  const auto text = aethel::add_externs(bytes, wanted);
  if (!text) {
    require(!text.error().message.empty());
    return 0;
  }
  require(is_extension(bytes, *text));
  const aethel::ConfigResult after = aethel::read_config(*text);
  check_places(*text, after);
  require(after.problems.size() == before.problems.size());
  require(after.config.ignores.size() == before.config.ignores.size());
  const auto again = aethel::add_externs(*text, wanted);
  require(again && *again == *text);
  return 0;
}
