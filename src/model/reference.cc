#include "model/reference.h"

namespace aethel {

std::string_view name_of(OutcomeState state) {
  constexpr std::string_view names[] = {"resolved", "undefined", "duplicate", "ambiguous",
                                        "external", "dynamic",   "unknown"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view name_of(Requirement::State state) {
  constexpr std::string_view names[] = {"satisfied", "placeholder", "unverified"};
  return names[static_cast<std::size_t>(state)];
}

} // namespace aethel
