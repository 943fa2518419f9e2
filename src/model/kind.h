// The typed table of kinds: what can be defined and referred to, in which scope a
// definition satisfies a reference. It stands below the readers that state facts and the
// linker that joins them. One file of model/kinds/ a kind family.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace aethel {

enum class Scope : std::uint8_t {
  repository, // the tree of files
  target,     // one compose project, one kustomization
  environment // targets that run together
};

struct Kind {
  std::string_view name; // "service"; unique
  std::string_view noun_en;
  std::string_view noun_pt;
  Scope scope;
  std::string_view undefined_rule; // the rule that reports a reference nothing satisfies
};

struct KindFamily {
  std::span<const Kind> kinds;
};

namespace kinds {
std::span<const KindFamily* const> all();
}

// The kind of that name; the program aborts when there is none, as names are literals of ours.
const Kind& kind_named(std::string_view name);

} // namespace aethel
