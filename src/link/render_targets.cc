#include "link/passes.h"

#include "base/parallel.h"

#include <algorithm>

namespace aethel {
namespace {

// A value that an unset variable left empty breaks the form of what holds it. Whoever starts
// the project sets the variable: that it is needed is a requirement, not a broken file.
bool follows_from_unset_variable(const ComposeProject& project, const Span& span) {
  return std::ranges::any_of(project.variables, [&](const ComposeProject::VariableUse& use) {
    if (use.hole->from != Hole::From::nothing || use.hole->has_default()) return false;
    const Span& hole = use.hole->span;
    const Span& value = use.origin.written;
    auto touches = [&](const Span& other) {
      return other.file == span.file && other.range.begin <= span.range.end &&
             span.range.begin <= other.range.end;
    };
    return touches(hole) || touches(value);
  });
}

} // namespace

void render_targets(Program& program, unsigned threads) {
  program.projects.resize(program.targets.size());
  const FactsOf facts = [&](FileId file) { return program.facts_of(file); };
  parallel_for(program.targets.size(), threads, [&](std::size_t i) {
    const Target& target = program.targets[i];
    if (target.kind != "compose") return;
    ComposeRequest request{
        .files = target.files, .directory = target.directory, .env_files = target.env_files};
    // What the root is called is no matter of the repository; any name keeps names valid.
    request.root_name = "project";
    ComposeProject project = render_compose(*program.sources, facts, request);
    std::erase_if(project.problems, [&](const ComposeProblem& problem) {
      return problem.kind == ComposeProblem::Kind::rejected && !problem.of_keys &&
             follows_from_unset_variable(project, problem.span);
    });
    program.projects[i] = std::move(project);
  });
  // Outside the barrier and in order: what could not be read.
  for (std::size_t i = 0; i < program.targets.size(); ++i)
    for (const ComposeProblem& problem : program.projects[i].problems) {
      if (problem.kind != ComposeProblem::Kind::unreadable) continue;
      NotAnalysed entry{.path = problem.span.file ? program.sources->path(problem.span.file)
                                                  : program.targets[i].files.front(),
                        .reason = problem.message};
      if (const Source* source = program.sources->loaded(problem.span.file))
        entry.line = source->place(problem.span.range.begin).line;
      const auto same = [&](const NotAnalysed& other) {
        return other.path == entry.path && other.reason == entry.reason && other.line == entry.line;
      };
      if (std::ranges::none_of(program.not_analysed, same))
        program.not_analysed.push_back(std::move(entry));
    }
}

} // namespace aethel
