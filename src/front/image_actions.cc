// docker/build-push-action in workflows: which context it passes to which Dockerfile.
// Source: https://github.com/docker/build-push-action#inputs
#include "front/reader.h"

#include "base/files.h"
#include "syntax/yaml.h"

#include <algorithm>
#include <string_view>

namespace aethel::readers {
namespace {

bool claims(std::string_view path) {
  const bool yaml = path.ends_with(".yml") || path.ends_with(".yaml");
  const std::string_view folder = ".github/workflows/";
  return yaml && (path.starts_with(folder) || path.contains("/.github/workflows/"));
}

bool accepts(std::string_view, std::string_view bytes) {
  return bytes.contains("docker/build-push-action");
}

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

BuildCommand build_of(const yaml::Node& step, FileId file) {
  BuildCommand build{.context = ".", .span = {file, step.range}};
  if (const yaml::Node* uses = yaml::find(step, "uses")) build.span.range = uses->range;
  build.context_span = build.file_span = build.span;
  const yaml::Node* with = yaml::find(step, "with");
  if (with == nullptr || with->kind != yaml::Kind::mapping) return build;
  const auto input = [&](std::string_view name) -> const yaml::Node* {
    const yaml::Node* node = yaml::find(*with, name);
    return node != nullptr && node->kind == yaml::Kind::scalar && !node->value.empty() ? node
                                                                                       : nullptr;
  };
  if (const yaml::Node* node = input("context")) {
    build.context = without_workspace(node->value);
    build.context_known = !is_open(build.context);
    build.context_span = build.file_span = {file, node->range};
  }
  if (const yaml::Node* node = input("file")) {
    build.file = without_workspace(node->value);
    build.file_known = !is_open(build.file);
    build.file_span = {file, node->range};
  }
  if (const yaml::Node* node = input("target")) {
    build.target_known = !is_open(node->value);
    if (build.target_known) build.target = node->value;
    build.target_span = {file, node->range};
  }
  if (const yaml::Node* node = input("build-args"))
    for (const std::string& line : lines_of(node->value)) {
      const std::size_t equals = line.find('=');
      const bool known = equals != std::string::npos && !is_open(line);
      build.arguments.emplace_back(line.substr(0, equals),
                                   known ? std::optional(line.substr(equals + 1)) : std::nullopt);
      build.options_known = build.options_known && !is_open(line.substr(0, equals));
    }
  if (const yaml::Node* node = input("build-contexts"))
    for (const std::string& line : lines_of(node->value))
      build.contexts.push_back(line.substr(0, line.find('=')));
  if (const yaml::Node* node = input("tags"))
    for (const std::string& line : lines_of(node->value)) build.tags.push_back(line);
  return build;
}

void read(const Source& source, FileId file, FileFacts& facts) {
  const yaml::Stream stream = yaml::parse(source.bytes());
  if (stream.documents.empty() || stream.documents.front()->root == nullptr) return;
  const yaml::Node* jobs = yaml::find(*stream.documents.front()->root, "jobs");
  if (jobs == nullptr || jobs->kind != yaml::Kind::mapping) return;
  for (const yaml::Pair& job : jobs->pairs) {
    if (job.value->kind != yaml::Kind::mapping) continue;
    const yaml::Node* steps = yaml::find(*job.value, "steps");
    if (steps == nullptr || steps->kind != yaml::Kind::sequence) continue;
    for (const yaml::Node* step : steps->items) {
      if (step->kind != yaml::Kind::mapping) continue;
      const yaml::Node* uses = yaml::find(*step, "uses");
      if (uses != nullptr && uses->value.starts_with("docker/build-push-action@"))
        facts.build_commands.push_back(build_of(*step, file));
    }
  }
}

} // namespace

extern constinit const Reader image_actions;
constinit const Reader image_actions{
    .name = "image-action", .claims = claims, .accepts = accepts, .read = read};

} // namespace aethel::readers
