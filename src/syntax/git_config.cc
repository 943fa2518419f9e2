#include "syntax/git_config.h"

#include "knowledge/shapes.h"

#include <algorithm>

namespace aethel {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
  return text.substr(0, text.find_last_not_of(blank) + 1);
}

// `rest` begins after "="; quotes, escapes, comments and continued lines are resolved.
std::string take_value(std::string_view& rest) {
  std::string value;
  std::size_t kept = 0; // trailing blanks outside quotes do not count
  bool quoted = false, comment = false;
  std::size_t i = 0;
  for (; i < rest.size(); ++i) {
    char c = rest[i];
    if (c == '\n') break;
    if (comment) continue;
    if (!quoted && (c == '#' || c == ';')) {
      comment = true;
      continue;
    }
    if (c == '"') {
      quoted = !quoted;
      kept = value.size();
      continue;
    }
    if (c == '\\' && i + 1 < rest.size()) {
      c = rest[++i];
      if (c == '\r' && rest.substr(i + 1).starts_with('\n')) c = rest[++i];
      if (c == '\n') continue;
      if (c == 'n') c = '\n';
      if (c == 't') c = '\t';
      value += c;
      kept = value.size();
      continue;
    }
    const bool blank = c == ' ' || c == '\t' || c == '\r';
    if (blank && value.empty() && !quoted) continue;
    value += c;
    if (!blank || quoted) kept = value.size();
  }
  rest.remove_prefix(i);
  value.resize(kept);
  return value;
}

} // namespace

std::vector<GitSetting> parse_git_config(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<GitSetting> settings;
  std::string section, subsection;
  while (!text.empty()) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.empty()) break;
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    if (text.starts_with('#') || text.starts_with(';')) {
      text.remove_prefix(line_end);
    } else if (text.starts_with('[')) {
      std::string_view line = text.substr(0, line_end);
      const std::size_t quote = line.find('"');
      std::size_t close = line.find(']');
      subsection.clear();
      if (quote < close) {
        std::size_t i = quote + 1;
        for (; i < line.size() && line[i] != '"'; ++i) {
          if (line[i] == '\\' && i + 1 < line.size()) ++i;
          subsection += line[i];
        }
        section = knowledge::lower(trim(line.substr(1, quote - 1)));
        close = line.find(']', i);
      } else {
        section = knowledge::lower(
            trim(line.substr(1, close == std::string_view::npos ? close : close - 1)));
      }
      // A setting may follow in the same line.
      text.remove_prefix(close < line_end ? close + 1 : line_end);
    } else {
      const std::size_t name_end = std::min(text.find_first_of("=\n#;"), text.size());
      std::string key = knowledge::lower(trim(text.substr(0, name_end)));
      text.remove_prefix(name_end);
      std::string value = "true"; // a name alone
      if (text.starts_with('=')) {
        text.remove_prefix(1);
        value = take_value(text);
      } else {
        text.remove_prefix(std::min(text.find('\n'), text.size()));
      }
      if (!key.empty()) settings.push_back({section, subsection, std::move(key), std::move(value)});
    }
  }
  return settings;
}

} // namespace aethel
