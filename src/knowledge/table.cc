#include "knowledge/table.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace aethel::knowledge {
namespace {

[[noreturn]] void malformed(const char* what, std::string_view where) {
  std::fprintf(stderr, "aethel: malformed table: %s: %.*s\n", what, static_cast<int>(where.size()),
               where.data());
  std::abort();
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const std::size_t tab = line.find('\t');
    cells.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return cells;
    line.remove_prefix(tab + 1);
  }
}

} // namespace

Table::Table(std::string_view text) {
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    if (columns_.empty()) {
      if (!line.starts_with("# ")) malformed("no header", line);
      columns_ = cells_of(line.substr(2));
      continue;
    }
    if (line.empty() || line.starts_with('#')) continue;
    rows_.push_back({.table = this, .cells = cells_of(line)});
    if (rows_.back().cells.size() != columns_.size()) malformed("wrong number of cells", line);
  }
}

std::string_view Table::Row::operator[](std::string_view column) const {
  const auto found = std::ranges::find(table->columns_, column);
  if (found == table->columns_.end()) malformed("no such column", column);
  return cells[static_cast<std::size_t>(found - table->columns_.begin())];
}

std::vector<std::string_view> words(std::string_view cell, std::string_view separators) {
  std::vector<std::string_view> found;
  while (!cell.empty()) {
    const std::size_t begin = cell.find_first_not_of(separators);
    if (begin == std::string_view::npos) break;
    cell.remove_prefix(begin);
    const std::size_t end = cell.find_first_of(separators);
    found.push_back(cell.substr(0, end));
    cell.remove_prefix(found.back().size());
  }
  return found;
}

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

} // namespace aethel::knowledge
