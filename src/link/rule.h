// A rule is one value, and its documentation is its test: `doc` is Markdown with txtar
// examples. `# error: <rule>` marks a line that must be reported; at least one example
// carries none and must stay silent. One file of link/rules/ a rule.
#pragma once

#include "model/stage.h"

#include <span>
#include <string_view>

namespace aethel {

struct Program;
class Findings;

// A sentence with named arguments in braces: `service "{service}" has no healthcheck`.
// Lowercase, no full stop. The same names in both languages.
struct Message {
  std::string_view id;
  std::string_view en;
  std::string_view pt;
};

struct Hours {
  double low = 0;
  double high = 0;
};

struct Rule {
  std::string_view id;   // "AE0101"; never reused
  std::string_view name; // "undefined-path"
  Category category = Category::config;
  std::string_view title_en; // a noun phrase for lists and summaries
  std::string_view title_pt;
  PriorityTable priority{}; // of certain findings; likely ones are at most P1
  Hours effort{};           // of the human remedy for one finding
  std::span<const Message> messages;
  std::string_view doc;
  void (*check)(const Program& program, Findings& findings) = nullptr;
};

// Rejects a malformed rule when it is compiled.
consteval Rule declare(Rule rule) {
  auto require = [](bool good) {
    if (!good) throw "malformed rule";
  };
  require(rule.id.size() == 6 && rule.id.starts_with("AE"));
  for (const char c : rule.id.substr(2)) require(c >= '0' && c <= '9');
  require(!rule.name.empty());
  for (const char c : rule.name)
    require((c >= 'a' && c <= 'z') || c == '-' || (c >= '0' && c <= '9'));
  require(!rule.title_en.empty() && !rule.title_pt.empty());
  require(rule.check != nullptr);
  require(!rule.messages.empty());
  for (const Message& message : rule.messages) {
    require(!message.id.empty() && !message.en.empty() && !message.pt.empty());
    require(!message.en.ends_with('.') && !message.pt.ends_with('.'));
    // Every {name} of one language stands in the other.
    auto covers = [&](std::string_view from, std::string_view in) {
      for (std::size_t at = from.find('{'); at != std::string_view::npos;
           at = from.find('{', at + 1)) {
        const std::size_t end = from.find('}', at);
        require(end != std::string_view::npos);
        require(in.find(from.substr(at, end - at + 1)) != std::string_view::npos);
      }
    };
    covers(message.en, message.pt);
    covers(message.pt, message.en);
  }
  require(rule.doc.find("```txtar") != std::string_view::npos);
  require(rule.doc.find("# error: ") != std::string_view::npos);
  require(rule.effort.low > 0 && rule.effort.low <= rule.effort.high);
  return rule;
}

namespace rules {
std::span<const Rule* const> all();
}

const Rule* rule_named(std::string_view name_or_id); // null when there is none

} // namespace aethel
