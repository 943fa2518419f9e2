// The recorded answers of other people's programs in tests/syntax/*.tsv (how they came there:
// tests/oracle/syntax/generate.py).
#pragma once

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::test {

struct Answer {
  std::string input;
  std::string answer;
};

inline std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    const char c = text[++i];
    result += c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
  }
  return result;
}

inline std::string hexadecimal(std::string_view text) {
  std::string result;
  for (const char c : text) {
    constexpr std::string_view digits = "0123456789abcdef";
    result += digits[static_cast<unsigned char>(c) >> 4];
    result += digits[static_cast<unsigned char>(c) & 15];
  }
  return result;
}

inline std::vector<Answer> read_answers_of(const std::string& path) {
  std::vector<Answer> answers;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    answers.push_back({.input = unescaped(line.substr(0, tab)), .answer = line.substr(tab + 1)});
  }
  return answers;
}

inline std::vector<Answer> read_answers(const std::string& name) {
  return read_answers_of(std::string(AETHEL_SOURCE_DIR) + "/tests/syntax/" + name + ".tsv");
}

} // namespace aethel::test
