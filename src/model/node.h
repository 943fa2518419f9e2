// A document as its reader sees it, raw or rendered: one type for both, so that rules do
// not know whether a value was merged, interpolated or inherited. Each node carries its
// origin: the place where it is written (where to fix) and the operations that brought it
// here (why it is so).
#pragma once

#include "model/source.h"
#include "model/text.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

enum class Operation : std::uint8_t {
  override_file, // a later file of the same project replaced or extended it
  extends,       // inherited by `extends`
  include,       // brought in by `include`
  env_file,      // read from an env file that the service names
  interpolation, // a variable gave the value
  tool_default   // the tool adds it when nobody says otherwise
};

struct OriginStep {
  Operation operation;
  Span span; // the `extends:`, `include:` or `env_file:` entry that did it, or the file that
             // overrode
  std::shared_ptr<const OriginStep> before;
};

struct Origin {
  Span written;
  std::shared_ptr<const OriginStep> last; // most recent operation first; null when raw

  Origin with(Operation operation, Span span) const {
    return {written, std::make_shared<OriginStep>(operation, span, last)};
  }
};

enum class NodeKind : std::uint8_t { null, scalar, sequence, mapping };
// What the dialect decided that a scalar is.
enum class ScalarType : std::uint8_t { string, integer, number, boolean };
enum class ScalarStyle : std::uint8_t { plain, single_quoted, double_quoted, literal, folded };

struct Member;

struct Node {
  NodeKind kind = NodeKind::null;
  ScalarType type = ScalarType::string;
  ScalarStyle style = ScalarStyle::plain;
  Text text;       // of a scalar
  std::string tag; // "!reset" and the like; empty when absent
  Origin origin;
  std::vector<Member> members; // of a mapping, keys unique, in order
  std::vector<Node> items;     // of a sequence

  bool is_null() const { return kind == NodeKind::null; }
  bool is_scalar() const { return kind == NodeKind::scalar; }
  bool is_sequence() const { return kind == NodeKind::sequence; }
  bool is_mapping() const { return kind == NodeKind::mapping; }

  std::string value() const { return text.value(); }
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  const Member* find_member(std::string_view key) const;
  // Follows keys of nested mappings; null when one is absent.
  const Node* at(std::initializer_list<std::string_view> keys) const;
  // Adds or replaces.
  Node& set(std::string key, Span key_span, Node value);
  bool erase(std::string_view key);

  static Node scalar(std::string value, Origin origin = {}, ScalarType type = ScalarType::string);
  static Node mapping(Origin origin = {});
  static Node sequence(Origin origin = {});
};

struct Member {
  std::string key;
  Span key_span;
  Node value;
};

} // namespace aethel
