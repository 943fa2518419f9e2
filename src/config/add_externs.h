// `aethel externs --write`: new entries for a file that people wrote by hand. Nothing that
// stands there is changed: comments, order, quotes, ends of lines.
#pragma once

#include "base/result.h"

#include <span>
#include <string>
#include <string_view>

namespace aethel {

struct NewExtern {
  std::string kind;
  std::string name;    // a glob: escape_glob() for a name with special characters
  std::string in = {}; // path pattern; empty: everywhere
  std::string reason = {};
  std::string evidence =
      {}; // a comment before the entry: "scripts/up.sh:3: docker network create web"
};

// `bytes` with the entries that no entry of `externs` covers yet; the same bytes when all are
// covered. Fails when the file is not YAML, or has a shape to which nothing can be added.
Result<std::string> add_externs(std::string_view bytes, std::span<const NewExtern> externs);

} // namespace aethel
