#include "model/kind.h"

namespace aethel::kinds {

namespace {
constexpr Kind entries[] = {
    {"path", "path", "caminho", Scope::repository, "undefined-path"},
};
} // namespace

extern constinit const KindFamily files;
constinit const KindFamily files{entries};

} // namespace aethel::kinds
