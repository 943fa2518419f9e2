#include "link/program.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel {

const FileFacts* Program::facts_of(FileId file) const {
  const auto found = std::ranges::lower_bound(facts, file, {}, &FileFacts::file);
  return found == facts.end() || found->file != file ? nullptr : &*found;
}

std::span<const Process> Program::processes_of(TargetIndex target) const {
  const auto range = std::ranges::equal_range(processes, target, {}, &Process::target);
  return {range.begin(), range.end()};
}

const Process* Program::process(TargetIndex target, std::string_view name) const {
  for (const Process& each : processes_of(target))
    if (each.name == name) return &each;
  return nullptr;
}

std::string Program::place(const Span& span) const {
  if (!span.file) return {};
  const Source* source = sources->loaded(span.file);
  if (source == nullptr) return sources->path(span.file);
  return fmt::format("{}:{}", source->path(), source->place(span.range.begin).line);
}

} // namespace aethel
