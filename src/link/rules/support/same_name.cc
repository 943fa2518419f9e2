#include "link/rules/support/same_name.h"

namespace aethel {

std::string only_file_named(const Program& program, std::string_view path) {
  const std::string_view name = file_name(path);
  std::string found;
  for (const TreeEntry& entry : program.tree.entries()) {
    if (!entry.path.ends_with(name) || !entry.is_ours() || file_name(entry.path) != name) continue;
    if (!found.empty()) return {};
    found = entry.path;
  }
  return found;
}

} // namespace aethel
