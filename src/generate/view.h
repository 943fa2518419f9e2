// What templates may say, from the product part of aethel.yaml and the dated table of versions.
// `aethel generate --view` prints it; templates/README.md is for those who write templates.
#pragma once

#include "config/product.h"
#include "generate/value.h"

#include <string>
#include <vector>

namespace aethel::generate {

// A key that `generate` needs and aethel.yaml has not.
struct Missing {
  std::string key; // "product.email"
  std::string doc;
  std::string example;
};

// Everything that is needed and absent, in the order of the file's documentation.
std::vector<Missing> missing_of(const Product& product);

// Only for a product of which nothing is missing. A pure function: the same for the same bytes.
Value view_of(const Product& product);

// A hole of a variable's text: `${host.web}` in an environment. Texts were checked when read.
std::string fill_holes(std::string_view text, const Product& product,
                       const Environment& environment);

} // namespace aethel::generate
