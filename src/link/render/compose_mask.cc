#include "link/render/compose_mask.h"

#include "knowledge/secret_names.h"
#include "link/render/compose_value.h"

#include <algorithm>
#include <set>

namespace aethel {
namespace {

constexpr std::string_view mask = "********";

// `scheme://user:password@host`: the password.
void mask_addresses(std::string& text) {
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const std::size_t begin = at + 3;
    const std::size_t end = std::min(text.find_first_of("/?#\"' \t\n,", begin), text.size());
    const std::size_t sign = text.substr(0, end).rfind('@');
    const std::size_t colon = text.find(':', begin);
    if (sign == std::string::npos || sign < begin || colon == std::string::npos || colon > sign)
      continue;
    text.replace(colon + 1, sign - colon - 1, mask);
  }
}

class Masker {
public:
  // A short or plain word ("postgres") is a name elsewhere: only what looks random is sought.
  void learn(std::string_view name, const std::string& value) {
    const bool word = std::ranges::all_of(value, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    });
    if (name_kind(name) == NameKind::secret && value.size() >= 8 && !word) values_.insert(value);
  }

  void learn(const Node& node) {
    for (const Member& member : node.members) {
      if (member.value.is_scalar()) learn(member.key, member.value.value());
      learn(member.value);
    }
    for (const Node& item : node.items) learn(item);
  }

  void apply(Node& node, std::string_view name) const {
    for (Member& member : node.members) apply(member.value, member.key);
    for (Node& item : node.items) apply(item, {});
    if (compose::is_string(node)) compose::set_text(node, masked(name, node.value()));
  }

  std::string masked(std::string_view name, std::string text) const {
    if (text.empty()) return text;
    if (name_kind(name) == NameKind::secret) return std::string(mask);
    mask_addresses(text);
    for (const std::string& value : values_)
      for (std::size_t at = text.find(value); at != std::string::npos;
           at = text.find(value, at + mask.size()))
        text.replace(at, value.size(), mask);
    return text;
  }

private:
  std::set<std::string> values_;
};

} // namespace

void mask_secrets(ComposeProject& project) {
  Masker masker;
  masker.learn(project.root);
  for (const ComposeProject::FileVariable& variable : project.env_file_variables)
    masker.learn(variable.entry.name, variable.entry.value.value());
  masker.apply(project.root, {});
  for (ComposeProject::FileVariable& variable : project.env_file_variables)
    variable.entry.value = Text(masker.masked(variable.entry.name, variable.entry.value.value()));
}

} // namespace aethel
