#include "model/kind.h"

namespace aethel::kinds {

namespace {
constexpr Kind entries[] = {
    {"service", "service", "serviço", Scope::target, "undefined-service"},
    {"network", "network", "rede", Scope::target, "undefined-network"},
    {"volume", "volume", "volume", Scope::target, "undefined-volume"},
    {"config", "config", "config", Scope::target, "undefined-config"},
    {"secret", "secret", "secret", Scope::target, "undefined-secret"},
    {"build-stage", "build stage", "estágio de build", Scope::repository, "undefined-build-stage"},
};
} // namespace

extern constinit const KindFamily compose;
constinit const KindFamily compose{entries};

} // namespace aethel::kinds
