// Any bytes as the files of a compose project: rendering ends, and every place lies in its file.
#include "link/render/compose.h"
#include "link/render/compose_files.h"
#include "link/render/compose_mask.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace aethel;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Files {
  MemoryFiles content;
  std::vector<std::string> paths;

  void add(std::string path, std::string bytes) {
    if (std::ranges::find(paths, path) != paths.end()) return;
    content.write(path, std::move(bytes));
    paths.push_back(std::move(path));
  }
};

// Files after lines `-- NAME --`, as in tests/compose/cases; what stands before is compose.yaml.
void lay_out(std::string_view text, Files& files) {
  std::string name = "compose.yaml";
  std::string bytes;
  const auto finish = [&] {
    std::string path = join_path("", name);
    if (!path.empty() && !is_outside(path)) files.add(std::move(path), std::move(bytes));
    bytes.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.size() > 6 && line.starts_with("-- ") && line.ends_with(" --")) {
      finish();
      name = line.substr(3, line.size() - 6);
    } else {
      bytes += text.substr(0, std::min(end + 1, text.size()));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  finish();
  std::ranges::sort(files.paths);
}

void check_span(const Sources& sources, Span span) {
  require(span.range.begin <= span.range.end);
  if (!span.file) return;
  require(span.file.value < sources.size());
  const auto source = sources.load(span.file);
  require(source.has_value() && span.range.end <= (*source)->bytes().size());
}

void check_node(const Sources& sources, const Node& node) {
  check_span(sources, node.origin.written);
  for (auto step = node.origin.last; step; step = step->before) check_span(sources, step->span);
  for (const Piece& piece : node.text.pieces()) check_span(sources, piece.span);
  for (const Member& member : node.members) {
    check_span(sources, member.key_span);
    check_node(sources, member.value);
  }
  for (const Node& item : node.items) check_node(sources, item);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Files files;
  lay_out({reinterpret_cast<const char*>(data), size}, files);
  const Sources sources(files.content, files.paths);
  ComposeRequest request{.files = default_compose_files(sources, ""), .root_name = "project"};
  for (const std::string& path : files.paths)
    if (request.files.size() < 3 && path.ends_with(".yaml") && !path.contains('/') &&
        std::ranges::find(request.files, path) == request.files.end())
      request.files.push_back(path);
  if (request.files.empty()) return 0;

  ComposeProject project = render_compose(sources, {}, request);
  check_node(sources, project.root);
  for (const ComposeProblem& problem : project.problems) check_span(sources, problem.span);
  for (const auto& use : project.uses) check_span(sources, use.origin.written);
  for (const auto& variable : project.variables) check_span(sources, variable.hole->span);
  require(std::ranges::is_sorted(project.files));
  require(compose_json(project, request).ends_with("}\n"));
  mask_secrets(project);
  require(compose_json(project, request).ends_with("}\n"));
  return 0;
}
