#include "base/nearest.h"

#include <algorithm>
#include <vector>

namespace aethel {
namespace {

// No name of ours is longer; what is compared may be a pasted file.
constexpr std::size_t longest = 128;
// Above every distance that is accepted: an abbreviation is a guess, an edit is evidence.
constexpr std::size_t abbreviation = longest;

std::string folded(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = '-';
  }
  return lower;
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > limit) return limit + 1;
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] =
          std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
      least = std::min(least, now[j]);
    }
    // A swap may still reach back over one row, at one more than that row's least.
    if (least > limit + 1) return limit + 1;
    before.swap(last);
    last.swap(now);
  }
  return std::min(last[b.size()], limit + 1);
}

void Nearest::consider(std::string_view candidate) {
  if (name_.empty() || name_.size() > longest || candidate.size() > longest) return;
  const std::string name = folded(name_), other = folded(candidate);
  // One edit in three bytes: with more, "port" would become "host".
  const std::size_t limit = std::max(name.size(), other.size()) / 3;
  std::size_t distance = edit_distance(name, other, limit);
  if (distance > limit) {
    // "prod", "dev"; two letters begin too many words.
    if (name.size() < 3 || !other.starts_with(name)) return;
    distance = abbreviation;
  }
  if (distance >= distance_) return;
  distance_ = distance;
  best_ = candidate;
}

} // namespace aethel
