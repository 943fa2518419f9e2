// Findings are data: a rule, a message with named arguments, places. Words are made from
// them when a report is written, in the language that the user reads.
#pragma once

#include "link/rule.h"
#include "model/node.h"
#include "model/reference.h"
#include "model/target.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aethel {

using Arguments = std::vector<std::pair<std::string_view, std::string>>;

enum class Fix : std::uint8_t { none, safe, unsafe, generate };

// Beside a baseline: `fresh` and `expired` ones decide the exit code, `old` ones do not.
enum class Age : std::uint8_t { unknown, fresh, old, expired };
std::string_view name_of(Age age); // "", "new", "unchanged", "expired"

// Who told to ignore it, and why.
struct SetAside {
  enum class By : std::uint8_t { configuration, comment };
  By by = By::configuration;
  std::string reason;
  Span span;
};

struct Related {
  Span span;
  std::string_view message; // id: of the rule, or of link/phrases.h
  Arguments arguments = {};
};

struct Finding {
  const Rule* rule = nullptr;
  std::string_view message; // id of one of the rule's messages
  Arguments arguments = {};
  Span span;
  std::vector<Related> related = {};
  std::string_view symbol_kind = {};
  std::string symbol = {};
  std::vector<TargetIndex> targets = {};
  Confidence confidence = Confidence::certain;
  Priority at_best = Priority::p0;       // whatever the rule's table says
  std::optional<Category> category = {}; // when not the rule's
  std::string_view help = {};            // id of one of the rule's messages; empty: none
  Fix fix = Fix::none;
  // Set when findings are ordered:
  Priority priority = Priority::none;
  std::string fingerprint = {};
  Age age = Age::unknown;
  std::optional<SetAside> aside = {};
};

// Where rules put what they found. One object a rule, so that rules run in parallel.
class Findings {
public:
  void add(Finding finding) { all_.push_back(std::move(finding)); }
  void require(Requirement requirement) { requirements_.push_back(std::move(requirement)); }
  std::vector<Finding>& all() { return all_; }
  std::vector<Requirement>& requirements() { return requirements_; }

private:
  std::vector<Finding> all_;
  std::vector<Requirement> requirements_;
};

enum class Language : std::uint8_t { en, pt };

// The words of a finding in a language. Arguments are put in as they are.
std::string text_of(const Message& message, const Arguments& arguments, Language language);
const Message& message_of(const Finding& finding);
const Message* find_message(const Rule& rule, std::string_view id);

} // namespace aethel
