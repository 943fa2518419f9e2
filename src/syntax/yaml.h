// YAML text to a tree with places. libyaml gives the events (its tolerance is that of
// the Go tools that read these files); the tree, the limits and the recovery are ours.
// A stream is split at `---` lines first, so that one bad document costs one document.
// Source: https://yaml.org/spec/1.1/ and libyaml 0.2.5.
#pragma once

#include "base/range.h"
#include "syntax/mapped_text.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::yaml {

enum class Style : std::uint8_t { plain, single_quoted, double_quoted, literal, folded };
enum class Kind : std::uint8_t { scalar, sequence, mapping };

struct Node;

struct Pair {
  const Node* key;
  const Node* value;
};

// Aliases are shared pointers into the same document: the tree is a directed acyclic graph.
// Who expands it must bound the expansion (see Limits::expanded).
struct Node {
  Kind kind = Kind::scalar;
  Style style = Style::plain;
  Range range;       // bytes in the whole stream; with quotes, without anchor and tag
  std::string value; // of a scalar, decoded
  std::string tag; // as written and resolved ("!reset", "tag:yaml.org,2002:str"); empty when absent
  std::string anchor;
  std::vector<const Node*> items;
  std::vector<Pair> pairs; // in order; duplicate keys are kept
};

struct Comment {
  Range range; // from '#' to the end of the line
};

struct Problem {
  std::uint32_t at = 0;
  std::string message;
};

struct Limits {
  std::size_t depth = 500;
  std::size_t nodes = 2'000'000;
};

struct Document {
  Range range;
  const Node* root = nullptr; // null for an empty document
  std::vector<Comment> comments;
  std::deque<Node> nodes; // owns the nodes
};

struct Stream {
  std::vector<std::unique_ptr<Document>> documents;
  std::vector<Problem> problems; // of documents that were dropped
};

// Never fails: bad documents are dropped and named in `problems`. A byte order mark is
// skipped; UTF-16 is decoded by libyaml and its ranges are then meaningless (0, 0).
Stream parse(std::string_view bytes, Limits limits = {});

// The offset in `bytes` of the value's byte `offset`, through quotes, escapes, folding and
// indentation of block scalars. Clamped into the node's range.
std::uint32_t locate(std::string_view bytes, const Node& node, std::size_t offset);

// The value with the place of each of its bytes, in one walk: locate() starts anew for each offset.
MappedText mapped_value(std::string_view bytes, const Node& node);

// The value for `key` in a mapping, or null. The last of duplicates wins.
const Node* find(const Node& mapping, std::string_view key);

} // namespace aethel::yaml
