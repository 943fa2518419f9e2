// What a run of `aethel generate` would do to each file, decided before anything is written.
#pragma once

#include "generate/merge.h"
#include "generate/template.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aethel::generate {

// Where the last generated text of PATH is kept, to merge with what a person changed since. The
// ending keeps readers away from it.
std::string state_path(std::string_view path); // ".aethel/generated/PATH.base"
inline constexpr std::string_view state_folder = ".aethel/generated";

struct Step {
  enum class Action : std::uint8_t {
    keep, // is already as it would be written
    create,
    update,   // as generated last, and generated anew
    merge,    // changed by a person, and generated anew: both
    remove,   // as generated last, and generated no more
    adopt,    // was there before, and is taken over
    foreign,  // was there before: the user's
    retire,   // started production before, and may be taken over: goes
    replaced, // started production before: the user's
    deleted,  // deleted by a person: stays so
    orphan,   // generated no more, but changed by a person: the user's now
    conflict  // changed by a person where it is generated anew
  };
  std::string path;
  Action action = Action::keep;
  std::string before;               // what is there
  std::optional<std::string> after; // what is written; nothing: the file is removed or left
  std::optional<std::string> base;  // the state that is written; nothing: none is kept
  bool executable = false;
  std::vector<Conflict> conflicts;
};
std::string_view name_of(Step::Action action);
// Whether the step changes the file. (A `keep` may still write its state.)
bool changes_file(const Step& step);
bool removes_file(const Step& step);

struct Present {
  std::optional<std::string> bytes; // of the file
  std::optional<std::string> base;  // of its state
};

// `present`: all generated paths, all that have a state, and those of `replaces`, what started
// production before. `adopt`: paths that may be taken over.
std::vector<Step> plan_steps(const std::map<std::string, GeneratedFile>& generated,
                             const std::map<std::string, Present>& present,
                             const std::vector<std::string>& adopt,
                             const std::vector<std::string>& replaces = {});

} // namespace aethel::generate
