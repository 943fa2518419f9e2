// What commands share: the language, colour, how failures are told, the root.
#pragma once

#include "base/result.h"
#include "commands/command.h"
#include "link/passes.h"
#include "link/root.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aethel {

// Every command of the table on one App; for the main program, completions and the manual.
std::unique_ptr<CLI::App> make_app(std::vector<std::function<Exit()>>& runners);

struct CommonOptions {
  std::string language; // "en", "pt-BR"; empty: of the environment
  std::string color = "auto";
};
// Adds --lang and --color.
void add_common(CLI::App& app, CommonOptions& options);

Language language_of(const CommonOptions& options);
// --color, NO_COLOR, TERM=dumb, and whether standard output is a terminal.
bool wants_color(const CommonOptions& options);
std::size_t terminal_width();

// "aethel: PATH:LINE:COLUMN: message", and the hint; on stderr.
void print_failure(const Failure& failure);

struct LinkRequest {
  std::optional<std::string> path; // none: the repository around the current folder
  unsigned threads = 0;
  std::string today; // YYYY-MM-DD; empty: the clock's
  Language language = Language::en;
};
// Opens the root and links it, with progress; failures and the found root are told on stderr.
struct Linked {
  OpenedRoot root; // owns the files that the report points into
  Report report;
};
std::expected<std::unique_ptr<Linked>, Exit> link_path(const LinkRequest& request);

} // namespace aethel
