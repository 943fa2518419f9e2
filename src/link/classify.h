// Whose a file is: ours, or other people's, or made by a program.
#pragma once

#include "model/tree.h"
#include "syntax/gitattributes.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct ForeignDirectory {
  std::string_view path; // a part of one of the paths it was found in
  FileClass file_class;
};

// The topmost directories that are not ours, by path. `paths`: all files, in order.
// `repositories`: directories known to hold a repository, by their own `.git` or because
// .gitmodules names them.
std::vector<ForeignDirectory> foreign_directories(std::span<const std::string_view> all,
                                                  std::vector<std::string> repositories);

// Sets class, binary and documentation of each entry, and returns what is not ours, whole
// directories as one. `prefix`: of the tree in the working tree of the attributes.
std::vector<Skipped> classify(std::span<TreeEntry> entries,
                              std::span<const ForeignDirectory> foreign,
                              const AttributeRules& attributes, std::string_view prefix);

// Names that hold other people's files in any repository ("node_modules"): not even listed
// when nothing in them is tracked.
bool is_always_foreign(std::string_view directory_name);

} // namespace aethel
