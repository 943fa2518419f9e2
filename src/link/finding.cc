#include "link/finding.h"

#include <cstdlib>

namespace aethel {

std::string text_of(const Message& message, const Arguments& arguments, Language language) {
  const std::string_view pattern = language == Language::pt ? message.pt : message.en;
  std::string result;
  for (std::size_t at = 0; at < pattern.size();) {
    // "${{name}:?}": a brace before an argument's brace is a brace.
    if (pattern[at] != '{' || pattern.substr(at).starts_with("{{")) {
      result += pattern[at++];
      continue;
    }
    const std::size_t end = pattern.find('}', at);
    const std::string_view name = pattern.substr(at + 1, end - at - 1);
    // "what@pt" is what "what" means in Portuguese: words that come from a table.
    const std::string translated = std::string(name) + "@pt";
    const std::string* chosen = nullptr;
    for (const auto& [key, value] : arguments)
      if ((key == name && chosen == nullptr) || (language == Language::pt && key == translated))
        chosen = &value;
    if (chosen != nullptr) result += *chosen;
    at = end + 1;
  }
  return result;
}

const Message* find_message(const Rule& rule, std::string_view id) {
  for (const Message& message : rule.messages)
    if (message.id == id) return &message;
  return nullptr;
}

const Message& message_of(const Finding& finding) {
  const Message* message = find_message(*finding.rule, finding.message);
  if (message == nullptr)
    std::abort(); // a rule named a message that it lacks: caught by its examples
  return *message;
}

const Rule* rule_named(std::string_view name_or_id) {
  for (const Rule* rule : rules::all())
    if (rule->name == name_or_id || rule->id == name_or_id) return rule;
  return nullptr;
}

std::string_view name_of(Age age) {
  constexpr std::string_view names[] = {"", "new", "unchanged", "expired"};
  return names[static_cast<std::size_t>(age)];
}

} // namespace aethel
