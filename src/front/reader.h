// Readers: tree -> facts, one file an artifact kind. Each `front/<name>.cc` defines
// `const Reader <name>`; the build makes the table. Several readers may claim one file.
#pragma once

#include "model/facts.h"
#include "model/source.h"

#include <span>
#include <string_view>

namespace aethel {

struct Reader {
  std::string_view name;
  // Decides by the path alone: only files that some reader claims are opened.
  bool (*claims)(std::string_view path);
  // Decides by the first bytes, for a claimed file. Null: every claimed file.
  bool (*accepts)(std::string_view path, std::string_view head);
  // Adds what the file says. Never fails; problems go into the facts.
  void (*read)(const Source& source, FileId file, FileFacts& facts);
  // Also in repositories that lie inside this one: nothing there runs, but what it holds was
  // committed all the same.
  bool in_nested = false;
};

namespace readers {
std::span<const Reader* const> all();
}

} // namespace aethel
