#include "generate/env_file.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <optional>

namespace aethel::generate {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

// NAME=VALUE, with the name; "" for other lines.
std::string_view name_in(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || line.starts_with('#')) return {};
  return line.substr(0, equals);
}

template <class Line> void each_line(std::string_view text, const Line& line) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Result<std::string> value_by(std::string_view how, const Values& values, const RandomText& random) {
  if (how.starts_with("random ")) {
    std::size_t length = 0;
    const std::string_view digits = how.substr(7);
    std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (length < 16 || length > 4096) return fail(fmt::format("\"{}\" is no length", how));
    return random(length);
  }
  std::string out;
  while (true) {
    const std::size_t at = how.find("${");
    const std::size_t end = at == std::string_view::npos ? at : how.find('}', at);
    if (end == std::string_view::npos) return out + std::string(how);
    const std::string_view name = how.substr(at + 2, end - at - 2);
    const auto found = values.find(name);
    if (found == values.end() || found->second.empty())
      return fail(fmt::format("\"{}\" has no value yet", name));
    out += std::string(how.substr(0, at)) + found->second;
    how.remove_prefix(end + 1);
  }
}

} // namespace

Result<EnvFile> make_env_file(std::string_view example, std::string_view present,
                              const RandomText& random) {
  Values values;
  std::map<std::string, bool, std::less<>> wanted;
  each_line(present, [&](std::string_view line) {
    const std::string_view name = name_in(line);
    if (!name.empty()) values[std::string(name)] = std::string(line.substr(name.size() + 1));
  });
  EnvFile file;
  std::string how;
  std::optional<Failure> failure;
  each_line(example, [&](std::string_view line) {
    if (line.starts_with("#: ")) {
      how = line.substr(3);
      return;
    }
    const std::string name(name_in(line));
    if (name.empty()) {
      file.text += std::string(line) + "\n";
      return;
    }
    wanted[name] = true;
    std::string& value = values[name];
    if (!value.empty()) {
      file.kept.push_back(name);
    } else if (how.empty()) {
      file.open.push_back(name);
    } else if (auto made = value_by(how, values, random)) {
      value = std::move(*made);
      file.made.push_back(name);
    } else if (!failure) {
      failure = made.error();
    }
    how.clear();
    file.text += name + "=" + value + "\n";
  });
  if (failure) return std::unexpected(std::move(*failure));
  // What a person added stays.
  bool first = true;
  each_line(present, [&](std::string_view line) {
    const std::string_view name = name_in(line);
    if (name.empty() || wanted.contains(name)) return;
    if (first) file.text += "\n# Yours:\n";
    first = false;
    file.text += std::string(line) + "\n";
  });
  return file;
}

} // namespace aethel::generate
