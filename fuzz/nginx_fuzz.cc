// nginx's configuration: every place lies in the file, and blocks hold what they say.
#include "syntax/nginx.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(aethel::Range range, std::size_t size) {
  require(range.begin <= range.end && range.end <= size);
}

void check(std::string_view bytes, aethel::nginx::Dialect dialect, aethel::nginx::Limits limits) {
  using namespace aethel::nginx;
  const File file = parse(bytes, dialect, limits);
  require(file.directives.size() <= limits.directives);
  for (std::size_t i = 0; i < file.directives.size(); ++i) {
    const Directive& directive = file.directives[i];
    require(!directive.words.empty());
    check(directive.range, bytes.size());
    for (const Word& word : directive.words) {
      check(word.range, bytes.size());
      for (const VariableUse& use : variables_of(word.text))
        require(use.begin < use.end && use.end <= word.text.size());
    }
    if (directive.foreign) check(*directive.foreign, bytes.size());
    require(directive.end > i && directive.end <= file.directives.size());
    if (directive.parent == no_parent) continue;
    require(directive.parent < i && file.directives[directive.parent].block);
    require(directive.end <= file.directives[directive.parent].end);
  }
  for (const aethel::Range comment : file.comments) check(comment, bytes.size());
  for (const Problem& problem : file.problems) {
    check(problem.range, bytes.size());
    require(!describe(problem).empty());
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(bytes, aethel::nginx::Dialect::plain, {});
  check(bytes, aethel::nginx::Dialect::envsubst_template, {.directives = 20, .depth = 3});
  return 0;
}
