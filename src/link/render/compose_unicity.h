// Lists that hold one entry a key.
#pragma once

#include "link/render/compose_context.h"
#include "link/render/compose_path.h"

#include <optional>

namespace aethel::compose {

// The key of an item; nullopt when it cannot have one, which compose rejects.
using KeyOf = std::optional<std::string> (*)(const Node& item);

// What stands before the first '='.
std::optional<std::string> key_of_assignment(const Node& item);

// One entry a key: the last one, where the first was.
void keep_last(Context& context, Node& list, const Path& path, KeyOf key_of);

} // namespace aethel::compose
