// The joints of the program: what is defined, what is referred to, and what became of it.
#pragma once

#include "model/kind.h"
#include "model/node.h"
#include "model/target.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace aethel {

struct Symbol {
  const Kind* kind = nullptr;
  std::string name;
  TargetIndex target = 0;
  Origin origin;
  bool external = false; // declared to exist elsewhere
};

enum class OutcomeState : std::uint8_t {
  resolved,
  undefined, // needs a closed world: everything in scope was read
  duplicate,
  ambiguous,
  external, // declared, or recognised from evidence
  dynamic,  // a variable without value is part of the name
  unknown   // something in scope could not be read
};
inline constexpr std::size_t outcome_count = 7;
std::string_view name_of(OutcomeState state);

struct Reference {
  const Kind* kind = nullptr;
  std::string_view role; // "bind", "env-file", "depends-on": which field it stands in
  std::string name;      // the name; for a path relative to the repository
  Text text;             // as written
  TargetIndex target = 0;
  std::string process; // empty at the top level of a target
  Origin origin;
  bool required = true;
  // Outcome, set by the link pass.
  OutcomeState state = OutcomeState::unknown;
  std::string detail; // the path that differs only in case; the nearest name; why unknown
  Span evidence;      // what makes it external
};

// What production needs and a repository cannot prove. An inventory, not a finding.
struct Requirement {
  enum class State : std::uint8_t { satisfied, placeholder, unverified };
  std::string_view kind; // "env-variable", "ci-secret", "dns-record", ...
  std::string name;
  Priority priority = Priority::p1;
  State state = State::unverified;
  std::vector<Span> locations;
  std::vector<TargetIndex> targets;
  Span evidence;                         // of what satisfies it
  std::vector<std::string> environments; // of the pipeline, that need it; sorted
};
std::string_view name_of(Requirement::State state);

} // namespace aethel
