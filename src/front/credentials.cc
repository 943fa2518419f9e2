// Files that are named for the secret that they hold: `.gh_token`, `id_rsa`, `server.key`,
// `.npmrc`. What looks like a credential becomes an entry of the environment, named after the
// file or after the key in front of it; everything else in them is nobody's business.
#include "front/reader.h"

#include "knowledge/credentials.h"
#include "knowledge/secret_names.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace aethel::readers {
namespace {

// Keys and tokens are short; what is longer is something else.
constexpr std::size_t size_limit = 64u << 10;

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// ".gh_token", "vault-token", "api_key.txt": one secret, and nothing else.
bool is_named_for_secret(std::string_view name) {
  if (name.ends_with(".txt")) name.remove_suffix(4);
  if (name.starts_with('.')) name.remove_prefix(1);
  if (name.find('.') != std::string_view::npos) return false;
  // Asked of every file of large repositories: most names are dismissed without a table.
  const bool speaks = std::ranges::any_of(
      std::array<std::string_view, 6>{"token", "TOKEN", "secret", "SECRET", "pass", "key"},
      [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
  if (!speaks) return false;
  return name_kind(name) == NameKind::secret;
}

bool claims(std::string_view path) {
  const std::string_view name = name_of(path);
  for (const std::string_view end : {".pem", ".key", ".p8", ".ppk"})
    if (name.ends_with(end)) return true;
  constexpr std::array<std::string_view, 16> names = {
      ".npmrc",   ".pypirc",          ".netrc",           "_netrc",
      ".pgpass",  ".git-credentials", ".dockercfg",       ".dockerconfigjson",
      "id_rsa",   "id_dsa",           "id_ecdsa",         "id_ed25519",
      "mcp.json", ".mcp.json",        "credentials.json", "service-account.json"};
  if (std::ranges::find(names, name) != names.end() || path.ends_with(".aws/credentials"))
    return true;
  // "key.pem.backup", "server.key.old"
  for (const std::string_view part : {".pem.", ".key."})
    if (name.contains(part) && !name.ends_with(".pub") && !name.ends_with(".md")) return true;
  // "deploy_key", "id_rsa_prod": keys of OpenSSH have no extension.
  if (!name.contains('.') &&
      (name.starts_with("id_") || name.ends_with("_key") || name.ends_with("-key")))
    return true;
  return name.size() > 5 && is_named_for_secret(name);
}

bool accepts(std::string_view, std::string_view bytes) {
  return bytes.size() <= size_limit && bytes.find('\0') == std::string_view::npos;
}

// The key in front of a value in its line: `"ACCESS_TOKEN": "...` or `_authToken=...`.
std::string_view key_before(std::string_view bytes, std::size_t at) {
  const std::size_t line =
      bytes.rfind('\n', at) == std::string_view::npos ? 0 : bytes.rfind('\n', at) + 1;
  std::string_view before = bytes.substr(line, at - line);
  const std::size_t sign = before.find_last_of("=:");
  if (sign == std::string_view::npos) return {};
  before = before.substr(0, sign);
  auto is_part = [](char c) {
    return c == '_' || c == '-' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
  };
  std::size_t end = before.size();
  while (end > 0 && !is_part(before[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && is_part(before[begin - 1])) --begin;
  return before.substr(begin, end - begin);
}

void read(const Source& source, FileId file, FileFacts& facts) {
  const std::string_view bytes = source.bytes();
  const std::string_view file_name = name_of(source.path());
  auto add = [&](std::string_view name, Range range) {
    const Span span{file, range};
    facts.environment.push_back(
        {.name = std::string(name.empty() ? file_name : name),
         .value = Text(std::string(bytes.substr(range.begin, range.end - range.begin)), span),
         .name_span = span,
         .value_span = span});
  };
  // A lone word is the secret itself, whatever its form.
  std::size_t begin = 0, end = bytes.size();
  auto is_blank = [&](std::size_t at) {
    return bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t';
  };
  while (begin < end && is_blank(begin)) ++begin;
  while (end > begin && is_blank(end - 1)) --end;
  const std::string_view whole = bytes.substr(begin, end - begin);
  if (is_named_for_secret(file_name) && !whole.empty() && whole.size() <= 512 &&
      whole.find_first_of(" \t\r\n") == std::string_view::npos)
    return add({}, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  for (const Credential& found : find_credentials("", bytes))
    if (found.kind == CredentialKind::credential)
      add(key_before(bytes, found.range.begin), found.range);
}

} // namespace

extern constinit const Reader credentials;
constinit const Reader credentials{
    .name = "credentials", .claims = claims, .accepts = accepts, .read = read, .in_nested = true};

} // namespace aethel::readers
