#include "knowledge/placeholders.h"

#include "knowledge/credentials.h"
#include "knowledge/secret_names.h"
#include "knowledge/shapes.h"
#include "knowledge/table.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace aethel {
namespace data {
extern const std::string_view placeholders;
}
namespace {

using Words = std::vector<std::string>;

struct Entry {
  enum class Place { any, first, last } place = Place::any; // of its words
  PlaceholderScope scope = PlaceholderScope::secret;
  std::string_view text;
  Words words;
};

struct Index {
  std::unordered_map<std::string, std::vector<Entry>> words; // by the first word of the entry
  std::vector<std::string_view> references;
  std::vector<Entry> exact;
};

const Index& index() {
  static const knowledge::Table table(data::placeholders);
  static const Index all = [] {
    Index made;
    for (const auto& row : table.rows()) {
      Entry entry{.text = row["text"], .words = name_words(row["text"])};
      const std::string_view match = row["match"];
      if (row["scope"] == "any")
        entry.scope = PlaceholderScope::any;
      else if (row["scope"] != "secret")
        std::abort();
      if (match == "reference") {
        made.references.push_back(row["text"]);
      } else if (match == "exact") {
        made.exact.push_back(std::move(entry));
      } else {
        if (match == "first")
          entry.place = Entry::Place::first;
        else if (match == "last")
          entry.place = Entry::Place::last;
        else if (match != "word" && match != "phrase")
          std::abort();
        std::string key = entry.words.front();
        made.words[std::move(key)].push_back(std::move(entry));
      }
    }
    return made;
  }();
  return all;
}

// Whether the entry, whose first word is that at `at`, stands there.
bool applies(const Entry& entry, std::span<const std::string> words, std::size_t at) {
  switch (entry.place) {
  case Entry::Place::first: return at == 0 && words.size() > 1;
  case Entry::Place::last: return at > 0 && at == words.size() - 1;
  case Entry::Place::any: break;
  }
  return entry.words.size() <= words.size() - at &&
         std::ranges::equal(entry.words, words.subspan(at, entry.words.size()));
}

bool is_cross(char c) { return c == 'x' || c == 'X' || c == '*'; }

// "xxx", "XXXX-XXXX", "***", and for secrets four crosses anywhere.
bool has_crosses(std::string_view text, PlaceholderScope scope) {
  std::size_t crosses = 0, run = 0;
  bool only = true;
  for (const char c : text) {
    run = is_cross(c) ? run + 1 : 0;
    if (is_cross(c))
      ++crosses;
    else if (knowledge::is_alnum(c))
      only = false;
    if (run == 4 && scope == PlaceholderScope::secret) return true;
  }
  return only && crosses >= 3;
}

bool in_brackets(std::string_view text, PlaceholderScope scope) {
  const std::size_t open = text.find('<'),
                    close = text.find('>', open == std::string_view::npos ? 0 : open);
  if (open != std::string_view::npos && close != std::string_view::npos && close > open + 1) {
    if (open == 0 && close == text.size() - 1) return true;
    if (scope == PlaceholderScope::secret && knowledge::is_letter(text[open + 1])) return true;
  }
  return scope == PlaceholderScope::secret && text.size() > 2 && text.front() == '[' &&
         text.back() == ']' && std::ranges::all_of(text.substr(1, text.size() - 2), [](char c) {
           return knowledge::is_alnum(c) || c == ' ' || c == '_' || c == '-';
         });
}

// "JWT_SECRET=jwt-secret", "STRIPE_SECRET_KEY=secret_key": at least two words.
bool repeats_name(std::string_view name, std::string_view value) {
  const Words words = name_words(name), said = name_words(value);
  if (said.size() < 2 || said.size() > words.size()) return false;
  // "app_password" is no reminder but what somebody chose.
  for (const char* chosen : {"password", "passwd", "pass", "pwd", "senha"})
    if (said.back() == chosen) return false;
  return std::equal(said.rbegin(), said.rend(), words.rbegin());
}

bool is_upper_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return knowledge::is_upper(c) || knowledge::is_digit(c) || c == '_';
  });
}

bool wrapped(std::string_view text, std::string_view open, std::string_view close) {
  return text.size() > open.size() + close.size() && text.starts_with(open) &&
         text.ends_with(close) &&
         is_upper_word(text.substr(open.size(), text.size() - open.size() - close.size()));
}

} // namespace

bool placeholder_words(std::string_view text, PlaceholderScope scope) {
  const bool sentence = text.find(' ') != std::string_view::npos;
  if (scope == PlaceholderScope::any && sentence) return false;
  const Words words = name_words(text);
  if (words.empty()) return text == "...";
  const auto in_scope = [&](const Entry& entry) {
    return scope == PlaceholderScope::secret || entry.scope == PlaceholderScope::any;
  };
  for (const Entry& entry : index().exact)
    if (text == entry.text && in_scope(entry)) return true;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto found = index().words.find(words[at]);
    if (found == index().words.end()) continue;
    for (const Entry& entry : found->second)
      if (in_scope(entry) && applies(entry, words, at)) return true;
  }
  return false;
}

bool is_placeholder(std::string_view name, std::string_view value, PlaceholderScope scope) {
  if (placeholder_words(value, scope) || in_brackets(value, scope)) return true;
  const Prefixed prefixed = without_prefix(value);
  const bool dots = prefixed.rest.ends_with("...") || prefixed.rest.ends_with("\u2026");
  if (dots && (scope == PlaceholderScope::secret || prefixed.known)) return true;
  if (has_crosses(prefixed.rest, scope)) return true;
  return scope == PlaceholderScope::secret &&
         (repeats_name(name, value) || (prefixed.known && prefixed.rest.empty()));
}

bool has_hole(std::string_view value) {
  for (const char* mark : {"${", "$(", "{{", "#{", "%("})
    if (value.find(mark) != std::string_view::npos) return true;
  for (std::size_t at = value.find('$'); at != std::string_view::npos; at = value.find('$', at + 1))
    if (at + 1 < value.size() && (knowledge::is_letter(value[at + 1]) || value[at + 1] == '_'))
      return true;
  return wrapped(value, "__", "__") || wrapped(value, "@", "@") || wrapped(value, "%", "%");
}

bool is_reference(std::string_view value) {
  return std::ranges::any_of(
      index().references, [&](std::string_view beginning) { return value.starts_with(beginning); });
}

} // namespace aethel
