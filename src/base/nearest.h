// "did you mean": the known name that was probably meant.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace aethel {

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, no
// byte edited twice. Values over `limit` come back as `limit` + 1.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

class Nearest {
public:
  explicit Nearest(std::string_view name) : name_(name) {}
  void consider(std::string_view candidate);
  // The first of the best; nothing when all are too far away to be meant.
  const std::optional<std::string>& best() const { return best_; }

private:
  std::string_view name_;
  std::optional<std::string> best_;
  std::size_t distance_ = std::numeric_limits<std::size_t>::max();
};

template <class Names>
std::optional<std::string> nearest(std::string_view name, const Names& candidates) {
  Nearest search(name);
  for (const auto& candidate : candidates) search.consider(candidate);
  return search.best();
}

// `did you mean "targets"?`, or "" without a candidate that is near enough.
template <class Names> std::string did_you_mean(std::string_view name, const Names& candidates) {
  const std::optional<std::string> found = nearest(name, candidates);
  return found ? "did you mean \"" + *found + "\"?" : std::string();
}

} // namespace aethel
