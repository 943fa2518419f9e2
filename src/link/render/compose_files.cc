#include "link/render/compose_files.h"

#include "base/files.h"
#include "link/render/compose_environment.h"

#include <array>

namespace aethel {
namespace {

constexpr std::array default_names = {"compose.yaml", "compose.yml", "docker-compose.yml",
                                      "docker-compose.yaml"};
constexpr std::array override_names = {"compose.override.yml", "compose.override.yaml",
                                       "docker-compose.override.yml",
                                       "docker-compose.override.yaml"};

template <std::size_t size>
std::optional<std::string> first_of(const Sources& sources, std::string_view directory,
                                    const std::array<const char*, size>& names) {
  for (const char* name : names)
    if (std::string path = join_path(directory, name); sources.find(path)) return path;
  return std::nullopt;
}

} // namespace

std::vector<std::string> default_compose_files(const Sources& sources, std::string_view directory) {
  for (;;) {
    if (auto file = first_of(sources, directory, default_names)) {
      std::vector<std::string> files{std::move(*file)};
      if (auto override = first_of(sources, directory, override_names))
        files.push_back(std::move(*override));
      return files;
    }
    if (directory.empty()) return {};
    directory = parent_path(directory);
  }
}

std::optional<std::vector<std::string>>
compose_file_variable(const Sources& sources, std::string_view directory,
                      const std::vector<std::pair<std::string, std::string>>& environment,
                      const std::vector<std::string>& env_files) {
  const ComposeRequest request{.files = {},
                               .directory = std::string(directory),
                               .env_files = env_files,
                               .environment = environment};
  ComposeProject nothing;
  compose::Context context(sources, {}, request, nothing);
  const compose::Variables variables = compose::project_variables(context);
  const auto list = variables.find("COMPOSE_FILE");
  if (list == variables.end() || list->second.value.empty()) return std::nullopt;
  const auto separator = variables.find("COMPOSE_PATH_SEPARATOR");
  const std::string by = separator == variables.end() || separator->second.value.empty()
                             ? ":"
                             : separator->second.value;
  std::vector<std::string> files;
  std::string_view rest = list->second.value;
  for (;;) {
    const std::size_t end = rest.find(by);
    files.push_back(join_path(directory, rest.substr(0, end)));
    if (end == std::string_view::npos) return files;
    rest.remove_prefix(end + by.size());
  }
}

} // namespace aethel
