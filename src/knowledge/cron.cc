#include "knowledge/cron.h"

#include "knowledge/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace aethel::knowledge {
namespace {

struct Field {
  int least, most;
  std::string_view names; // three letters each, from the least value on
};
constexpr std::array<Field, 5> fields = {{{0, 59, ""},
                                          {0, 23, ""},
                                          {1, 31, ""},
                                          {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                                          {0, 7, "sunmontuewedthufrisat"}}};

std::optional<int> value_of(std::string_view text, const Field& field) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && text.front() != '-')
    return value >= field.least && value <= field.most ? std::optional(value) : std::nullopt;
  if (text.size() != 3) return {};
  for (std::size_t i = 0; i < field.names.size(); i += 3)
    if (std::ranges::equal(text, field.names.substr(i, 3), {},
                           [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }))
      return field.least + static_cast<int>(i / 3);
  return {};
}

bool is_part(std::string_view text, const Field& field) {
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::string_view step = text.substr(slash + 1);
    int value = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), value);
    if (error != std::errc() || end != step.data() + step.size() || value < 1) return false;
    text = text.substr(0, slash);
  }
  if (text == "*") return true;
  if (text.empty()) return false;
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return value_of(text, field).has_value();
  if (dash == 0 || dash + 1 == text.size()) return false;
  const auto from = value_of(text.substr(0, dash), field);
  const auto to = value_of(text.substr(dash + 1), field);
  return from && to && *from <= *to;
}

} // namespace

bool is_cron(std::string_view text) {
  const std::vector<std::string_view> parts = words(text);
  if (parts.size() != fields.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty() || parts[i].front() == ',' || parts[i].back() == ',') return false;
    for (const std::string_view part : words(parts[i], ","))
      if (!is_part(part, fields[i])) return false;
  }
  return true;
}

} // namespace aethel::knowledge
