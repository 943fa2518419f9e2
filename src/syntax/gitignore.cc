#include "syntax/gitignore.h"

#include "base/files.h"

namespace aethel {
namespace {

// Trailing spaces do not count unless the last one is escaped.
std::string_view without_trailing_spaces(std::string_view line) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') continue;
    if (line[i] == '\\' && ++i == line.size()) return line;
    end = i + 1;
  }
  return line.substr(0, end);
}

} // namespace

IgnoreFile::IgnoreFile(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  text_ = std::make_shared<const std::string>(bytes);
  std::string_view rest = *text_;
  for (std::uint32_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    if (line.starts_with('#')) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = without_trailing_spaces(line.substr(0, line.find('\0')));
    if (!line.empty()) lines_.push_back({.pattern = PathPattern(line), .number = number});
  }
  if (lines_.empty()) text_.reset();
}

std::optional<IgnoreFile::Match> IgnoreFile::match(std::string_view path, PathKind kind) const {
  for (auto line = lines_.rbegin(); line != lines_.rend(); ++line)
    if (line->pattern.matches(path, kind))
      return Match{.ignored = !line->pattern.negative(), .line = line->number};
  return std::nullopt;
}

void IgnoreRules::add(std::string directory, IgnoreFile file) {
  if (!file.empty()) files_.insert_or_assign(std::move(directory), std::move(file));
}

std::optional<IgnoreRules::Reason> IgnoreRules::ignored(std::string_view path,
                                                        PathKind kind) const {
  if (files_.empty()) return std::nullopt;
  for (std::size_t end = 0; end != std::string_view::npos && end < path.size();) {
    end = path.find('/', end + 1);
    const std::string_view part = path.substr(0, end);
    const PathKind part_kind = end == std::string_view::npos ? kind : PathKind::directory;
    for (std::string_view directory = part; !directory.empty();) {
      directory = parent_path(directory);
      const auto found = files_.find(directory);
      if (found == files_.end()) continue;
      const auto match =
          found->second.match(part.substr(directory.empty() ? 0 : directory.size() + 1), part_kind);
      if (!match) continue;
      if (match->ignored)
        return Reason{.file = join_path(directory, ".gitignore"),
                      .line = match->line,
                      .path = std::string(part)};
      break;
    }
  }
  return std::nullopt;
}

} // namespace aethel
