// Workflows and actions against GitHub's own schema (knowledge/workflow_schema.json and
// action_schema.json): which keys and types there may be, and where an expression may stand and
// what it may use there. Walks as GitHub's reader does (template-reader.ts beside the schema).
// Never fails; bounded by the number of nodes that aliases may expand to.
#pragma once

#include "base/range.h"
#include "syntax/mapped_text.h"
#include "syntax/yaml.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aethel::workflow_schema {

enum class Schema : std::uint8_t { workflow, action };

// Each is a reason for which GitHub refuses the file.
struct Fault {
  enum class Kind : std::uint8_t {
    unexpected_key,         // `name` is the key, `where` the mapping
    unexpected_value,       // `name` is the value
    sequence,               // a list was not expected
    mapping,                // a mapping was not expected
    missing_key,            // `name` is the key
    no_kind,                // none of the keys in `name` is there, of which one is needed
    duplicate_key,          // without regard to case
    expression_not_allowed, // nothing may be computed there
    not_closed,             // `${{` without `}}`
    merge_key,              // `<<`: anchors are supported, merging is not
    tag                     // an explicit tag
  };
  Kind kind;
  std::string name;
  std::string where; // "jobs.build.steps[1]"
  Range range;
};

struct Expression {
  std::string where;        // "jobs.build.steps[1].run"
  std::string source;       // between the braces; the whole value of an `if` without them
  Range range;              // of `source` in the file
  bool exact = true;        // `range` has as many bytes as `source`
  bool condition = false;   // of an `if`
  bool alone = true;        // the scalar is nothing else
  bool embedded_if = false; // an `if` in which text stands beside `${{ }}`: always true
  // Contexts and functions that may be used beside the general functions: "github",
  // "hashFiles(1,255)". Views into the program's data.
  std::vector<std::string_view> allowed;
  std::int32_t job = -1, step = -1; // by position in `jobs`, and in `steps` of the job or action
  const yaml::Node* scalar = nullptr;
};

struct Result {
  std::vector<Fault> faults;
  std::vector<Expression> expressions;
  bool too_large =
      false; // stopped: more than 100,000 nodes or 32 MiB of text with aliases expanded
};

Result check(std::string_view bytes, const yaml::Node& root, Schema schema);

// The core schema of YAML 1.2, by which GitHub types plain scalars.
enum class ScalarType : std::uint8_t { null, boolean, number, string };
ScalarType type_of(const yaml::Node& scalar);

// The pieces of a value: text, or what stands between `${{` and `}}`. As GitHub splits it: a quote
// may hold `}}`.
struct Piece {
  bool expression = false;
  std::size_t begin = 0, end = 0; // in the value; of an expression without the braces
};
struct Pieces {
  std::vector<Piece> pieces;
  bool closed = true;
};
Pieces split(std::string_view value);

} // namespace aethel::workflow_schema
