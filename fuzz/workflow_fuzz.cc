// Workflows and actions: facts lie in the file, and expressions belong to jobs and steps that are
// there.
#include "front/reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace aethel;

void require(bool holds) {
  if (!holds) std::abort();
}

std::size_t limit = 0;

void check(const Span& span) {
  require(span.range.begin <= span.range.end && span.range.end <= limit);
}

void check(const WorkflowText& text) {
  check(text.span);
  for (const Piece& piece : text.text.pieces()) check(piece.span);
}

void check(const std::optional<WorkflowText>& text) {
  if (text) check(*text);
}

void check(const WorkflowMap& map) {
  for (const WorkflowEntry& entry : map.entries) {
    check(entry.name_span);
    check(entry.value);
  }
}

void check(const std::vector<WorkflowStep>& steps) {
  for (const WorkflowStep& step : steps) {
    check(step.span);
    check(step.run);
    check(step.condition);
    check(step.with);
    check(step.env);
    for (const std::uint32_t offset : step.script.offsets) require(offset <= limit);
  }
}

void check(const std::vector<WorkflowExpression>& expressions) {
  for (const WorkflowExpression& each : expressions) {
    check(each.span);
    if (each.exact) require(each.span.range.end - each.span.range.begin == each.source.size());
  }
}

void read(const Reader& reader, const char* path, const std::string& bytes) {
  const Source source(path, bytes);
  if (reader.accepts != nullptr && !reader.accepts(path, bytes)) return;
  FileFacts facts{.file = FileId{0}};
  reader.read(source, FileId{0}, facts);
  for (const Workflow& workflow : facts.workflows) {
    for (const WorkflowJob& job : workflow.jobs) {
      check(job.span);
      check(job.id_span);
      check(job.condition);
      check(job.steps);
    }
    for (const WorkflowTrigger& trigger : workflow.triggers) check(trigger.span);
    check(workflow.expressions);
    for (const WorkflowExpression& each : workflow.expressions) {
      require(each.job < static_cast<std::int32_t>(workflow.jobs.size()));
      if (each.job >= 0)
        require(each.step < static_cast<std::int32_t>(
                                workflow.jobs[static_cast<std::size_t>(each.job)].steps.size()));
    }
    for (const WorkflowFault& fault : workflow.faults) check(fault.span);
  }
  for (const ActionDefinition& action : facts.actions) {
    check(action.steps);
    check(action.expressions);
    for (const WorkflowExpression& each : action.expressions)
      require(each.step < static_cast<std::int32_t>(action.steps.size()));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  limit = size;
  const auto all = readers::all();
  const auto workflow = std::ranges::find(all, "workflow", &Reader::name);
  read(**workflow, ".github/workflows/ci.yml", bytes);
  read(**workflow, "action.yml", bytes);
  return 0;
}
