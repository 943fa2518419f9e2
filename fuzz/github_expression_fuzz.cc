// Expressions of GitHub Actions: every place lies in the source, and evaluation ends, whatever is
// known.
#include "syntax/github_expression.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace aethel::github;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_places(const Expression& expression, std::size_t size) {
  require(expression.range.begin <= expression.range.end && expression.range.end <= size);
  for (const Expression& part : expression.parts) check_places(part, size);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  (void)parse_json(source);
  const Parsed parsed = parse(source);
  require(parsed.root.has_value() != parsed.problem.has_value());
  if (parsed.problem) {
    require(parsed.problem->range.begin <= parsed.problem->range.end);
    require(parsed.problem->range.end <= size);
    return 0;
  }
  check_places(*parsed.root, size);
  for (const Problem& problem : check(*parsed.root, {"github", "hashFiles(1,255)"}))
    require(problem.range.end <= size);
  (void)evaluate(*parsed.root, {});
  Scope scope;
  scope.context = [](std::string_view name) {
    if (name == "github")
      return Value::object({{"ref", Value::text_like("refs/tags/v", "-rc", {"refs/tags/v1-rc"})},
                            {"event_name", Value::one_of({"push", ""})},
                            {"list", Value::array({Value::text("a"), Value::any()})}});
    if (name == "steps") return Value::object_of(Value::some(Value::Kind::text));
    return Value::object({});
  };
  scope.missing = [&](const Expression&, const std::string&, const aethel::Range& range,
                      const Value&) { require(range.end <= size); };
  (void)evaluate(*parsed.root, scope).truth();
  return 0;
}
