// What the values of a target's variables are, each with the place where it is written and the
// way by which it comes there. The text of a value is for comparing: no message may hold it.
#pragma once

#include "knowledge/values.h"
#include "knowledge/variables.h"
#include "link/finding.h"
#include "link/program.h"

#include <map>
#include <string>
#include <vector>

namespace aethel {

struct GivenValue {
  enum class Way : std::uint8_t { environment, build_argument, command };
  enum class From : std::uint8_t {
    file_itself,   // a literal in a compose file
    env_file,      // a tracked env file that the service reads
    interpolation, // a tracked env file that compose reads, before which the shell's value counts
    fallback       // the default of a `${X:-default}` that nothing else gives
  };

  const Process* process = nullptr;
  Way way = Way::environment;
  From from = From::file_itself;
  std::string name; // of the variable, the argument or the option
  Value value;
  std::string text;           // the part that `value` is about
  const Hole* hole = nullptr; // of interpolation and fallback: the innermost that gave it
  Span span;
  // The literal of a secret's variable of which there is nothing bad to say but that it stands
  // here.
  bool hard_coded = false;
  // A later env file that is not in the repository may say otherwise.
  bool replaceable = false;

  const std::string& variable() const { return hole != nullptr ? hole->name : name; }
};

// In the order of processes and variables. Not what an unset variable is part of, and not what
// `aethel.yaml` gives.
std::vector<GivenValue> given_values(const Program& program, TargetIndex target);

// The value with "${X}" for variables that nothing sets, as `inspect` wants it.
std::string text_with_holes(const Text& text);

// The default that really counts: of `${A:-${B:-x}}` that of B.
const Hole& innermost(const Hole& hole);

// The uses of variables that count in the end: a later file may have replaced the variable of a
// service, and with it the default that an earlier one gave.
std::vector<const ComposeProject::VariableUse*> living_uses(const Program& program,
                                                            TargetIndex target);

// A word that says "not in use" where a secret could stand.
bool is_switched_off(std::string_view text);

// Who else than the services of the project may talk to the process: it publishes a port, lives
// in the host's network, or a proxy is told to route to it.
bool is_exposed(const Process& process);

// Whether a secret, given at these places, guards something that outsiders reach. A key that the
// application signs with always does; the password of a store only when the store is exposed.
bool guards_exposed(const Program& program, TargetIndex target,
                    const std::vector<const GivenValue*>& places);

// The place that says most: the server's own variable before those of its clients.
const GivenValue* first_place(const std::vector<const GivenValue*>& places);

// Adds what is not named yet.
void relate(Finding& finding, const Span& span, std::string_view message = "also-here");

// What a rule about values is for: targets that may serve somebody.
bool is_production(Stage stage);
bool is_serious(Stage stage); // production, staging or unknown

// For messages: "a weak password", in both languages as arguments `what` and `what_pt`.
void describe(Finding& finding, const Value& value);

} // namespace aethel
