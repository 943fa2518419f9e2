#include "knowledge/credentials.h"

#include "knowledge/placeholders.h"
#include "knowledge/secret_names.h"
#include "knowledge/shapes.h"
#include "knowledge/table.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>

namespace aethel {
namespace data {
extern const std::string_view credentials;
extern const std::string_view known_values;
} // namespace data
namespace {

using knowledge::is_alnum;

template <class T> T number(std::string_view text) {
  T value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) std::abort();
  return value;
}

Range range(std::size_t begin, std::size_t end) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

struct Form {
  std::string_view id;
  CredentialKind kind = CredentialKind::credential;
  std::string_view prefix, alphabet;
  std::size_t min = 0, max = 0;
  double entropy = 0;
  std::vector<std::string_view> names; // all must stand in the name of the variable
  bool whole = false;                  // only as the whole value of a secret
  bool browser = false;                // may be public: fine in a variable for browsers
  std::string_view en, pt;
};

const std::vector<Form>& forms() {
  static const knowledge::Table table(data::credentials);
  static const std::vector<Form> all = [] {
    std::vector<Form> list;
    for (const auto& row : table.rows()) {
      Form form{.id = row["id"], .prefix = row["prefix"], .alphabet = row["alphabet"]};
      const std::string_view kind = row["kind"];
      if (kind == "test")
        form.kind = CredentialKind::test;
      else if (kind == "public")
        form.kind = CredentialKind::public_key;
      else if (kind != "credential")
        std::abort();
      form.min = number<std::size_t>(row["min"]);
      form.max = number<std::size_t>(row["max"]);
      form.entropy = number<double>(row["entropy"]);
      form.names = knowledge::words(row["names"]);
      form.whole = row["where"] == "secret";
      form.browser = row["browser"] == "yes";
      form.en = row["en"];
      form.pt = row["pt"];
      if (form.prefix.empty() && !form.whole) std::abort(); // would match anything
      list.push_back(std::move(form));
    }
    return list;
  }();
  return all;
}

struct Known {
  CredentialKind kind = CredentialKind::known;
  std::string value;
  std::vector<std::string_view> names;
  std::string_view en, pt;
};

const std::vector<Known>& known_values() {
  static const knowledge::Table table(data::known_values);
  static const std::vector<Known> all = [] {
    std::vector<Known> list;
    for (const auto& row : table.rows()) {
      Known known{.names = knowledge::words(row["names"]), .en = row["en"], .pt = row["pt"]};
      // Cut in pieces in the table, so that scanners for secrets leave the table alone.
      for (const std::string_view piece : knowledge::words(row["pieces"])) known.value += piece;
      const std::string_view kind = row["kind"];
      if (kind == "test")
        known.kind = CredentialKind::test;
      else if (kind == "weak")
        known.kind = CredentialKind::weak;
      else if (kind != "placeholder")
        std::abort();
      list.push_back(std::move(known));
    }
    return list;
  }();
  return all;
}

bool has_all(const std::vector<std::string>& words, const std::vector<std::string_view>& wanted) {
  return std::ranges::all_of(
      wanted, [&](std::string_view word) { return std::ranges::find(words, word) != words.end(); });
}

bool right_parts(std::string_view rest, std::string_view alphabet) {
  if (alphabet == "three-parts") return std::ranges::count(rest, '.') == 2;
  if (alphabet != "telegram") return true;
  const std::size_t colon = rest.find(':');
  return colon >= 8 && colon <= 10 &&
         std::ranges::all_of(rest.substr(0, colon), knowledge::is_digit) &&
         rest.size() - colon == 36;
}

// Where the form begins at `at`; nothing when its rest is too short or too long.
std::optional<Credential> match_at(const Form& form, std::string_view value, std::size_t at) {
  const std::size_t begin = at + form.prefix.size();
  std::size_t end = begin;
  while (end < value.size() && knowledge::in_alphabet(value[end], form.alphabet)) ++end;
  if (end < value.size() && (is_alnum(value[end]) || value[end] == '_')) return {};
  const std::string_view rest = value.substr(begin, end - begin);
  if (rest.size() < form.min || rest.size() > form.max || !right_parts(rest, form.alphabet))
    return {};
  Credential found{
      .kind = form.kind, .range = range(at, end), .id = form.id, .en = form.en, .pt = form.pt};
  found.test_mode = form.kind == CredentialKind::test;
  if (knowledge::looks_made_up(rest) || placeholder_words(rest, PlaceholderScope::secret))
    found.kind = CredentialKind::made_up;
  else if (knowledge::entropy(rest) < form.entropy)
    return {};
  return found;
}

void add_forms(std::vector<Credential>& found, std::string_view name,
               const std::vector<std::string>& words, std::string_view value) {
  const bool secret = name_kind(name) == NameKind::secret;
  const bool browser = is_public_name(name) || std::ranges::find(words, "firebase") != words.end();
  for (const Form& form : forms()) {
    if (value.size() < form.prefix.size() + form.min) continue;
    if (!has_all(words, form.names) || (form.browser && browser)) continue;
    if (form.whole) {
      if (!secret || !value.starts_with(form.prefix)) continue;
      const auto match = match_at(form, value, 0);
      if (match && match->range.end == value.size()) found.push_back(*match);
      continue;
    }
    for (std::size_t at = value.find(form.prefix); at != std::string_view::npos;
         at = value.find(form.prefix, at + 1)) {
      // Not in the midst of a longer word; the first character of "$aact_" is its own border.
      const bool border = at == 0 || !is_alnum(form.prefix[0]) ||
                          !(is_alnum(value[at - 1]) || value[at - 1] == '_');
      if (!border) continue;
      if (const auto match = match_at(form, value, at)) found.push_back(*match);
    }
  }
}

// A private key in PEM, with its lines joined by "\n" or not. Fewer than 64 characters of
// base64 are no key but an example.
void add_private_key(std::vector<Credential>& found, std::string_view value) {
  constexpr std::string_view begin_mark = "-----BEGIN ", end_mark = "PRIVATE KEY-----";
  const std::size_t begin = value.find(begin_mark);
  if (begin == std::string_view::npos) return;
  const std::size_t label = value.find("-----", begin + begin_mark.size());
  if (label == std::string_view::npos) return;
  if (!value.substr(begin, label + 5 - begin).ends_with(end_mark))
    return; // a certificate, a public key
  const std::size_t body = label + 5;
  const std::size_t end = std::min(value.find("-----END", body), value.size());
  std::string text;
  for (std::size_t i = body; i < end; ++i) {
    if (value[i] == '\\' && i + 1 < end)
      ++i; // "\n"
    else if (knowledge::in_alphabet(value[i], "base64"))
      text += value[i];
  }
  Credential key{.range = range(begin, end),
                 .id = "private-key",
                 .en = "a private key",
                 .pt = "uma chave privada"};
  // OpenSSH's form is full of zeros, which look made up, and begins with its name in base64.
  const bool openssh = text.starts_with("b3BlbnNzaC1rZXktdjE") && text.size() >= 300;
  if (text.size() < 64 || (!openssh && knowledge::looks_made_up(text)))
    key.kind = CredentialKind::made_up;
  found.push_back(key);
}

// header.payload.signature in base64url; what it is good for stands in the payload.
void add_web_token(std::vector<Credential>& found, std::string_view value) {
  for (std::size_t at = value.find("eyJ"); at != std::string_view::npos;
       at = value.find("eyJ", at + 1)) {
    if (at > 0 && (is_alnum(value[at - 1]) || value[at - 1] == '.' || value[at - 1] == '_'))
      continue;
    std::size_t end = at;
    while (end < value.size() && knowledge::in_alphabet(value[end], "dotted")) ++end;
    const auto parts = knowledge::words(value.substr(at, end - at), ".");
    if (parts.size() != 3 || parts[2].size() < 20) continue;
    const auto header = knowledge::decode_base64_text(parts[0]);
    const std::string payload = knowledge::decode_base64_text(parts[1]).value_or("");
    if (!header || header->find("\"alg\"") == std::string::npos) continue;
    Credential token{.range = range(at, end),
                     .id = "web-token",
                     .en = "a signed web token (JWT)",
                     .pt = "um token web assinado (JWT)"};
    if (payload.find("\"supabase-demo\"") != std::string::npos) {
      token.kind = CredentialKind::test;
      token.test_mode = true;
      token.en = "the key of a local Supabase";
      token.pt = "a chave de um Supabase local";
    } else if (payload.find("\"role\":\"anon\"") != std::string::npos) {
      token.kind = CredentialKind::public_key;
    } else if (payload.find("\"role\":\"service_role\"") != std::string::npos) {
      token.id = "supabase-service-role";
      token.en = "a Supabase service role key";
      token.pt = "uma chave service role do Supabase";
    } else if (knowledge::looks_made_up(parts[2])) {
      token.kind = CredentialKind::made_up;
    }
    found.push_back(token);
  }
}

} // namespace

std::vector<Credential> find_credentials(std::string_view name, std::string_view value) {
  const std::vector<std::string> words = name_words(name);
  std::vector<Credential> found;
  for (const Known& known : known_values()) {
    if (!has_all(words, known.names)) continue;
    const std::size_t at = value.find(known.value);
    if (at == std::string_view::npos ||
        (known.value.size() < 16 && known.value.size() != value.size()))
      continue;
    found.push_back({.kind = known.kind,
                     .range = range(at, at + known.value.size()),
                     .id = "known-value",
                     .en = known.en,
                     .pt = known.pt,
                     .test_mode = known.kind == CredentialKind::test});
    return found; // what is around it is no more real
  }
  add_private_key(found, value);
  add_web_token(found, value);
  add_forms(found, name, words, value);
  return found;
}

Prefixed without_prefix(std::string_view value) {
  Prefixed best{.rest = value};
  std::size_t longest = 0;
  for (const Form& form : forms()) {
    if (form.prefix.size() <= longest || !form.names.empty() || !value.starts_with(form.prefix))
      continue;
    longest = form.prefix.size();
    best = {.rest = value.substr(longest),
            .known = true,
            .distinct = !form.whole,
            .test_mode = form.kind == CredentialKind::test};
  }
  return best;
}

} // namespace aethel
