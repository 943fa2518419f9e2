#include "generate/merge.h"

#include <algorithm>
#include <fmt/format.h>

namespace aethel::generate {
namespace {

using Lines = std::vector<std::string_view>;

std::string joined(const Lines& lines, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) text += lines[i];
  return text;
}

// The state of each step of Myers' search, to walk back along the path.
class Search {
public:
  Search(const Lines& a, const Lines& b, std::size_t effort) : a_(a), b_(b), effort_(effort) {}

  // Pairs of equal lines in order; nothing when there are more edits than `effort`.
  bool run(std::vector<std::pair<std::size_t, std::size_t>>& equal) {
    const auto n = static_cast<std::ptrdiff_t>(a_.size()),
               m = static_cast<std::ptrdiff_t>(b_.size());
    const std::ptrdiff_t limit =
        std::min<std::ptrdiff_t>(n + m, static_cast<std::ptrdiff_t>(effort_));
    std::vector<std::ptrdiff_t> reach(static_cast<std::size_t>(2 * limit + 3), 0);
    const auto at = [&](std::ptrdiff_t k) -> std::ptrdiff_t& {
      return reach[static_cast<std::size_t>(k + limit + 1)];
    };
    for (std::ptrdiff_t d = 0; d <= limit; ++d) {
      for (std::ptrdiff_t k = -d; k <= d; k += 2) {
        const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
        std::ptrdiff_t x = down ? at(k + 1) : at(k - 1) + 1;
        while (x < n && x - k < m && same(x, x - k)) ++x;
        at(k) = x;
        if (x >= n && x - k >= m) {
          walk_back(n, m, equal);
          return true;
        }
      }
      // Only the part that this step reached.
      steps_.emplace_back(reach.begin() + limit + 1 - d, reach.begin() + limit + 2 + d);
    }
    return false;
  }

private:
  bool same(std::ptrdiff_t x, std::ptrdiff_t y) const {
    return a_[static_cast<std::size_t>(x)] == b_[static_cast<std::size_t>(y)];
  }

  void walk_back(std::ptrdiff_t x, std::ptrdiff_t y,
                 std::vector<std::pair<std::size_t, std::size_t>>& equal) const {
    for (auto d = static_cast<std::ptrdiff_t>(steps_.size()); d > 0; --d) {
      const auto& before = steps_[static_cast<std::size_t>(d - 1)];
      const auto at = [&](std::ptrdiff_t k) {
        const std::ptrdiff_t index = k + d - 1;
        const bool inside = index >= 0 && index < static_cast<std::ptrdiff_t>(before.size());
        return inside ? before[static_cast<std::size_t>(index)] : -1;
      };
      const std::ptrdiff_t k = x - y;
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      const std::ptrdiff_t from = down ? k + 1 : k - 1;
      const std::ptrdiff_t from_x = at(from), from_y = from_x - from;
      const std::ptrdiff_t start_x = down ? from_x : from_x + 1;
      const std::ptrdiff_t start_y = down ? from_y + 1 : from_y;
      while (x > start_x && y > start_y) add(--x, --y, equal);
      x = from_x;
      y = from_y;
    }
    while (x > 0 && y > 0) add(--x, --y, equal);
    std::ranges::reverse(equal);
  }

  static void add(std::ptrdiff_t x, std::ptrdiff_t y,
                  std::vector<std::pair<std::size_t, std::size_t>>& equal) {
    equal.emplace_back(static_cast<std::size_t>(x), static_cast<std::size_t>(y));
  }

  const Lines& a_;
  const Lines& b_;
  std::size_t effort_;
  std::vector<std::vector<std::ptrdiff_t>> steps_;
};

} // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::vector<Change> changes(const Lines& a, const Lines& b, std::size_t effort) {
  // Equal ends are cheap and most of it.
  std::size_t head = 0, tail = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  while (tail < a.size() - head && tail < b.size() - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
    ++tail;
  const Lines inner_a(a.begin() + static_cast<std::ptrdiff_t>(head),
                      a.end() - static_cast<std::ptrdiff_t>(tail));
  const Lines inner_b(b.begin() + static_cast<std::ptrdiff_t>(head),
                      b.end() - static_cast<std::ptrdiff_t>(tail));
  std::vector<std::pair<std::size_t, std::size_t>> equal;
  if (!Search(inner_a, inner_b, effort).run(equal)) equal.clear();
  equal.emplace_back(inner_a.size(), inner_b.size());
  std::vector<Change> found;
  std::size_t x = 0, y = 0;
  for (const auto& [to_x, to_y] : equal) {
    if (x < to_x || y < to_y)
      found.push_back(
          {.a_begin = head + x, .a_end = head + to_x, .b_begin = head + y, .b_end = head + to_y});
    x = to_x + 1;
    y = to_y + 1;
  }
  return found;
}

std::string unified_diff(std::string_view a_text, std::string_view b_text) {
  constexpr std::size_t context = 3;
  const Lines a = lines_of(a_text), b = lines_of(b_text);
  const std::vector<Change> list = changes(a, b);
  std::string out;
  const auto line = [&](char mark, std::string_view text) {
    out += mark;
    out += text;
    if (!text.ends_with('\n')) out += "\n\\ No newline at end of file\n";
  };
  for (std::size_t i = 0; i < list.size();) {
    std::size_t last = i;
    while (last + 1 < list.size() && list[last + 1].a_begin - list[last].a_end <= 2 * context)
      ++last;
    const std::size_t begin = list[i].a_begin - std::min(context, list[i].a_begin);
    const std::size_t end = std::min(a.size(), list[last].a_end + context);
    const std::size_t b_begin = list[i].b_begin - (list[i].a_begin - begin);
    const std::size_t b_end = list[last].b_end + (end - list[last].a_end);
    const auto range = [](std::size_t from, std::size_t to) {
      const std::size_t count = to - from;
      return count == 1 ? std::to_string(from + 1)
                        : fmt::format("{},{}", from + (count == 0 ? 0 : 1), count);
    };
    out += fmt::format("@@ -{} +{} @@\n", range(begin, end), range(b_begin, b_end));
    std::size_t at = begin;
    for (; i <= last; ++i) {
      for (; at < list[i].a_begin; ++at) line(' ', a[at]);
      for (; at < list[i].a_end; ++at) line('-', a[at]);
      for (std::size_t k = list[i].b_begin; k < list[i].b_end; ++k) line('+', b[k]);
    }
    for (; at < end; ++at) line(' ', a[at]);
  }
  return out;
}

Merged merge(std::string_view base_text, std::string_view mine_text, std::string_view theirs_text) {
  const Lines base = lines_of(base_text), mine = lines_of(mine_text),
              theirs = lines_of(theirs_text);
  const std::vector<Change> ours = changes(base, mine), others = changes(base, theirs);
  Merged merged;
  std::size_t at = 0, i = 0, k = 0;
  // How far the lines of each are ahead of those of the base.
  std::ptrdiff_t mine_shift = 0, theirs_shift = 0;
  const auto shifted = [](std::size_t line, std::ptrdiff_t shift) {
    return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(line) + shift);
  };
  const auto shift_of = [](const Change& change) {
    return static_cast<std::ptrdiff_t>(change.b_end - change.b_begin) -
           static_cast<std::ptrdiff_t>(change.a_end - change.a_begin);
  };
  while (i < ours.size() || k < others.size()) {
    const std::size_t begin = std::min(i < ours.size() ? ours[i].a_begin : base.size(),
                                       k < others.size() ? others[k].a_begin : base.size());
    std::size_t end = begin;
    const std::size_t first_i = i, first_k = k;
    const std::ptrdiff_t mine_before = mine_shift, theirs_before = theirs_shift;
    // A group: changes of either side that touch.
    for (bool grown = true; grown;) {
      grown = false;
      if (i < ours.size() && ours[i].a_begin <= end) {
        end = std::max(end, ours[i].a_end);
        mine_shift += shift_of(ours[i++]);
        grown = true;
      }
      if (k < others.size() && others[k].a_begin <= end) {
        end = std::max(end, others[k].a_end);
        theirs_shift += shift_of(others[k++]);
        grown = true;
      }
    }
    merged.text += joined(base, at, begin);
    const std::string old = joined(base, begin, end);
    const std::string left = joined(mine, shifted(begin, mine_before), shifted(end, mine_shift));
    const std::string right =
        joined(theirs, shifted(begin, theirs_before), shifted(end, theirs_shift));
    if (k == first_k || left == right)
      merged.text += left;
    else if (i == first_i || left == old)
      merged.text += right;
    else
      merged.conflicts.push_back(
          {.line = shifted(begin, mine_before) + 1, .base = old, .mine = left, .theirs = right});
    at = end;
  }
  merged.text += joined(base, at, base.size());
  if (!merged.conflicts.empty()) merged.text.clear();
  return merged;
}

} // namespace aethel::generate
