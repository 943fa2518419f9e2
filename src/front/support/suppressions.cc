#include "front/support/suppressions.h"

#include <optional>
#include <set>
#include <string_view>

namespace aethel {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text = trim(text.substr(word.size()));
  return true;
}

std::optional<Suppression> parse(std::string_view comment) {
  const std::size_t start = comment.find_first_not_of("#/;- \t");
  if (start == std::string_view::npos) return std::nullopt;
  std::string_view text = comment.substr(start);
  if (!take(text, "aethel:") || !text.starts_with("ignore")) return std::nullopt;
  text.remove_prefix(6);
  Suppression suppression;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    std::string_view names = text.substr(1, close - 1);
    while (!names.empty()) {
      const std::size_t comma = names.find(',');
      if (const std::string_view name = trim(names.substr(0, comma)); !name.empty())
        suppression.rules.emplace_back(name);
      names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
    }
    text.remove_prefix(close + 1);
  } else if (!text.empty() && text.front() != ' ' && text.front() != '\t') {
    return std::nullopt; // "ignored", "ignore-next"
  }
  suppression.reason = trim(text);
  return suppression;
}

bool only_blanks_before(const Source& source, std::uint32_t offset) {
  const std::string_view line = source.line(source.place(offset).line);
  return trim(line.substr(0, source.place(offset).column - 1)).empty();
}

} // namespace

std::vector<Suppression> read_suppressions(const Source& source, FileId file,
                                           const std::vector<Range>& comments) {
  std::vector<Suppression> result;
  std::set<std::uint32_t> comment_lines; // lines that hold nothing but a comment
  for (const Range comment : comments)
    if (only_blanks_before(source, comment.begin))
      comment_lines.insert(source.place(comment.begin).line);
  for (const Range comment : comments) {
    auto found = parse(source.bytes().substr(comment.begin, comment.end - comment.begin));
    if (!found) continue;
    found->span = {file, comment};
    found->line = source.place(comment.begin).line;
    if (comment_lines.contains(found->line)) do
        ++found->line;
      while (found->line <= source.line_count() &&
             (comment_lines.contains(found->line) || trim(source.line(found->line)).empty()));
    result.push_back(std::move(*found));
  }
  return result;
}

} // namespace aethel
