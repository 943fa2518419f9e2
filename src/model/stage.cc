#include "model/stage.h"

namespace aethel {
namespace {

constexpr std::string_view priorities[] = {"P0", "P1", "P2", "none"};
constexpr std::string_view confidences[] = {"certain", "likely", "possible"};
constexpr std::string_view categories[] = {
    "config", "secrets", "cicd", "monitoring", "backup", "tls", "health", "kubernetes", "infra"};

} // namespace

std::string_view name_of(Confidence confidence) {
  return confidences[static_cast<std::size_t>(confidence)];
}
std::string_view name_of(Priority priority) {
  return priorities[static_cast<std::size_t>(priority)];
}
std::string_view name_of(Category category) {
  return categories[static_cast<std::size_t>(category)];
}

std::optional<Priority> parse_priority(std::string_view name) {
  for (std::size_t i = 0; i < std::size(priorities); ++i)
    if (priorities[i] == name ||
        (name.size() == 2 && name[0] == 'p' && name[1] == priorities[i][1]))
      return static_cast<Priority>(i);
  return {};
}

} // namespace aethel
