// Whether one value has the shape that its key asks for.
#pragma once

#include "config/section.h"

#include <optional>
#include <string>
#include <string_view>

namespace aethel {

struct Complaint {
  std::string message;
  std::string hint;
};

// `value` is a text that is not empty.
std::optional<Complaint> check_shape(Shape shape, std::string_view value,
                                     const Vocabulary& vocabulary);

// `did you mean "x"?`, or all of the names when none is near, or "" when they are too many.
std::string suggest(std::string_view name, std::span<const std::string_view> names);

} // namespace aethel
