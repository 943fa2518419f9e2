// Commands in any language (the first byte chooses it): every place lies in the file.
#include "syntax/shell_commands.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using aethel::Range;
using namespace aethel::shell_commands;

std::size_t limit = 0;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(Range range) { require(range.begin <= range.end && range.end <= limit); }

void check(const Argument& argument) {
  check(argument.range);
  check(argument.written);
  for (const Path& path : argument.values)
    for (const char c : path.text) require(c < '\1' || c > '\6'); // no mark leaks
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  limit = bytes.size();
  const auto language = static_cast<aethel::shell::Language>(
      data[0] % static_cast<int>(aethel::shell::Language::none));
  const Commands commands = scan(bytes, language);
  for (const Invocation& invocation : commands.invocations) {
    check(invocation.range);
    for (const auto* list :
         {&invocation.files, &invocation.profiles, &invocation.env_files, &invocation.services})
      for (const Argument& argument : *list) check(argument);
    for (const Variable& variable : invocation.variables) check(variable.value);
  }
  for (const Fact& fact : commands.facts) {
    check(fact.range);
    check(fact.argument);
    check(fact.source);
  }
  return 0;
}
