// The text of new entries of `externs`.
#pragma once

#include "config/add_externs.h"

#include <cstddef>
#include <span>
#include <string>

namespace aethel {

struct Layout {
  std::string line_end;
  std::string indent;         // before "-", or before an entry in brackets
  std::size_t dash_width = 2; // "- "
};

std::string block_entries(std::span<const NewExtern> entries, const Layout& layout);
// Each on its own line and with a comma behind, to stand before whatever is in the brackets.
std::string flow_entries(std::span<const NewExtern> entries, const Layout& layout);

} // namespace aethel
