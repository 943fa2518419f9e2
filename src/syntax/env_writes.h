// Variables that a script writes down for somebody else: lines of a here document, `echo
// "NAME=..." >> .env`, a code block of a document that lists them. And whether an env file is
// filled with what the text does not say: a secret as a whole, a copy from elsewhere, a program
// that fetches secrets and runs a command with them.
#pragma once

#include "base/range.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::shell {

struct EnvWrite {
  std::string name; // "*": any may be set
  Range range;
};

enum class Writer : std::uint8_t { script, document };

// In order of the text, each name once. Never fails, and takes one pass.
std::vector<EnvWrite> env_writes(std::string_view text, Writer writer);

} // namespace aethel::shell
