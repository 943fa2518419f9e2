// docker/build-push-action: which context it passes to which Dockerfile.
// Source: https://github.com/docker/build-push-action#inputs
#pragma once

#include "model/image_build.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

// Text with `${{ }}` left in it is not known.
struct ImageActionInput {
  std::string text;
  Span span;
};
using ImageActionInputs = std::function<std::optional<ImageActionInput>(std::string_view name)>;

// The values of an input with one a line: without blanks around them, without empty ones.
std::vector<std::string> lines_of(std::string_view text);
std::string_view trimmed(std::string_view text);
bool is_open(std::string_view text); // an expression, or one of metadata-action, is left in it

// The build of a step. `span`: of its `uses`.
BuildCommand image_action(const Span& span, const ImageActionInputs& input);

} // namespace aethel
