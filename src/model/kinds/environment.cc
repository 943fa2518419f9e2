#include "model/kind.h"

namespace aethel::kinds {

namespace {
constexpr Kind entries[] = {
    {"variable", "variable", "variável", Scope::target, "undefined-variable"},
};
} // namespace

extern constinit const KindFamily environment;
constinit const KindFamily environment{entries};

} // namespace aethel::kinds
