// `# aethel: ignore[rule-a, rule-b] reason`: at the end of a line it covers that line, alone
// on a line the next one that is neither blank nor a comment. Without brackets it covers
// every rule. One form for all languages whose comments go to the end of the line.
#pragma once

#include "base/range.h"
#include "model/facts.h"
#include "model/source.h"

#include <vector>

namespace aethel {

// `comments`: from the comment's sign to the end of its line, in order.
std::vector<Suppression> read_suppressions(const Source& source, FileId file,
                                           const std::vector<Range>& comments);

} // namespace aethel
