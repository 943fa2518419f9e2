// The txtar format: text files in one text, each after a line `-- name --`.
// Source: https://pkg.go.dev/golang.org/x/tools/txtar
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel::testing {

struct Txtar {
  std::string comment;
  std::vector<std::pair<std::string, std::string>> files;

  const std::string* find(std::string_view name) const {
    for (const auto& [path, bytes] : files)
      if (path == name) return &bytes;
    return nullptr;
  }
};

inline Txtar parse_txtar(std::string_view text) {
  Txtar archive;
  std::string* current = &archive.comment;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::string_view line = text.substr(0, newline);
    text = newline == std::string_view::npos ? std::string_view() : text.substr(newline + 1);
    if (line.starts_with("-- ") && line.ends_with(" --") && line.size() > 6) {
      archive.files.emplace_back(line.substr(3, line.size() - 6), "");
      current = &archive.files.back().second;
      continue;
    }
    *current += line;
    *current += '\n';
  }
  return archive;
}

} // namespace aethel::testing
