#include "model/kind.h"

namespace aethel::kinds {

namespace {
constexpr Kind entries[] = {
    {"package-script", "script of a package", "script de um pacote", Scope::repository,
     "undefined-package-script"},
    {"make-target", "target of make", "alvo do make", Scope::repository, "undefined-make-target"},
};
} // namespace

extern constinit const KindFamily steps;
constinit const KindFamily steps{entries};

} // namespace aethel::kinds
