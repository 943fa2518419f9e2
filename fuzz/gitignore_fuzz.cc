// The input is a path, a line end, and an ignore file; the same text is read as attributes
// and as configuration too.
#include "syntax/git_config.h"
#include "syntax/gitattributes.h"
#include "syntax/gitignore.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aethel;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const std::string_view path = input.substr(0, end), text = input.substr(end + 1);

  IgnoreRules rules;
  rules.add("", IgnoreFile(text));
  rules.add("a", IgnoreFile(text));
  const auto reason = rules.ignored(path, PathKind::file);
  // A path below what is ignored is ignored as well, whatever the file says of it.
  if (reason && !path.empty() && !rules.ignored(std::string(path) + "/x", PathKind::file)) {
    const auto as_directory = rules.ignored(path, PathKind::directory);
    if (as_directory) std::abort();
  }
  AttributeRules attributes;
  attributes.add("", text);
  attributes.of(path);
  parse_git_config(text);
  return 0;
}
