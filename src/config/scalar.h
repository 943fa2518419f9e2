// Types of plain scalars, as YAML 1.2 has them: what editors and the JSON Schema see.
#pragma once

#include "syntax/yaml.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace aethel {

enum class ScalarKind : std::uint8_t { text, null, boolean, number };

// Source: https://yaml.org/spec/1.2.2/#1032-tag-resolution (core schema).
ScalarKind plain_kind(std::string_view value);
ScalarKind scalar_kind(const yaml::Node& scalar);

enum class Context : std::uint8_t { block, flow };

// `text` as a YAML scalar on one line: plain where every reader, of 1.1 as of 1.2, takes it
// for this text, else quoted. `text` must be UTF-8.
std::string write_scalar(std::string_view text, Context context);

bool is_utf8(std::string_view text);

} // namespace aethel
