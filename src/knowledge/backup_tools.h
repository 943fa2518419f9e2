// Programs, images and settings by which a database gets copied: the evidence that somebody
// backs one up.
#pragma once

#include "base/range.h"

#include <string_view>
#include <vector>

namespace aethel {

struct BackupMention {
  std::string_view tool;  // "pg_dump"
  std::string_view store; // the product of servers.tsv that it copies, or "*"
  Range range;
};

// Whole words of the table in a text, in order. Letters, digits, '_' and '-' belong to a word.
std::vector<BackupMention> find_backup_tools(std::string_view text);

} // namespace aethel
