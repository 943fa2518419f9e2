// Sentences that belong to no rule: evidence, verdicts, headings. English and Portuguese.
#pragma once

#include "link/finding.h"

#include <string>
#include <string_view>

namespace aethel {

// Aborts on an unknown id: ids are literals of ours, and a test walks them all.
std::string phrase(std::string_view id, const Arguments& arguments, Language language);
std::span<const Message> all_phrases();

} // namespace aethel
