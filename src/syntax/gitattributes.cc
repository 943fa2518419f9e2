#include "syntax/gitattributes.h"

#include "base/files.h"

#include <optional>
#include <utility>

namespace aethel {
namespace {

constexpr std::string_view blank = " \t\r";
constexpr std::size_t longest_line = 2048; // git ignores longer ones

constexpr std::pair<std::string_view, Attribute Attributes::*> known_attributes[] = {
    {"linguist-vendored", &Attributes::vendored},
    {"linguist-generated", &Attributes::generated},
    {"linguist-documentation", &Attributes::documentation},
    {"filter", &Attributes::lfs},
    {"text", &Attributes::text},
};

std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(blank), rest.size()));
  const std::size_t end = std::min(rest.find_first_of(blank), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

// "a pattern" in the quotes of C; nothing when it is not well-formed, then git takes the
// words as they stand.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string result;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '"') {
      rest.remove_prefix(i + 1);
      return result;
    }
    if (c != '\\') {
      result += c;
      continue;
    }
    if (++i == rest.size()) return std::nullopt;
    constexpr std::string_view letters = "abfnrtv\\\"", bytes = "\a\b\f\n\r\t\v\\\"";
    if (const std::size_t at = letters.find(rest[i]); at != std::string_view::npos) {
      result += bytes[at];
      continue;
    }
    int value = 0;
    for (std::size_t digit = 0; digit < 3; ++digit, ++i) {
      if (i >= rest.size() || rest[i] < '0' || rest[i] > '7') return std::nullopt;
      value = value * 8 + (rest[i] - '0');
    }
    if (value > 0xff) return std::nullopt;
    --i;
    result += static_cast<char>(value);
  }
  return std::nullopt;
}

} // namespace

AttributeRules::AttributeRules() { macros_["binary"] = {{&Attributes::text, Attribute::no}}; }

void AttributeRules::parse_states(std::string_view states, std::vector<Setting>& settings) const {
  for (;;) {
    std::string_view word = take_word(states);
    if (word.empty()) return;
    Attribute value = Attribute::yes;
    if (word.starts_with('-') || word.starts_with('!')) {
      value = word[0] == '-' ? Attribute::no : Attribute::unspecified;
      word.remove_prefix(1);
    }
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    for (const auto& [known, attribute] : known_attributes) {
      if (name != known) continue;
      const std::string_view given =
          equals == std::string_view::npos ? "" : word.substr(equals + 1);
      if (known == "filter")
        value = given == "lfs" ? Attribute::yes : Attribute::no;
      else if (given == "false")
        value = Attribute::no;
      settings.push_back({attribute, value});
    }
    const auto macro = macros_.find(name);
    if (macro != macros_.end() && value == Attribute::yes)
      settings.insert(settings.end(), macro->second.begin(), macro->second.end());
  }
}

void AttributeRules::add(std::string_view directory, std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::vector<Line> lines;
  bool matters = false;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    std::string_view rest = bytes.substr(0, end);
    bytes = end == std::string_view::npos ? "" : bytes.substr(end + 1);
    if (rest.size() >= longest_line) continue;
    rest.remove_prefix(std::min(rest.find_first_not_of(blank), rest.size()));
    if (rest.empty() || rest.starts_with('#')) continue;
    Line line;
    std::optional<std::string> quoted;
    if (rest.starts_with('"')) quoted = take_quoted(rest);
    line.text = quoted ? *quoted : std::string(take_word(rest));
    if (line.text.starts_with("[attr]")) {
      std::string name = line.text.substr(6);
      if (name.empty()) name = take_word(rest);
      std::vector<Setting> settings;
      parse_states(rest, settings);
      if (directory.empty()) macros_[name] = std::move(settings);
      continue;
    }
    if (line.text.starts_with('!')) continue; // git forbids negative patterns here
    parse_states(rest, line.settings);
    if (line.settings.empty()) continue;
    // A file that only says `* text=auto` changes nothing unless another one says `-text`.
    for (const Setting& setting : line.settings)
      matters |= setting.attribute == &Attributes::text ? setting.value == Attribute::no
                                                        : setting.value != Attribute::unspecified;
    lines.push_back(std::move(line));
  }
  if (matters || (!files_.empty() && !lines.empty()))
    files_.insert_or_assign(std::string(directory), std::move(lines));
}

Attributes AttributeRules::of(std::string_view path) const {
  Attributes result;
  if (files_.empty()) return result;
  // From the top down, so that what is nearer to the file is applied last.
  for (std::size_t slash = 0;;) {
    const std::string_view directory = path.substr(0, slash);
    if (const auto found = files_.find(directory); found != files_.end())
      for (const Line& line : found->second)
        if (PathPattern(line.text).matches(path.substr(slash == 0 ? 0 : slash + 1), PathKind::file))
          for (const Setting& setting : line.settings) result.*setting.attribute = setting.value;
    slash = path.find('/', slash + 1);
    if (slash == std::string_view::npos) return result;
  }
}

bool is_lfs_pointer(std::string_view bytes) {
  // The specification: at most 1024 bytes, the version line first.
  return bytes.size() <= 1024 && bytes.starts_with("version https://git-lfs.github.com/spec/");
}

} // namespace aethel
