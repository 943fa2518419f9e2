#include "config/check.h"

#include "base/files.h"
#include "base/nearest.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace aethel {
namespace {

std::optional<Complaint> check_known(std::string_view what, std::string_view value,
                                     std::span<const std::string_view> names) {
  if (names.empty() || std::ranges::find(names, value) != names.end()) return {};
  return Complaint{fmt::format("unknown {} \"{}\"", what, value), suggest(value, names)};
}

std::optional<Complaint> check_path(std::string_view value) {
  if (value.starts_with('/'))
    return Complaint{fmt::format("\"{}\" is not a path inside the repository", value),
                     "write it from the root of the repository, without a \"/\" before it"};
  if (is_outside(join_path("", value)))
    return Complaint{fmt::format("\"{}\" leads out of the repository", value),
                     "paths begin at the root of the repository"};
  return {};
}

} // namespace

std::string suggest(std::string_view name, std::span<const std::string_view> names) {
  constexpr std::size_t readable = 12; // on a line
  std::string meant = did_you_mean(name, names);
  if (!meant.empty() || names.size() > readable) return meant;
  return fmt::format("known are {}", fmt::join(names, ", "));
}

std::optional<Complaint> check_shape(Shape shape, std::string_view value,
                                     const Vocabulary& vocabulary) {
  switch (shape) {
  case Shape::text:
  case Shape::pattern: return {};
  case Shape::path: return check_path(value);
  case Shape::stage: return check_known("stage", value, stage_names);
  case Shape::kind: return check_known("kind", value, vocabulary.kinds);
  case Shape::rule: return check_known("rule", value, vocabulary.rules);
  case Shape::date:
    if (parse_date(value)) return {};
    return Complaint{fmt::format("\"{}\" is not a date", value),
                     "write year, month and day: 2027-01-31"};
  }
  return {};
}

} // namespace aethel
