#include "model/kind.h"

namespace aethel::kinds {

namespace {
// What builds push: "ghcr.io/acme/web:1.2". `*` stands for what only a run knows.
constexpr Kind entries[] = {
    {"image", "image", "imagem", Scope::repository, "undefined-image"},
};
} // namespace

extern constinit const KindFamily images;
constinit const KindFamily images{entries};

} // namespace aethel::kinds
