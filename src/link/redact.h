// Keeps secret values out of everything that is printed: reports quote source lines, and a
// line may hold a password. What is masked: every value that the program knows to be given
// to a secret name, passwords in URLs, and defaults of secret variables.
#pragma once

#include "link/program.h"

#include <string>
#include <string_view>
#include <vector>

namespace aethel {

class Redactor {
public:
  explicit Redactor(const Program& program);
  // The line with secrets replaced by as many '*' as keep its columns.
  std::string line(std::string_view text) const;

private:
  std::vector<std::string> values_; // longest first
};

} // namespace aethel
