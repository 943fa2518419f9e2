// Report formats: one file of link/report/ a format.
#pragma once

#include "link/passes.h"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace aethel {

struct ReportOptions {
  Language language = Language::en;
  bool verbose = false; // every finding, requirement and target, not the first ones
  bool color = false;
  std::size_t width = 100;       // columns of the terminal
  std::string_view version = {}; // of this program
  // The linked folder as seen from the top of its repository, "" when it is that: what services
  // that show findings beside the files of a repository put in front of paths.
  std::string_view prefix = {};
  // The outcome of the run, for formats that tell it.
  int exit_code = 0;
  Priority fail_on = Priority::p0; // the least priority that fails the run
  bool allow_unanalysed = false;
};

struct ReportFormat {
  std::string_view name; // of --format
  std::string_view summary_en;
  std::string (*write)(const Report& report, const ReportOptions& options);
};

namespace formats {
std::span<const ReportFormat* const> all();
}

// What a report of any format says first.
enum class Verdict : std::uint8_t { ready, not_ready, unknown };
Verdict verdict_of(const Report& report);
std::string_view name_of(Verdict verdict); // "ready", "not-ready", "unknown"

struct Summary {
  std::array<std::size_t, 3> by_priority{}; // P0, P1, P2
  std::array<std::array<std::size_t, 3>, category_count> by_category{};
  std::array<std::size_t, outcome_count> references{};
  Hours effort;
};
Summary summarise(const Report& report);
// Of the phrase "baseline-counts"; only with a baseline.
Arguments baseline_arguments(const Report& report);
Category category_of(const Finding& finding);
// Whether the finding lets the run fail: its priority, and that no baseline has it.
bool fails(const Finding& finding, Priority fail_on);
// Words of a finding: its own, its advice ("" for none), and those beside a related place.
std::string words_of(const Finding& finding, Language language);
std::string help_of(const Finding& finding, Language language);
std::string words_of(const Finding& finding, const Related& related, Language language);

} // namespace aethel
