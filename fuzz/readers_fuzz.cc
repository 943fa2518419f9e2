// Every reader on the files that it claims (the first byte chooses the path): no fact has a place
// outside of the file.
#include "front/reader.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace aethel;

constexpr std::array<std::string_view, 12> paths = {
    "compose.yaml", ".env",         ".env.example",
    "Dockerfile",   "deploy.sh",    "Makefile",
    "README.md",    "package.json", ".github/workflows/ci.yml",
    "justfile",     "deploy.ps1",   "Procfile"};

void require(bool holds) {
  if (!holds) std::abort();
}

std::size_t limit = 0;

void check(Span span) { require(span.range.begin <= span.range.end && span.range.end <= limit); }

void check(const Node& node) {
  check(node.origin.written);
  for (const Hole* hole : node.text.holes()) check(hole->span);
  for (const Node& item : node.items) check(item);
  for (const Member& member : node.members) {
    check(member.key_span);
    check(member.value);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view path = paths[data[0] % paths.size()];
  const Source source(std::string(path),
                      std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  limit = size - 1;
  for (const Reader* reader : readers::all()) {
    if (!reader->claims(path)) continue;
    if (reader->accepts != nullptr && !reader->accepts(path, source.bytes().substr(0, 4096)))
      continue;
    FileFacts facts{.file = FileId{0}};
    reader->read(source, FileId{0}, facts);
    for (const Node& document : facts.documents) check(document);
    for (const EnvironmentEntry& entry : facts.environment) {
      check(entry.name_span);
      check(entry.value_span);
    }
    for (const BuildStage& stage : facts.stages) check(stage.span);
    for (const ComposeInvocation& invocation : facts.invocations) check(invocation.span);
    for (const Creation& creation : facts.creations) check(creation.span);
    for (const Suppression& suppression : facts.suppressions) check(suppression.span);
    for (const FileProblem& problem : facts.problems) require(problem.offset <= limit);
  }
  return 0;
}
