#include "config/extern_text.h"

#include "config/scalar.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel {
namespace {

std::string comment_of(const NewExtern& entry, const Layout& layout) {
  if (entry.evidence.empty()) return {};
  std::string text = is_utf8(entry.evidence) ? entry.evidence : "evidence that is not UTF-8";
  // A quoted scalar shows whether the text has characters that would end the comment.
  if (write_scalar(text, Context::block).starts_with('"'))
    text = write_scalar(text, Context::block);
  return layout.indent + "# " + text + layout.line_end;
}

std::vector<std::string> members_of(const NewExtern& entry, Context context) {
  std::vector<std::string> members;
  const std::array<std::pair<std::string_view, std::string_view>, 4> all = {
      {{"kind", entry.kind}, {"name", entry.name}, {"in", entry.in}, {"reason", entry.reason}}};
  for (const auto& [key, value] : all)
    if (!value.empty()) members.push_back(std::string(key) + ": " + write_scalar(value, context));
  return members;
}

} // namespace

std::string block_entries(std::span<const NewExtern> entries, const Layout& layout) {
  std::string text;
  for (const NewExtern& entry : entries) {
    text += comment_of(entry, layout);
    bool first = true;
    for (const std::string& member : members_of(entry, Context::block)) {
      text += layout.indent;
      text += (first ? "-" : " ") + std::string(layout.dash_width - 1, ' ');
      text += member + layout.line_end;
      first = false;
    }
  }
  return text;
}

std::string flow_entries(std::span<const NewExtern> entries, const Layout& layout) {
  std::string text = layout.line_end;
  for (const NewExtern& entry : entries) {
    text += comment_of(entry, layout) + layout.indent + "{";
    bool first = true;
    for (const std::string& member : members_of(entry, Context::flow)) {
      text += (first ? "" : ", ") + member;
      first = false;
    }
    text += "},";
    if (&entry != &entries.back()) text += layout.line_end;
  }
  return text;
}

} // namespace aethel
