// Values of a compose model as Go sees them: the type that a scalar has, the text that Go
// makes of it, and equality. Also the pieces that new nodes are put together from.
#pragma once

#include "model/node.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace aethel::compose {

bool is_string(const Node& node); // not a timestamp, which Go holds as time.Time
bool is_integer(const Node& node);

std::optional<bool> as_boolean(const Node& node); // of a boolean
std::optional<std::int64_t> as_integer(const Node& node);
std::optional<double> as_number(const Node& node); // of an integer or a number

// No variable without a value is part of it.
bool is_known(const Text& text);
// A required variable of the text has no value: whatever else is wrong with it follows.
bool awaits_variable(const Node& node);

// fmt.Sprint of the value.
std::string go_text(const Node& node);
// reflect.DeepEqual.
bool same(const Node& left, const Node& right);
// A text that is equal exactly for what `same` calls equal.
std::string fingerprint(const Node& node);

// Makes a string of any scalar: what a list of strings or an environment holds of it.
void make_string(Node& node);
// Gives the value another text, and keeps the pieces when it is the same. A value that is
// one hole stays that hole.
void set_text(Node& node, std::string value);

Text concatenate(const Text& left, const Text& right);
// Bytes [offset, offset + length) of the string as a node of its own, with its place.
Node part_of(const Node& string, std::size_t offset, std::size_t length = std::string::npos);
// part_of for many parts: a script of a thousand variables has as many words.
class Parts {
public:
  explicit Parts(const Node& string);
  Node part(std::size_t offset, std::size_t length) const;

private:
  const Node& string_;
  std::vector<std::size_t> starts_; // of the pieces
};
// What a tool adds: written where `cause` is.
Node added(std::string value, const Origin& cause, ScalarType type = ScalarType::string);

// The operation on the node and all that is in it.
void add_step(Node& node, Operation operation, Span span);

// `KEY=value`, or `KEY` for null, from a member of a mapping; and its inverse.
Node key_value(const Member& member);
Member split_key_value(const Node& item);

std::size_t count_nodes(const Node& node);

// A mapping that grows: Node::set walks all members each time, and an env file may have
// a hundred thousand.
class MappingBuilder {
public:
  explicit MappingBuilder(Node mapping);
  // Adds or replaces.
  void set(Member member);
  Node take() { return std::move(mapping_); }

private:
  Node mapping_;
  std::unordered_map<std::string, std::size_t> index_;
};

} // namespace aethel::compose
