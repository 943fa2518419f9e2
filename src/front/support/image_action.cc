#include "front/support/image_action.h"

#include <algorithm>
#include <vector>

namespace aethel {
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\r')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = trimmed(text.substr(at, end - at));
    if (!line.empty()) lines.emplace_back(line);
    at = end + 1;
  }
  return lines;
}

bool is_open(std::string_view text) { return text.contains("${{") || text.contains("{{"); }

namespace {

// `${{ github.workspace }}/web` is "web".
std::string without_workspace(std::string text) {
  for (const std::string_view root : {"${{ github.workspace }}", "${{github.workspace}}"})
    if (text.starts_with(root)) {
      text.erase(0, root.size());
      while (text.starts_with('/')) text.erase(0, 1);
      return text.empty() ? "." : text;
    }
  return text;
}

} // namespace

BuildCommand image_action(const Span& span, const ImageActionInputs& input) {
  BuildCommand build{.context = ".", .span = span, .file_span = span, .context_span = span};
  const auto given = [&](std::string_view name) {
    auto found = input(name);
    if (found && found->text.empty()) found.reset();
    return found;
  };
  if (const auto context = given("context")) {
    build.context = without_workspace(context->text);
    build.context_known = !is_open(build.context);
    build.context_span = build.file_span = context->span;
  }
  if (const auto path = given("file")) {
    build.file = without_workspace(path->text);
    build.file_known = !is_open(build.file);
    build.file_span = path->span;
  }
  if (const auto target = given("target")) {
    build.target_known = !is_open(target->text);
    if (build.target_known) build.target = target->text;
    build.target_span = target->span;
  }
  if (const auto arguments = given("build-args")) {
    for (const std::string& line : lines_of(arguments->text)) {
      const std::size_t equals = line.find('=');
      const bool known = equals != std::string::npos && !is_open(line);
      build.arguments.emplace_back(line.substr(0, equals),
                                   known ? std::optional(line.substr(equals + 1)) : std::nullopt);
      build.options_known = build.options_known && !is_open(line.substr(0, equals));
    }
    build.arguments_span = arguments->span;
  }
  if (const auto contexts = given("build-contexts"))
    for (const std::string& line : lines_of(contexts->text))
      build.contexts.push_back(line.substr(0, line.find('=')));
  if (const auto tags = given("tags"))
    for (const std::string& line : lines_of(tags->text)) build.tags.push_back(line);
  return build;
}

} // namespace aethel
