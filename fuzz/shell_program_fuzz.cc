// Shell programs: the tree is bounded, and every place lies in the text.
#include "syntax/env_writes.h"
#include "syntax/lost_failures.h"
#include "syntax/shell_program.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace aethel::shell;

std::size_t limit = 0;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(aethel::Range range) { require(range.begin <= range.end && range.end <= limit); }

void check(const std::vector<Command>& commands, std::size_t depth) {
  require(depth <= 4 * deepest_program);
  for (const Command& command : commands) {
    check(command.range);
    for (const Word& word : command.words) check(word.range);
    for (const Redirection& each : command.redirections) check(each.target.range);
    require(command.kind != Command::Kind::chain ||
            command.joints.size() + 1 == command.parts.size());
    check(command.parts, depth + 1);
    for (const Arm& arm : command.arms) {
      check(arm.condition, depth + 1);
      check(arm.body, depth + 1);
    }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  limit = size;
  const Program program = parse_program(text);
  check(program.commands, 0);
  for (const LostFailure& each : lost_failures(text, false)) check(each.range);
  for (const Writer writer : {Writer::script, Writer::document})
    for (const EnvWrite& each : env_writes(text, writer)) check(each.range);
  return 0;
}
