// The input is a path, a line end, and a .dockerignore.
#include "syntax/dockerignore.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using aethel::DockerIgnore;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const std::string_view path = input.substr(0, end), text = input.substr(end + 1);
  const DockerIgnore ignore(text);
  const auto match = ignore.match(path);
  // What is excluded was excluded by some line of the file.
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  if (match.line > lines) std::abort();
  if (match.answer == DockerIgnore::Answer::excluded && match.line == 0) std::abort();
  (void)ignore.may_keep_below(path);
  return 0;
}
