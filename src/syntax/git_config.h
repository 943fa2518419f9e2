// The syntax of .git/config and .gitmodules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct GitSetting {
  std::string section;    // lowercase: "submodule"
  std::string subsection; // as written: "libs/core"
  std::string key;        // lowercase: "path"
  std::string value;
};

// In order; a later setting wins. Lines that are not understood are left out.
std::vector<GitSetting> parse_git_config(std::string_view text);

} // namespace aethel
