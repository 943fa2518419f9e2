// Compose files: docker-compose.yml and its many relatives.
#include "front/reader.h"
#include "front/support/compose_text.h"
#include "front/support/suppressions.h"
#include "front/support/yaml_node.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace aethel::readers {
namespace {

bool claims(std::string_view path) {
  // A workflow may be called compose-stage.yml; GitHub reads nothing else there.
  if (path.find(".github/") != std::string_view::npos) return false;
  std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.ends_with(".yml"))
    name.remove_suffix(4);
  else if (name.ends_with(".yaml"))
    name.remove_suffix(5);
  else
    return false;
  return name == "compose" || name.starts_with("compose.") || name.starts_with("compose-") ||
         name.starts_with("compose_") || name.starts_with("docker-compose") ||
         name.starts_with("docker_compose") || name.ends_with(".compose") ||
         name.ends_with("-compose") || name.ends_with("_compose");
}

// A key of compose's top level at the start of a line, unless a Kubernetes object says what
// it is (`kind:`; Kompose and Docker's operator name such files so).
bool accepts(std::string_view, std::string_view head) {
  static constexpr std::array keys = {
      "services:", "include:", "networks:", "volumes:", "configs:", "secrets:", "models:", "jobs:"};
  bool found = false;
  while (!head.empty()) {
    const std::size_t newline = head.find('\n');
    std::string_view line = head.substr(0, newline);
    head = newline == std::string_view::npos ? std::string_view() : head.substr(newline + 1);
    if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    if (line.starts_with("apiVersion:") || line.starts_with("kind:")) return false;
    for (std::string_view key : keys) {
      std::string_view rest = line;
      const char quote = rest.empty() ? '\0' : rest.front();
      if (quote == '"' || quote == '\'') rest.remove_prefix(1);
      key.remove_suffix(1);
      if (!rest.starts_with(key)) continue;
      rest.remove_prefix(key.size());
      if ((quote == '"' || quote == '\'') && rest.starts_with(quote)) rest.remove_prefix(1);
      rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
      found |= rest.starts_with(':');
    }
    found |= line.starts_with("x-") || line.starts_with('{');
  }
  return found;
}

void read(const Source& source, FileId file, FileFacts& facts) {
  YamlDocuments documents = read_yaml_documents(source, file, compose_dialect);
  for (Node& document : documents.documents) facts.documents.push_back(std::move(document));
  for (FileProblem& problem : documents.problems) facts.problems.push_back(std::move(problem));
  for (Suppression& suppression : read_suppressions(source, file, documents.comments))
    facts.suppressions.push_back(std::move(suppression));
}

} // namespace

extern constinit const Reader compose;
constinit const Reader compose{
    .name = "compose", .claims = claims, .accepts = accepts, .read = read};

} // namespace aethel::readers
