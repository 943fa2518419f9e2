#include "knowledge/passwords.h"

#include "knowledge/shapes.h"
#include "knowledge/table.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace aethel {
namespace data {
extern const std::string_view weak_passwords;
}
namespace {

using knowledge::is_digit;
using knowledge::is_letter;
using knowledge::is_lower;
using knowledge::is_upper;

struct Dictionary {
  std::set<std::string, std::less<>> passwords, parts;
};

const Dictionary& dictionary() {
  static const knowledge::Table table(data::weak_passwords);
  static const Dictionary all = [] {
    Dictionary words;
    for (const auto& row : table.rows()) {
      if (row["use"] == "password")
        words.passwords.emplace(row["text"]);
      else if (row["use"] == "part")
        words.parts.emplace(row["text"]);
      else
        std::abort();
    }
    return words;
  }();
  return all;
}

// Letters of one kind or digits only, or small letters with separators between: 20 of them are
// still within reach of guessing when a person chose them, and no generator makes such texts.
bool is_monotonous(std::string_view text) {
  if (text.size() >= 20) return false;
  if (text.size() < 16 &&
      (std::ranges::all_of(text, is_upper) || std::ranges::all_of(text, is_digit)))
    return true;
  return std::ranges::all_of(text, [](char c) { return !is_upper(c) && !is_digit(c); }) &&
         (text.size() < 16 || !std::ranges::all_of(text, is_lower));
}

// "p4ssw0rd": digits and signs for the letters that they look like.
std::string without_disguise(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    constexpr std::string_view disguised = "@4031!5$7", letters = "aaoeiisst";
    const std::size_t at = disguised.find(c);
    if (at != std::string_view::npos) c = letters[at];
  }
  return plain;
}

// "rootsecretpassword": words of the trade without anything between.
bool is_chain_of_words(std::string_view low) {
  std::vector<bool> reached(low.size() + 1);
  reached[0] = true;
  for (std::size_t at = 0; at < low.size(); ++at) {
    if (!reached[at]) continue;
    for (std::size_t size = 2; size <= 16 && at + size <= low.size(); ++size)
      if (dictionary().parts.contains(low.substr(at, size))) reached[at + size] = true;
  }
  return reached[low.size()];
}

bool is_plain_word(std::string_view text) {
  return std::ranges::all_of(text, is_lower) || std::ranges::all_of(text, is_upper) ||
         (is_upper(text[0]) && std::ranges::all_of(text.substr(1), is_lower));
}

// Words and numbers with separators between, one of them a word of the trade. "admin123" is a
// word and a number; "8Lm4Qx9V" changes too often between the two and is neither.
bool is_made_of_words(std::string_view text) {
  const Dictionary& words = dictionary();
  bool known = false;
  std::size_t letters = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_letter(text[at]) && !is_digit(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at, changes = 0;
    while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))) {
      if (end > at && is_letter(text[end]) != is_letter(text[end - 1])) ++changes;
      ++end;
    }
    if (changes > 1) return false;
    for (std::size_t i = at; i < end;) {
      std::size_t stop = i;
      while (stop < end && is_letter(text[stop]) == is_letter(text[i])) ++stop;
      const std::string_view run = text.substr(i, stop - i);
      if (is_letter(run[0])) {
        const bool listed = words.parts.contains(knowledge::lower(run));
        if (!is_plain_word(run) || (run.size() < 3 && !listed) || run.size() > 16) return false;
        known |= listed;
        letters += run.size();
      } else if (run.size() > 8) {
        return false;
      }
      i = stop;
    }
    at = end;
  }
  return known && letters >= 3;
}

} // namespace

bool is_weak_password(std::string_view value, std::string_view user) {
  if (value.size() < 8) return true;
  const std::string low = knowledge::lower(value);
  if (!user.empty() && low == knowledge::lower(user)) return true;
  return dictionary().passwords.contains(low) ||
         dictionary().passwords.contains(without_disguise(low)) ||
         low.find("password") != std::string::npos || is_monotonous(value) ||
         is_made_of_words(value) || is_chain_of_words(low) || knowledge::looks_made_up(value);
}

bool has_known_word(std::string_view value) {
  for (std::size_t at = 0; at < value.size();) {
    std::size_t end = at;
    while (end < value.size() && is_letter(value[end])) ++end;
    // Shorter ones stand in random texts too.
    if (end - at >= 5 && dictionary().parts.contains(knowledge::lower(value.substr(at, end - at))))
      return true;
    at = end + 1;
  }
  return false;
}

} // namespace aethel
