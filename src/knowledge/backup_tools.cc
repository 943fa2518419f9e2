#include "knowledge/backup_tools.h"

#include "knowledge/table.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace aethel {

namespace data {
extern const std::string_view backup_tools;
}

namespace {

struct Tools {
  knowledge::Table table{data::backup_tools};
  std::unordered_map<std::string_view, std::string_view> store; // by word
  std::array<bool, 256> begins{};
  std::size_t shortest = std::string_view::npos, longest = 0;

  Tools() {
    for (const auto& row : table.rows()) {
      const std::string_view word = row["word"];
      store.emplace(word, row["store"]);
      begins[static_cast<unsigned char>(word.front())] = true;
      shortest = std::min(shortest, word.size());
      longest = std::max(longest, word.size());
    }
  }
};

constexpr std::array<bool, 256> word_bytes = [] {
  std::array<bool, 256> all{};
  for (unsigned c = '0'; c <= '9'; ++c) all[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) all[c] = all[c - 'a' + 'A'] = true;
  all['_'] = all['-'] = true;
  return all;
}();

bool in_word(char c) { return word_bytes[static_cast<unsigned char>(c)]; }

} // namespace

std::vector<BackupMention> find_backup_tools(std::string_view text) {
  static const Tools tools;
  std::vector<BackupMention> found;
  for (std::size_t at = 0; at < text.size();) {
    if (!in_word(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    while (end < text.size() && in_word(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    if (tools.begins[static_cast<unsigned char>(word.front())] && word.size() >= tools.shortest) {
      // `postgres-backup-local`, `mysqldump-job`: the word, and what is hung on it.
      for (std::size_t size = std::min(word.size(), tools.longest); size >= tools.shortest;
           --size) {
        if (size < word.size() && word[size] != '-' && word[size] != '_') continue;
        const auto known = tools.store.find(word.substr(0, size));
        if (known == tools.store.end()) continue;
        found.push_back({known->first,
                         known->second,
                         {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + size)}});
        break;
      }
    }
    at = end;
  }
  return found;
}

} // namespace aethel
