// How compose puts one tree over another (compose-go's override/merge.go), and how lists
// keep one entry a key afterwards (override/uncity.go).
#pragma once

#include "link/render/compose_context.h"
#include "link/render/compose_path.h"

namespace aethel::compose {

enum class Join : std::uint8_t {
  file,    // a later file or document of the project over the earlier ones
  include, // what the including file says over what it includes
  extends, // a service over the one that it extends
  hook     // a pre_start hook over its service
};

// Puts `over` on `base`. What cannot be joined is reported, and `over` is taken.
void merge(Context& context, Join join, Node& base, Node over, const Path& path);

// One entry a key in the lists that compose keeps unique: the last one, where the first was.
void enforce_unicity(Context& context, Node& tree);

} // namespace aethel::compose
