#include "knowledge/secret_names.h"

#include "knowledge/table.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <unordered_map>

namespace aethel {
namespace data {
extern const std::string_view secret_names;
}
namespace {

using Words = std::vector<std::string>;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// Words that are often glued to what stands before them: PGPASSWORD, authtoken, apikey.
constexpr std::string_view glued[] = {"password", "passwd", "passphrase",
                                      "secret",   "token",  "apikey"};

void add_word(Words& words, std::string_view text) {
  if (text.empty()) return;
  std::string word(text);
  std::ranges::transform(word, word.begin(), lower);
  for (const std::string_view tail : glued) {
    if (!word.ends_with(tail)) continue;
    if (word.size() > tail.size()) words.push_back(word.substr(0, word.size() - tail.size()));
    if (tail == "apikey") {
      words.push_back("api");
      words.push_back("key");
    } else {
      words.push_back(std::string(tail));
    }
    return;
  }
  words.push_back(std::move(word));
}

struct Entry {
  enum class Match { first, whole, last, any, suffix } match;
  NameKind kind;
  std::vector<std::string_view> words;
};

// By the word at which an entry must meet the name: a table walked for every name costs 5 us.
struct Index {
  std::unordered_map<std::string_view, std::vector<Entry>> first,
      last; // `last`: whole and suffix too
  std::vector<Entry> any;
};

const Index& index() {
  static const knowledge::Table table(data::secret_names);
  static const Index all = [] {
    Index made;
    for (const auto& row : table.rows()) {
      Entry entry{.match = Entry::Match::last,
                  .kind = NameKind::no,
                  .words = knowledge::words(row["tokens"])};
      const std::string_view match = row["match"], verdict = row["verdict"];
      if (match == "first")
        entry.match = Entry::Match::first;
      else if (match == "whole")
        entry.match = Entry::Match::whole;
      else if (match == "any")
        entry.match = Entry::Match::any;
      else if (match != "last")
        std::abort();
      if (verdict == "secret")
        entry.kind = NameKind::secret;
      else if (verdict == "url")
        entry.kind = NameKind::url_with_credentials;
      else if (verdict == "suffix")
        entry.match = Entry::Match::suffix;
      else if (verdict != "no")
        std::abort();
      if (entry.match == Entry::Match::any)
        made.any.push_back(std::move(entry));
      else if (entry.match == Entry::Match::first)
        made.first[entry.words.front()].push_back(std::move(entry));
      else
        made.last[entry.words.back()].push_back(std::move(entry));
    }
    return made;
  }();
  return all;
}

std::span<const Entry> at(const std::unordered_map<std::string_view, std::vector<Entry>>& map,
                          std::string_view word) {
  const auto found = map.find(word);
  return found == map.end() ? std::span<const Entry>() : std::span<const Entry>(found->second);
}

bool same(std::span<const std::string> left, const std::vector<std::string_view>& right) {
  return std::ranges::equal(left, right);
}

bool applies(const Entry& entry, std::span<const std::string> words) {
  const std::size_t size = entry.words.size();
  if (size > words.size()) return false;
  switch (entry.match) {
  case Entry::Match::first: return size < words.size() && same(words.first(size), entry.words);
  case Entry::Match::whole: return same(words, entry.words);
  case Entry::Match::suffix:
  case Entry::Match::last: return same(words.last(size), entry.words);
  case Entry::Match::any:
    for (std::size_t i = 0; i + size <= words.size(); ++i)
      if (same(words.subspan(i, size), entry.words)) return true;
    return false;
  }
  return false;
}

// What tells environments apart says nothing about the value: DATABASE_URL_STAGING, API_KEY_2.
std::span<const std::string> without_suffix(std::span<const std::string> words) {
  while (words.size() > 1) {
    const std::string& last = words.back();
    const bool number = std::ranges::all_of(last, is_digit);
    const bool named = std::ranges::any_of(at(index().last, last), [](const Entry& entry) {
      return entry.match == Entry::Match::suffix;
    });
    if (!number && !named) break;
    words = words.first(words.size() - 1);
  }
  return words;
}

} // namespace

Words name_words(std::string_view name) {
  Words words;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    const bool end = i == name.size();
    const char c = end ? '\0' : name[i];
    const bool letter = is_upper(c) || is_lower(c) || is_digit(c);
    // "dbPassword" and "APIKey": before a capital that follows or precedes a small letter.
    const bool hump = letter && i > begin && is_upper(c) &&
                      (is_lower(name[i - 1]) ||
                       (i + 1 < name.size() && is_lower(name[i + 1]) && is_upper(name[i - 1])));
    if (end || !letter || hump) {
      add_word(words, name.substr(begin, i - begin));
      begin = hump || end ? i : i + 1;
    }
  }
  return words;
}

NameKind name_kind(std::string_view name) {
  const Words all = name_words(name);
  const std::span<const std::string> words = without_suffix(all);
  if (words.empty()) return NameKind::no;
  for (const Entry& entry : at(index().first, words.front()))
    if (applies(entry, words)) return entry.kind;
  const std::span<const Entry> ends = at(index().last, words.back());
  for (const Entry& entry : ends)
    if (entry.match == Entry::Match::whole && applies(entry, words)) return entry.kind;
  // The longest end of the name knows best; the table lists exceptions first.
  const Entry* best = nullptr;
  for (const Entry& entry : ends)
    if (entry.match == Entry::Match::last && (!best || entry.words.size() > best->words.size()) &&
        applies(entry, words))
      best = &entry;
  for (const Entry& entry : index().any)
    if ((!best || entry.words.size() > best->words.size()) && applies(entry, words)) best = &entry;
  return best ? best->kind : NameKind::no;
}

bool is_public_name(std::string_view name) {
  const Words words = name_words(name);
  if (words.empty()) return false;
  for (const Entry& entry : at(index().first, words.front()))
    if (applies(entry, words))
      return entry.words.back() == "public" || entry.words.front() == "vite" ||
             entry.words.back() == "app" || entry.words.front() == "gatsby" ||
             entry.words.front() == "storybook";
  return false;
}

} // namespace aethel
