// Manifests of packages and Makefiles, as far as commands refer into them.
#pragma once

#include "syntax/mapped_text.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::steps {

struct PackageScript {
  std::string name;
  MappedText text;
};

struct Package {
  std::string name;
  std::vector<PackageScript> scripts;
  std::vector<std::string> workspaces;   // patterns
  std::vector<std::string> dependencies; // of all kinds
  bool readable = true;                  // false: no JSON, so nothing follows from what is absent

  const PackageScript* script(std::string_view wanted) const;
};

Package read_package(std::string_view bytes);

struct Makefile {
  std::vector<std::string> targets;
  std::vector<std::string> patterns; // `%.o`
  bool open = false; // includes others, or has targets with variables in their names
  bool has(std::string_view target) const;
};

Makefile read_makefile(std::string_view bytes);

} // namespace aethel::steps
