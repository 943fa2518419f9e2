#include "knowledge/image_tools.h"

#include "knowledge/images.h"
#include "knowledge/table.h"

#include <algorithm>

namespace aethel {

namespace data {
extern const std::string_view image_tools;
extern const std::string_view tool_packages;
} // namespace data

namespace {

bool names(std::string_view cell, std::string_view tool) {
  const auto words = knowledge::words(cell);
  return std::ranges::find(words, tool) != words.end();
}

ToolPresence look_up(const knowledge::Table::Row& row, std::string_view tool) {
  if (names(row["has"], tool)) return ToolPresence::there;
  if (names(row["lacks"], tool) || names(row["lacks"], "*")) return ToolPresence::lacking;
  return ToolPresence::unknown;
}

} // namespace

ToolPresence find_tool(std::string_view image, std::string_view tool) {
  static const knowledge::Table table(data::image_tools);
  const auto reference = parse_image(image);
  // A digest alone may be that of any variant.
  if (!reference || (reference->tag.empty() && !reference->digest.empty()))
    return ToolPresence::unknown;
  const std::string name = image == "scratch" ? "scratch" : upstream_name(*reference);
  for (const auto& row : table.rows()) {
    if (!knowledge::matches(row["pattern"], name)) continue;
    if (tag_satisfies(row["tag"], *reference)) return look_up(row, tool);
  }
  return ToolPresence::unknown;
}

std::optional<std::vector<std::string_view>> tools_of_package(std::string_view package) {
  static const knowledge::Table table(data::tool_packages);
  // postgresql16-client, postgresql-client-16
  if (package.starts_with("postgresql") && package.contains("-client"))
    package = "postgresql-client";
  for (const auto& row : table.rows())
    if (row["package"] == package) return knowledge::words(row["tools"]);
  return std::nullopt;
}

} // namespace aethel
