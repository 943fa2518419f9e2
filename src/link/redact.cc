#include "link/redact.h"

#include "knowledge/secret_names.h"
#include "knowledge/values.h"
#include "link/rules/support/given_values.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <tuple>

namespace aethel {
namespace {

// The password of `scheme://user:password@host`, as a range of the text; empty when there is none.
std::pair<std::size_t, std::size_t> password_of(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("://", from); at != std::string_view::npos;
       at = text.find("://", at + 3)) {
    const std::size_t begin = at + 3;
    const std::size_t end = std::min(text.find_first_of("/ \t\"'?#,", begin), text.size());
    const std::string_view authority = text.substr(begin, end - begin);
    const std::size_t user_end = authority.rfind('@');
    // `${USER:-app}:${PASSWORD}@`: the colon of a default is none of the address.
    std::size_t colon = std::string_view::npos;
    int depth = 0;
    for (std::size_t i = 0; i < authority.size() && colon == std::string_view::npos; ++i) {
      if (authority[i] == '{')
        ++depth;
      else if (authority[i] == '}')
        --depth;
      else if (authority[i] == ':' && depth == 0)
        colon = i;
    }
    if (user_end == std::string_view::npos || colon == std::string_view::npos || colon > user_end)
      continue;
    if (colon + 1 < user_end) return {begin + colon + 1, begin + user_end};
  }
  return {0, 0};
}

// Too short to be told from ordinary text, or a flag.
bool is_common(std::string_view value) {
  return value.size() < 4 || value == "true" || value == "false" || value == "null" ||
         value == "none";
}

} // namespace

Redactor::Redactor(const Program& program) {
  std::set<std::string> values;
  auto keep = [&](const std::string& value) {
    if (!is_common(value) && value.find('\n') == std::string::npos) values.insert(value);
  };
  auto from_text = [&](const std::string& name, const Text& text) {
    const NameKind kind = name_kind(name);
    if (kind == NameKind::secret)
      for (const Piece& piece : text.pieces()) keep(piece.hole ? piece.hole->value : piece.literal);
    const std::string value = text.value();
    if (const auto [begin, end] = password_of(value, 0); end > begin)
      keep(value.substr(begin, end - begin));
    // Whatever it is called, a token is a token.
    for (const Value& said : inspect(name, value))
      if (said.kind == ValueKind::credential)
        keep(value.substr(said.range.begin, said.range.end - said.range.begin));
    for (const Hole* hole : text.holes())
      if (name_kind(hole->name) == NameKind::secret && hole->operand && hole->has_default())
        keep(hole->operand->value());
  };
  for (const Process& process : program.processes) {
    for (const Variable& variable : process.environment) from_text(variable.name, variable.value);
    if (process.build)
      for (const Variable& argument : process.build->arguments)
        from_text(argument.name, argument.value);
  }
  // Options of commands, and what fills the place of a secret under another name.
  for (TargetIndex target = 0; target < program.targets.size(); ++target)
    for (const GivenValue& given : given_values(program, target))
      if (given.hard_coded || given.value.kind == ValueKind::weak ||
          given.value.kind == ValueKind::credential)
        keep(given.text);
  for (const ComposeProject& project : program.projects)
    for (const auto& use : project.variables)
      if (name_kind(use.hole->name) == NameKind::secret) {
        if (use.hole->operand && use.hole->has_default()) keep(use.hole->operand->value());
        keep(use.hole->value);
      }
  for (const FileFacts& facts : program.facts)
    for (const EnvironmentEntry& entry : facts.environment) from_text(entry.name, entry.value);
  values_.assign(values.begin(), values.end());
  std::ranges::sort(values_, [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
}

namespace {

// Whether a line speaks of a secret: then even a password that is an ordinary word is masked.
bool names_secret(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_'))
      ++end;
    if (end > at + 2 && name_kind(text.substr(at, end - at)) != NameKind::no) return true;
    at = end + 1;
  }
  return false;
}

bool is_ordinary_word(std::string_view value) {
  return value.size() < 12 &&
         std::ranges::all_of(value, [](unsigned char c) { return std::islower(c) != 0; });
}

} // namespace

std::string Redactor::line(std::string_view text) const {
  std::string result(text);
  auto mask = [&](std::size_t begin, std::size_t end) {
    std::fill(result.begin() + static_cast<std::ptrdiff_t>(begin),
              result.begin() + static_cast<std::ptrdiff_t>(end), '*');
  };
  for (auto [begin, end] = password_of(result, 0); end > begin;
       std::tie(begin, end) = password_of(result, end)) {
    // A variable is no secret: ${DB_PASSWORD} may be read by everybody.
    if (result.compare(begin, 1, "$") != 0) mask(begin, end);
  }
  auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  const bool secretive = names_secret(text);
  for (const std::string& value : values_) {
    // "postgres" is a password somewhere, and the name of an image everywhere else.
    if (!secretive && is_ordinary_word(value)) continue;
    for (std::size_t at = result.find(value); at != std::string::npos;
         at = result.find(value, at + value.size())) {
      // `postgres://app:***@postgres:5432`: a scheme and a host are seen by everybody.
      const bool place =
          is_ordinary_word(value) &&
          ((at > 0 && result[at - 1] == '@') || result.compare(at + value.size(), 3, "://") == 0);
      if (place) continue;
      const bool left = at == 0 || !is_word(result[at - 1]) || !is_word(value.front());
      const std::size_t end = at + value.size();
      const bool right = end == result.size() || !is_word(result[end]) || !is_word(value.back());
      if (left && right) mask(at, end);
    }
  }
  return result;
}

} // namespace aethel
