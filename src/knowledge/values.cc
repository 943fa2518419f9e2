#include "knowledge/values.h"

#include "knowledge/credentials.h"
#include "knowledge/hosts.h"
#include "knowledge/passwords.h"
#include "knowledge/placeholders.h"
#include "knowledge/secret_names.h"
#include "knowledge/shapes.h"
#include "knowledge/table.h"
#include "knowledge/url.h"
#include "knowledge/variables.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace aethel {
namespace {

using knowledge::is_alnum;
using knowledge::is_digit;

Range range(std::size_t begin, std::size_t end) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

Range moved(Range inner, std::uint32_t by) { return {inner.begin + by, inner.end + by}; }

bool is_one_of(std::string_view text, std::initializer_list<const char*> list) {
  return std::ranges::any_of(list, [&](const char* each) { return text == each; });
}

// Random enough to be generated: under a secret's name that is a secret.
bool is_random(std::string_view text) {
  if (knowledge::looks_made_up(text) || text.find(' ') != std::string_view::npos ||
      has_known_word(text))
    return false;
  auto all = [&](std::string_view alphabet) {
    return std::ranges::all_of(text, [&](char c) { return knowledge::in_alphabet(c, alphabet); });
  };
  const double bits = knowledge::entropy(text);
  const bool hexadecimal =
      text.size() >= 20 && all("hex") && std::ranges::any_of(text, knowledge::is_letter);
  if (hexadecimal || (text.size() >= 32 && text.size() == 36 && std::ranges::count(text, '-') == 4))
    return bits >= 3.0;
  if (text.size() >= 32 && (all("base64") || all("word-"))) return bits >= 4.0;
  const bool digit = std::ranges::any_of(text, is_digit),
             small = std::ranges::any_of(text, knowledge::is_lower),
             capital = std::ranges::any_of(text, knowledge::is_upper);
  // Shorter ones: three kinds of characters, changing often. "Correct-Horse-9" changes seldom.
  if (text.size() < 16 || !digit || !small || !capital) return false;
  std::size_t changes = 0, run = 1;
  for (std::size_t i = 1; i < text.size(); ++i) {
    auto kind = [](char c) {
      return is_digit(c) ? 0 : knowledge::is_lower(c) ? 1 : knowledge::is_upper(c) ? 2 : 3;
    };
    auto separates = [](char c) { return c == '_' || c == '-' || c == '.'; };
    const bool change = kind(text[i]) != kind(text[i - 1]);
    if (change && !separates(text[i]) && !separates(text[i - 1])) ++changes;
    run = change ? 1 : run + 1;
    if (run > 7) return false; // a word
  }
  return bits >= 3.5 && changes * 3 >= text.size();
}

Value from(const Credential& found) {
  Value value{.range = found.range,
              .id = found.id,
              .en = found.en,
              .pt = found.pt,
              .test_mode = found.test_mode};
  switch (found.kind) {
  case CredentialKind::credential: value.kind = ValueKind::credential; break;
  case CredentialKind::test: value.kind = ValueKind::test_mode_key; break;
  case CredentialKind::weak: value.kind = ValueKind::weak; break;
  case CredentialKind::known: value.kind = ValueKind::placeholder; break;
  case CredentialKind::made_up:
    value.kind = ValueKind::placeholder;
    value.en = value.pt = {}; // the form promises more than there is
    break;
  case CredentialKind::public_key: value.kind = ValueKind::ordinary; break;
  }
  return value;
}

// A literal under the name of a secret, no address.
Value secret_value(std::string_view name, std::string_view text, std::string_view user) {
  const Range whole = range(0, text.size());
  const Prefixed prefixed = without_prefix(text);
  // "__REPLACE_ME__" has the form of a hole for `sed`, but asks a person.
  const bool asks =
      text.find('$') == std::string_view::npos && placeholder_words(text, PlaceholderScope::any);
  if (!asks && (has_hole(text) || is_reference(text))) return {};
  if (is_one_of(knowledge::lower(text),
                {"true", "false", "yes", "no", "on", "off", "enabled", "disabled", "0", "1"}))
    return {};
  if (is_placeholder(name, text, PlaceholderScope::secret))
    return {.kind = ValueKind::placeholder,
            .range = whole,
            .id = "words",
            .test_mode = prefixed.test_mode};
  if (prefixed.test_mode)
    return {
        .kind = ValueKind::test_mode_key, .range = whole, .id = "test-prefix", .test_mode = true};
  if (is_weak_password(text, user))
    return {.kind = ValueKind::weak, .range = whole, .id = "guessable"};
  // Kubernetes keeps Secrets in base64: what it says counts. Random bytes are hardly ever text:
  // the 12 bytes of 16 random characters in one of 10^5 cases.
  if (const auto said = knowledge::decode_base64_text(text)) {
    Value inner = secret_value(name, *said, user);
    if (inner.kind != ValueKind::ordinary) inner.range = whole;
    return inner;
  }
  if (is_random(text)) return {.kind = ValueKind::credential, .range = whole, .id = "entropy"};
  return {};
}

std::optional<Value> host_value(std::string_view host, Range where, bool reached) {
  switch (host_kind(host)) {
  case HostKind::ordinary: return {};
  case HostKind::any:
    if (!reached || host == "*") return {}; // an address to listen on
    return Value{.kind = ValueKind::localhost, .range = where, .id = "any-address"};
  case HostKind::local: return Value{.kind = ValueKind::localhost, .range = where, .id = "local"};
  case HostKind::reserved:
    return Value{.kind = ValueKind::reserved_host, .range = where, .id = "reserved"};
  case HostKind::placeholder:
    return Value{.kind = ValueKind::reserved_host, .range = where, .id = "placeholder"};
  case HostKind::sandbox:
    return Value{.kind = ValueKind::test_mode_key,
                 .range = where,
                 .id = "sandbox-host",
                 .en = "the test system of a provider",
                 .pt = "o sistema de testes de um provedor",
                 .test_mode = true};
  }
  return {};
}

void add_host(std::vector<Value>& found, std::string_view host, Range where, bool reached) {
  if (auto value = host_value(host, where, reached)) found.push_back(*value);
}

// "postgresql://user:password@host/database": the words of a manual.
bool is_manual(std::string_view user, std::string_view password) {
  return is_one_of(knowledge::lower(user),
                   {"user", "username", "usuario", "myuser", "db_user", "dbuser"}) &&
         is_one_of(knowledge::lower(password),
                   {"password", "pass", "passwd", "pwd", "senha", "mypassword", "secret",
                    "db_password", "dbpassword"});
}

// What the name of the variable says about an address in its value.
struct Place {
  bool host = false;      // a lone word may be a host
  bool listens = false;   // an address to listen on, not one to reach
  bool sensitive = false; // may hold a password
};

void add_address(std::vector<Value>& found, const Url& url, std::string_view text, Place place) {
  const std::string_view user = text_at(text, url.user), password = text_at(text, url.password);
  if (!password.empty()) {
    // A user that is known to be replaced says nothing of the password; the same name does.
    Value value = secret_value("PASSWORD", decode_percent(password), decode_percent(user));
    if (value.kind == ValueKind::weak && is_manual(user, password))
      value = {.kind = ValueKind::placeholder, .id = "manual"};
    value.range = url.password;
    if (value.kind != ValueKind::ordinary) found.push_back(value);
  }
  const auto local = [&](const Url::Host& host) {
    const HostKind kind = host_kind(text_at(text, host.name));
    return kind == HostKind::local || kind == HostKind::any;
  };
  // One member of a cluster on this machine is odd but no sign of a forgotten default.
  const bool all_local = std::ranges::all_of(url.hosts, local);
  // "https://YOUR_KEY@sentry.io/1": a key in the place of the user.
  if (!url.has_password && !user.empty() && !has_hole(user) &&
      placeholder_words(user, PlaceholderScope::secret))
    found.push_back({.kind = ValueKind::placeholder, .range = url.user, .id = "words"});
  for (const Url::Host& host : url.hosts)
    if (!local(host) || all_local) {
      add_host(found, text_at(text, host.name), host.name, !place.listens);
      if (local(host)) break;
    }
  if (!place.sensitive) return;
  for (const Range part : {url.path, url.query}) {
    const std::string_view said = text_at(text, part);
    for (const std::string_view word : knowledge::words(said, "/&=?")) {
      const bool crosses = word.size() >= 3 &&
                           std::ranges::all_of(word, [](char c) { return c == 'x' || c == 'X'; });
      const bool yours =
          word.starts_with("YOUR") || word.starts_with("your-") || word.starts_with("your_");
      if (!crosses && !yours && !word.ends_with("...") &&
          !(word.starts_with('<') && word.ends_with('>')))
        continue;
      const auto begin = static_cast<std::uint32_t>(word.data() - text.data());
      found.push_back({.kind = ValueKind::placeholder,
                       .range = range(begin, begin + word.size()),
                       .id = "words"});
      return;
    }
  }
}

Place place_of(std::string_view name, bool sensitive) {
  Place place{.sensitive = sensitive};
  for (const std::string& word : name_words(name)) {
    place.listens |= is_one_of(
        word, {"listen", "listener", "listeners", "bind", "binding", "bindings", "aspnetcore"});
    place.host |= is_one_of(word, {"host",      "hosts",    "hostname",  "addr",   "address",
                                   "addresses", "endpoint", "endpoints", "server", "servers",
                                   "domain",    "domains",  "url",       "uri",    "origin",
                                   "origins",   "broker",   "brokers",   "node",   "nodes",
                                   "seeds",     "target",   "upstream",  "proxy",  "gateway"});
  }
  return place;
}

std::optional<Range> mail_host(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || text.find_first_of(" :/") < at) return {};
  std::size_t end = at + 1;
  while (end < text.size() && (is_alnum(text[end]) || text[end] == '.' || text[end] == '-')) ++end;
  if (end != text.size() || text.find('.', at) == std::string_view::npos) return {};
  return range(at + 1, end);
}

// One item of a list, or the whole value: an address, a mail address or a host.
void add_place(std::vector<Value>& found, std::string_view text, Place place) {
  if (const auto url = parse_connection(text)) return add_address(found, *url, text, place);
  if (const auto mail = mail_host(text)) return add_host(found, text_at(text, *mail), *mail, false);
  if (!place.host || has_hole(text)) return;
  if (const auto host = parse_host_port(text))
    add_host(found, text_at(text, host->name), host->name, false);
}

void add_places(std::vector<Value>& found, std::string_view text, Place place) {
  // One address may hold several hosts; several addresses have several schemes.
  const bool several = text.find("://") != text.rfind("://");
  if (text.find(',') == std::string_view::npos || (!several && parse_connection(text)))
    return add_place(found, text, place);
  // A list: an address of this machine beside public ones is there on purpose.
  std::size_t items = 0, local = 0;
  std::vector<Value> all;
  for (const std::string_view item : knowledge::words(text, ", ")) {
    std::vector<Value> said;
    add_place(said, item, place);
    ++items;
    if (std::ranges::any_of(said,
                            [](const Value& value) { return value.kind == ValueKind::localhost; }))
      ++local;
    for (Value& value : said) {
      value.range = moved(value.range, static_cast<std::uint32_t>(item.data() - text.data()));
      all.push_back(value);
    }
  }
  for (const Value& value : all)
    if (value.kind != ValueKind::localhost || local == items) found.push_back(value);
}

// PAYPAL_MODE=sandbox
bool is_sandbox_mode(std::string_view name, std::string_view text) {
  const KnownVariable* variable = find_variable(name);
  if (!variable || variable->kind != VariableKind::mode) return false;
  const std::string low = knowledge::lower(text);
  if (name_words(name).back() == "sandbox") return is_one_of(low, {"true", "1", "yes", "on"});
  return is_one_of(low, {"sandbox", "test", "testing", "development", "homologacao", "hmlg"});
}

} // namespace

std::vector<Value> inspect(std::string_view name, std::string_view raw, std::string_view user) {
  std::size_t begin = 0, end = raw.size();
  while (begin < end &&
         (raw[begin] == ' ' || raw[begin] == '\t' || raw[begin] == '\n' || raw[begin] == '\r'))
    ++begin;
  while (end > begin && (raw[end - 1] == ' ' || raw[end - 1] == '\t' || raw[end - 1] == '\n' ||
                         raw[end - 1] == '\r'))
    --end;
  if (end - begin >= 2 && (raw[begin] == '"' || raw[begin] == '\'') && raw[end - 1] == raw[begin]) {
    ++begin;
    --end;
  }
  const std::string_view text = raw.substr(begin, end - begin);
  const NameKind kind = name_kind(name);
  const bool sensitive = kind != NameKind::no;
  const bool nothing =
      sensitive && is_one_of(text, {"null", "none", "nil", "undefined", "None", "NULL"});
  if (text.empty() || nothing)
    return {{.kind = ValueKind::empty, .range = range(begin, end), .id = "empty"}};

  std::vector<Value> found;
  bool decided = false; // the form of the value says all
  for (const Credential& credential : find_credentials(name, text)) {
    const Value value = from(credential);
    if (credential.range == range(0, text.size())) decided = true;
    if (value.kind == ValueKind::ordinary ||
        (value.kind == ValueKind::weak && kind != NameKind::secret))
      continue;
    found.push_back(value);
  }
  if (!decided) {
    if (is_sandbox_mode(name, text))
      found.push_back({.kind = ValueKind::test_mode_key,
                       .range = range(0, text.size()),
                       .id = "sandbox-mode",
                       .en = "the test mode of a provider",
                       .pt = "o modo de testes de um provedor",
                       .test_mode = true});
    const bool address = parse_connection(text).has_value();
    if (kind == NameKind::secret && !address) {
      if (found.empty()) {
        const Value value = secret_value(name, text, user);
        if (value.kind != ValueKind::ordinary) found.push_back(value);
      }
    } else {
      add_places(found, text, place_of(name, sensitive));
      const auto scope = sensitive || without_prefix(text).distinct ? PlaceholderScope::secret
                                                                    : PlaceholderScope::any;
      if (found.empty() && !address && !has_hole(text) && !is_reference(text) &&
          is_placeholder(name, text, scope))
        found.push_back({.kind = ValueKind::placeholder,
                         .range = range(0, text.size()),
                         .id = "words",
                         .test_mode = without_prefix(text).test_mode});
      if (found.empty() && without_prefix(text).test_mode)
        found.push_back({.kind = ValueKind::test_mode_key,
                         .range = range(0, text.size()),
                         .id = "test-prefix",
                         .test_mode = true});
    }
  }
  for (Value& value : found) value.range = moved(value.range, static_cast<std::uint32_t>(begin));
  std::ranges::sort(found, {},
                    [](const Value& value) { return std::pair(value.kind, value.range.begin); });
  return found;
}

Value classify(std::string_view name, std::string_view value, std::string_view user) {
  const std::vector<Value> found = inspect(name, value, user);
  return found.empty() ? Value{} : found.front();
}

Description masked(const Value& value) {
  if (!value.en.empty()) return {.en = value.en, .pt = value.pt};
  switch (value.kind) {
  case ValueKind::credential:
    return {.en = "what looks like a real secret", .pt = "o que parece um segredo real"};
  case ValueKind::placeholder:
    if (value.test_mode)
      return {.en = "a placeholder in the form of a test-mode key",
              .pt = "um placeholder na forma de chave de teste"};
    return {.en = "a placeholder", .pt = "um placeholder"};
  case ValueKind::weak: return {.en = "a weak password", .pt = "uma senha fraca"};
  case ValueKind::test_mode_key: return {.en = "a test-mode key", .pt = "uma chave de teste"};
  case ValueKind::reserved_host:
    return {.en = "a host that does not exist", .pt = "um host que não existe"};
  case ValueKind::localhost: return {.en = "this machine", .pt = "esta máquina"};
  case ValueKind::empty: return {.en = "nothing", .pt = "nada"};
  case ValueKind::ordinary: return {.en = "a value", .pt = "um valor"};
  }
  return {};
}

} // namespace aethel
