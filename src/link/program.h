// The linked program: what the passes of link/passes.h build, one after the other, and
// what rules and reports read. Nobody writes to it after its pass.
#pragma once

#include "base/date.h"
#include "config/config.h"
#include "link/render/compose.h"
#include "model/facts.h"
#include "model/nginx.h"
#include "model/reference.h"
#include "model/sources.h"
#include "model/step.h"
#include "model/target.h"
#include "model/tree.h"

#include <memory>
#include <string>
#include <vector>

namespace aethel {

struct NotAnalysed {
  std::string path;
  std::string reason;
  std::uint32_t line = 0;
  // A root that is started in production and could not be read decides the exit code.
  bool production_root = false;
};

struct Program {
  const Vfs* files = nullptr;
  Tree tree;
  std::unique_ptr<Sources> sources;
  Config config;
  Date today{};

  std::vector<FileFacts> facts;         // sorted by file
  std::vector<Target> targets;          // sorted by id
  std::vector<ComposeProject> projects; // one a target
  std::vector<Process> processes;       // sorted by target, in the order of the file
  std::vector<ImageBuild> builds;       // of Dockerfiles: who builds what of which context
  std::vector<Nginx> nginx;             // of the processes that run it, in their order
  std::vector<Symbol> symbols;
  std::vector<Reference> references;
  std::vector<StepUse> step_uses; // in the order of targets, jobs, steps
  std::vector<NotAnalysed> not_analysed;

  const FileFacts* facts_of(FileId file) const;
  std::span<const Process> processes_of(TargetIndex target) const;
  const Process* process(TargetIndex target, std::string_view name) const;
  // Words for a span's place: "docker-compose.yml:12".
  std::string place(const Span& span) const;
};

} // namespace aethel
