// A section of aethel.yaml is a list of entries. Its table of keys is all there is to say:
// the reader checks by it, the JSON Schema is written from it, `add` makes the value.
#pragma once

#include "config/config.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace aethel {

enum class Shape : std::uint8_t {
  text,
  pattern, // a glob over paths or names
  path,    // inside the repository
  stage,
  date,
  kind,
  rule
};
enum class Count : std::uint8_t { one, some }; // some: one value or a list
enum class Need : std::uint8_t { optional, required };

struct Key {
  std::string_view name;
  Shape shape = Shape::text;
  Count count = Count::one;
  Need need = Need::optional;
  std::string_view doc;    // stands in the schema
  std::string_view absent; // hint when a required key is missing
};

// The values of one entry, checked.
struct Entry {
  struct Value {
    std::string_view key;
    std::vector<Located> items;
  };
  EntryPlace at;
  std::vector<Value> values;

  const std::vector<Located>& some(std::string_view key) const;
  const Located& one(std::string_view key) const;
};

struct Section {
  std::string_view name;
  std::string_view doc; // stands in the schema
  std::span<const Key> keys;
  void (*add)(const Entry& entry, Config& config);
};

namespace sections {
std::span<const Section* const> all();
}

} // namespace aethel
