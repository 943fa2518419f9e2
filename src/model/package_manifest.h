// A package.json, as far as others refer to it: the scripts that it has, what it depends on.
// Source: https://docs.npmjs.com/cli/v11/configuring-npm/package-json
#pragma once

#include "model/source.h"
#include "syntax/mapped_text.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct PackageScript {
  std::string name;
  MappedText command; // as the shell gets it, with the places of its bytes
  Span span;          // of the command, without quotes
};

struct PackageManifest {
  std::string name;
  std::string manager; // "pnpm" of `"packageManager": "pnpm@9.1.0"`; empty when it does not say
  std::vector<PackageScript> scripts;
  std::vector<std::string> dependencies; // of all kinds
  bool has_workspaces = false;

  const PackageScript* script(std::string_view wanted) const {
    for (const PackageScript& each : scripts)
      if (each.name == wanted) return &each;
    return nullptr;
  }
};

} // namespace aethel
