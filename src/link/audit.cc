#include "link/passes.h"

#include "base/nearest.h"
#include "base/parallel.h"
#include "link/configuration.h"
#include "link/discover.h"
#include "link/suppress.h"

#include <algorithm>

namespace aethel {
namespace {

// A target that is declared and not there would be a silent one.
Result<void> find_declared(const Program& program, const Source& source) {
  for (const TargetEntry& entry : program.config.targets)
    for (const Located& file : entry.compose) {
      const std::string path = join_path("", file.value);
      const Existence there = program.tree.exists(path);
      if (there != Existence::absent && there != Existence::directory) continue;
      std::vector<std::string> names;
      for (const TreeEntry& each : program.tree.entries())
        if (each.path.ends_with(".yml") || each.path.ends_with(".yaml"))
          names.emplace_back(each.path);
      const Place place = source.place(file.range.begin);
      return fail({.message = "the repository has no file \"" + path + "\", which a target names",
                   .path = source.path(),
                   .line = place.line,
                   .column = place.column,
                   .hint = did_you_mean(path, names)});
    }
  return {};
}

Result<void> read_declarations(Program& program) {
  const FileId file = program.sources->find(configuration_path);
  if (!file) return {};
  const auto source = program.sources->load(file);
  if (!source) return std::unexpected(source.error());
  auto config = read_configuration((*source)->bytes());
  if (!config) return std::unexpected(config.error());
  program.config = std::move(*config);
  return find_declared(program, **source);
}

} // namespace

// The whole linker, one call a pass.
Result<Report> link_program(const Vfs& files, const LinkOptions& options) {
  auto tell = [&](std::string_view pass) {
    if (options.progress) options.progress(pass);
  };
  Report report;
  Program& program = report.program;
  program.files = &files;
  program.today = options.today;

  // Which files there are, as Git sees them; ignored ones are never opened.
  tell("discover");
  auto tree = discover(files, {.threads = options.threads, .git = options.git});
  if (!tree) return std::unexpected(tree.error());
  program.tree = std::move(*tree);
  std::vector<std::string> paths;
  paths.reserve(program.tree.entries().size());
  for (const TreeEntry& entry : program.tree.entries()) paths.emplace_back(entry.path);
  program.sources = std::make_unique<Sources>(files, std::move(paths));

  // What the user declared; a mistake in it stops the run before it can mislead.
  if (auto read = read_declarations(program); !read) return std::unexpected(read.error());

  // What each file says, by itself.
  tell("read");
  read_files(program, options.threads);

  // What is really started, each root merged as its tool merges it.
  tell("render");
  find_targets(program);
  render_targets(program, options.threads);
  extract_processes(program);
  read_nginx(program);
  infer_stages(program);
  extract_builds(program);
  extract_references(program);

  // Beyond this point no fact is added: an undefined name stays undefined.
  tell("link");
  link_references(program);
  link_steps(program, options.threads);

  tell("check");
  check_rules(program, options.threads, report.findings, report.requirements);

  // Beyond this point no finding is added; some are set aside, with the reason that was given.
  suppress(report);
  order_findings(report);
  return report;
}

} // namespace aethel
