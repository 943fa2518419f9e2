#include "link/report/support/place.h"

#include <algorithm>

namespace aethel {
namespace {

// Bytes of the character at the beginning of `text`, 0 when there is none in UTF-8.
// Source: https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/ table 3-7.
std::size_t character(std::string_view text) {
  auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  auto within = [&](std::size_t i, unsigned low, unsigned high) {
    return at(i) >= low && at(i) <= high;
  };
  auto tail = [&](std::size_t i) { return within(i, 0x80, 0xbf); };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef)
    return within(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && tail(2) ? 3 : 0;
  if (first >= 0xf0 && first <= 0xf4)
    return within(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && tail(2) && tail(3)
               ? 4
               : 0;
  return 0;
}

} // namespace

std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  while (!text.empty()) {
    const std::size_t bytes = character(text);
    units += bytes == 4 ? 2 : 1;
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return units;
}

std::string as_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t bytes = character(text);
    if (bytes == 0)
      out += "\xef\xbf\xbd";
    else
      out += text.substr(0, bytes);
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return out;
}

std::optional<Region> region_of(const Program& program, const Span& span) {
  const Source* source = program.sources->loaded(span.file);
  if (source == nullptr) return std::nullopt;
  auto column = [&](const Place& place) {
    std::string_view before = source->line(place.line).substr(0, place.column - 1);
    if (place.line == 1 && before.starts_with("\xef\xbb\xbf")) before.remove_prefix(3);
    return static_cast<std::uint32_t>(utf16_length(before)) + 1;
  };
  const Place begin = source->place(span.range.begin);
  const Place end = source->place(std::max(span.range.begin, span.range.end));
  return Region{begin.line, column(begin), end.line, column(end)};
}

std::string path_of(const Program& program, const Span& span, std::string_view prefix) {
  if (!span.file) return {};
  const std::string& path = program.sources->path(span.file);
  return prefix.empty() ? path : std::string(prefix) + "/" + path;
}

} // namespace aethel
