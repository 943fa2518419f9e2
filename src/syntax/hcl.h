// HCL's native syntax as a tree of blocks and attributes with places. Expressions are kept as far
// as they are literal: texts, lists, objects; whatever is computed is `other`. Nothing is
// evaluated.
// Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
#pragma once

#include "base/range.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::hcl {

struct Member; // of an object

struct Expression {
  enum class Kind : std::uint8_t { text, list, object, other };
  Kind kind = Kind::other;
  std::string text;              // of a text: escapes resolved
  std::vector<Expression> items; // of a list
  std::vector<Member> members;   // of an object, in order
  Range range;
  bool is_text() const { return kind == Kind::text; }
};

struct Member {
  std::string key; // empty: computed
  Expression value;
};

struct Attribute {
  std::string name;
  Expression value;
  Range name_range;
};

struct Block {
  std::string type; // empty: the file
  std::vector<std::string> labels;
  std::vector<Attribute> attributes;
  std::vector<Block> blocks;
  Range range; // of the type and the labels

  const Expression* find(std::string_view name) const; // of an attribute; null when absent
};

struct File {
  Block body;
  // False: something could not be read, and what was read is a part.
  bool complete = true;
};

constexpr std::size_t deepest = 48;         // blocks, lists and objects in one another
constexpr std::size_t longest = 4u << 20;   // bytes
constexpr std::size_t most_nodes = 200'000; // attributes, blocks and expressions

// Never fails.
File parse(std::string_view text);

} // namespace aethel::hcl
