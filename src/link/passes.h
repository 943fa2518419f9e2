// The way of a repository through the linker. `link_program` is the whole of it, one call a pass.
#pragma once

#include "link/baseline_file.h"
#include "link/discover.h"
#include "link/finding.h"
#include "link/program.h"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace aethel {

struct LinkOptions {
  unsigned threads = 0; // 0: as many as the machine has
  Date today{};
  GitPlace git; // the repository around the files, when it is not in them
  // Told the name of each pass as it begins; for progress. May be null.
  std::function<void(std::string_view)> progress;
};

// What a baseline said of the findings; set by `apply_baseline` (link/baseline.h).
struct BaselineUse {
  std::string name;                   // of the file, as the user gave it; never absolute
  std::vector<BaselineEntry> gone;    // nothing is found for them; `count` says how many
  std::vector<BaselineEntry> expired; // their day is past, and they are still found
};

struct Report {
  Program program;
  std::vector<Finding> findings; // sorted by path, line, rule
  std::vector<Finding> ignored;  // by aethel.yaml or a comment
  std::vector<Requirement> requirements;
  std::optional<BaselineUse> baseline;
};

Result<Report> link_program(const Vfs& files, const LinkOptions& options);

// The passes.
void read_files(Program& program, unsigned threads);
void find_targets(Program& program);
void render_targets(Program& program, unsigned threads);
void infer_stages(Program& program);
void extract_processes(Program& program);
void extract_builds(Program& program);
void read_nginx(Program& program);
void extract_references(Program& program);
void link_references(Program& program);
void link_steps(Program& program, unsigned threads);
void check_rules(const Program& program, unsigned threads, std::vector<Finding>& findings,
                 std::vector<Requirement>& requirements);
void order_findings(Report& report);

} // namespace aethel
