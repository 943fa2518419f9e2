#include "link/render/compose_path.h"

namespace aethel::compose {
namespace {

bool is_entry_of(const Path& path, std::string_view section) {
  return path.depth() == 2 && path.up().part() == section;
}

bool is_container(const Path& path) {
  return path.depth() == 4 && path.up().part() == "pre_start" &&
         is_entry_of(path.up().up(), "services");
}

} // namespace

std::size_t Path::depth() const {
  std::size_t depth = 0;
  for (const Path* at = this; !at->is_root(); at = at->up_) ++depth;
  return depth;
}

bool Path::matches(std::string_view pattern) const {
  const Path* at = this;
  for (;;) {
    if (pattern == "S") return is_entry_of(*at, "services");
    if (pattern == "W") return is_entry_of(*at, "services") || is_entry_of(*at, "jobs");
    if (pattern == "C")
      return is_entry_of(*at, "services") || is_entry_of(*at, "jobs") || is_container(*at);
    if (at->is_root()) return false;
    const std::size_t dot = pattern.rfind('.');
    const std::string_view part = pattern.substr(dot == std::string_view::npos ? 0 : dot + 1);
    if (part != "*" && part != at->part_) return false;
    at = at->up_;
    if (dot == std::string_view::npos) return at->is_root();
    pattern = pattern.substr(0, dot);
  }
}

std::string Path::dotted() const {
  if (is_root()) return {};
  std::string text = up_->dotted();
  if (!text.empty()) text += '.';
  return text += part_;
}

} // namespace aethel::compose
