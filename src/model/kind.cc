#include "model/kind.h"

#include <cstdio>
#include <cstdlib>

namespace aethel {

const Kind& kind_named(std::string_view name) {
  for (const KindFamily* family : kinds::all())
    for (const Kind& kind : family->kinds)
      if (kind.name == name) return kind;
  std::fprintf(stderr, "aethel: no kind \"%.*s\"\n", static_cast<int>(name.size()), name.data());
  std::abort();
}

} // namespace aethel
