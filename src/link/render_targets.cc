#include "link/passes.h"

#include "base/parallel.h"

#include <algorithm>

namespace aethel {

void render_targets(Program& program, unsigned threads) {
  program.projects.resize(program.targets.size());
  const FactsOf facts = [&](FileId file) { return program.facts_of(file); };
  parallel_for(program.targets.size(), threads, [&](std::size_t i) {
    const Target& target = program.targets[i];
    program.projects[i] = render_compose(*program.sources, facts,
                                         {.files = target.files,
                                          .directory = target.directory,
                                          .env_files = target.env_files});
  });
  // Outside the barrier and in order: what compose would refuse.
  for (std::size_t i = 0; i < program.targets.size(); ++i)
    for (const ComposeProblem& problem : program.projects[i].problems) {
      NotAnalysed entry{.path = problem.span.file ? program.sources->path(problem.span.file)
                                                  : program.targets[i].files.front(),
                        .reason = problem.message};
      if (const Source* source = program.sources->loaded(problem.span.file))
        entry.line = source->place(problem.span.range.begin).line;
      const auto same = [&](const NotAnalysed& other) {
        return other.path == entry.path && other.reason == entry.reason && other.line == entry.line;
      };
      if (std::ranges::none_of(program.not_analysed, same)) program.not_analysed.push_back(std::move(entry));
    }
}

} // namespace aethel
