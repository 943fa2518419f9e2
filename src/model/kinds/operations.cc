#include "model/kind.h"

namespace aethel::kinds {

namespace {
constexpr Kind entries[] = {
    // Named after the service whose data it copies.
    {"backup", "backup", "backup", Scope::repository, "absent-backup"},
};
} // namespace

extern constinit const KindFamily operations;
constinit const KindFamily operations{entries};

} // namespace aethel::kinds
