// `aethel generate --env-file`: strong values for the variables of an example file.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::generate {

// Letters and digits, which pass through URLs and shells. At least 16.
using RandomText = std::function<std::string(std::size_t length)>;

struct EnvFile {
  std::string text;
  std::vector<std::string> made, kept, open; // names; `open` ones are for a person to fill in
};

// `example` has lines NAME= and, above one, how its value is made: "#: random 40", or a text with
// ${NAME} of values above, "#: redis://:${VALKEY_PASSWORD}@cache:6379". What `present`, the file
// that is there, gives a value keeps it, and so do its other lines.
Result<EnvFile> make_env_file(std::string_view example, std::string_view present,
                              const RandomText& random);

} // namespace aethel::generate
