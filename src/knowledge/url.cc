#include "knowledge/url.h"

#include "knowledge/table.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace aethel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

Range range(std::size_t begin, std::size_t end) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

bool is_host_character(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80 ||
         // left over from templates: a name with a hole in it is still the host
         c == '$' || c == '{' || c == '}' || c == '<' || c == '>' || c == '[' || c == ']' ||
         c == '*';
}

// [begin, end) of `text` as host and port.
std::optional<Url::Host> host_in(std::string_view text, std::size_t begin, std::size_t end) {
  Url::Host host;
  std::size_t after;
  if (begin < end && text[begin] == '[' &&
      text.substr(begin, end - begin).find(':') != std::string_view::npos) {
    const std::size_t close = text.find(']', begin);
    if (close == std::string_view::npos || close >= end) return {};
    host.name = range(begin + 1, close);
    after = close + 1;
  } else {
    after = begin;
    // ${NAME:-x} holds a colon that starts no port.
    int depth = 0;
    while (after < end && (depth > 0 || text[after] != ':')) {
      if (text[after] == '{') ++depth;
      if (text[after] == '}') --depth;
      ++after;
    }
    host.name = range(begin, after);
    for (std::size_t i = begin; i < after; ++i)
      if (!is_host_character(text[i]) && text[i] != ':') return {};
  }
  if (after < end) {
    if (text[after] != ':') return {};
    host.port = range(after + 1, end);
  }
  return host;
}

void add_hosts(Url& url, std::string_view text, std::size_t begin, std::size_t end) {
  while (begin < end) {
    const std::size_t comma = std::min(text.find(',', begin), end);
    if (const auto host = host_in(text, begin, comma)) url.hosts.push_back(*host);
    begin = comma + 1;
  }
}

// Credentials that stand among the parameters instead of before the host.
void credentials_from_query(Url& url, std::string_view text) {
  if (url.user == Range{} || url.user.begin == url.user.end)
    for (const char* key : {"user", "username", "uid", "user id"})
      if (const auto value = query_value(text, url, key)) url.user = *value;
  if (!url.has_password)
    for (const char* key : {"password", "pwd"})
      if (const auto value = query_value(text, url, key)) {
        url.password = *value;
        url.has_password = true;
      }
}

// "Host=db;Port=5432;Database=x;Username=u;Password=p", or the same with blanks between.
std::optional<Url> parse_keywords(std::string_view text) {
  const bool semicolons = text.find(';') != std::string_view::npos;
  const std::string_view separators = semicolons ? ";" : " \t";
  Url url;
  std::optional<Range> port;
  std::size_t pairs = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    const std::size_t equals = text.find('=', at);
    if (equals < end) {
      std::string_view key = text.substr(at, equals - at);
      while (key.starts_with(' ')) key.remove_prefix(1);
      while (key.ends_with(' ')) key.remove_suffix(1);
      std::size_t begin = equals + 1, stop = end;
      if (stop - begin >= 2 && (text[begin] == '\'' || text[begin] == '"') &&
          text[stop - 1] == text[begin]) {
        ++begin;
        --stop;
      }
      const Range value = range(begin, stop);
      auto is = [&](std::initializer_list<const char*> names) {
        return std::ranges::any_of(names, [&](const char* name) { return same_word(key, name); });
      };
      if (is({"host", "server", "data source", "addr", "address"})) {
        std::string_view host = text_at(text, value);
        if (host.starts_with("tcp:")) begin += 4;
        const std::size_t comma = text.substr(0, stop).find(',', begin); // "server,1433"
        if (comma != std::string_view::npos)
          url.hosts.push_back({.name = range(begin, comma), .port = range(comma + 1, stop)});
        else
          add_hosts(url, text, begin, stop);
      } else if (is({"port"})) {
        port = value;
      } else if (is({"user", "username", "user id", "uid", "user name"})) {
        url.user = value;
      } else if (is({"password", "pwd"})) {
        url.password = value;
        url.has_password = true;
      } else if (is({"database", "dbname", "initial catalog"})) {
        url.path = value;
      } else {
        at = end + 1;
        continue;
      }
      ++pairs;
    } else if (!semicolons) {
      return {}; // a word without '=': a sentence
    }
    at = end + 1;
  }
  if (pairs < 2 || url.hosts.empty()) return {};
  if (port && url.hosts.front().port == Range{}) url.hosts.front().port = *port;
  return url;
}

// github.com/go-sql-driver/mysql: user:password@tcp(host:3306)/name?parseTime=true
std::optional<Url> parse_go(std::string_view text) {
  const std::size_t open = text.find("@tcp(");
  if (open == std::string_view::npos) return {};
  const std::size_t close = text.find(')', open);
  if (close == std::string_view::npos) return {};
  Url url;
  const std::size_t colon = text.substr(0, open).find(':');
  url.user = range(0, std::min(colon, open));
  if (colon != std::string_view::npos) {
    url.password = range(colon + 1, open);
    url.has_password = true;
  }
  add_hosts(url, text, open + 5, close);
  const std::size_t slash = text.find('/', close);
  const std::size_t mark = std::min(text.find('?', close), text.size());
  if (slash < mark) url.path = range(slash + 1, mark);
  if (mark < text.size()) url.query = range(mark + 1, text.size());
  return url;
}

} // namespace

std::optional<Url> parse_url(std::string_view text) {
  std::size_t at = same_word(text.substr(0, 5), "jdbc:") ? 5 : 0;
  Url url;
  const std::size_t begin = at;
  while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]) || text[at] == '+' ||
                              text[at] == '-' || text[at] == '.' || text[at] == '_'))
    ++at;
  if (at == begin || !is_letter(text[begin]) || !text.substr(at).starts_with("://")) return {};
  url.scheme = range(begin, at);
  at += 3;
  const bool sql_server = begin > 0 && same_word(text_at(text, url.scheme), "sqlserver");

  // The end of the authority. A hole may hold any character; `${X:?message}` holds '?'.
  std::size_t end = at;
  for (int depth = 0; end < text.size(); ++end) {
    const char c = text[end];
    if (c == '{') ++depth;
    if (c == '}' && depth > 0) --depth;
    if (depth == 0 && (c == '/' || c == '?' || c == '#' || (c == ';' && sql_server))) break;
    if (depth == 0 && (c == ' ' || c == '\t' || c == '\n')) return {};
  }
  std::size_t hosts = at;
  const std::size_t sign = text.substr(0, end).rfind('@');
  if (sign != std::string_view::npos && sign >= at) {
    std::size_t colon = at;
    for (int depth = 0; colon < sign; ++colon) {
      if (text[colon] == '{') ++depth;
      if (text[colon] == '}' && depth > 0) --depth;
      if (depth == 0 && text[colon] == ':') break;
    }
    url.user = range(at, colon);
    if (colon < sign) {
      url.password = range(colon + 1, sign);
      url.has_password = true;
    }
    hosts = sign + 1;
  }
  add_hosts(url, text, hosts, end);

  const std::size_t fragment = std::min(text.find('#', end), text.size());
  const std::size_t mark = std::min(text.find(sql_server ? ';' : '?', end), fragment);
  if (end < mark && text[end] == '/') url.path = range(end + 1, mark);
  if (mark < fragment) url.query = range(mark + 1, fragment);
  const std::string_view scheme = text_at(text, url.scheme);
  if (!same_word(scheme, "http") && !same_word(scheme, "https")) credentials_from_query(url, text);
  return url;
}

std::optional<Url> parse_connection(std::string_view text) {
  if (auto url = parse_url(text)) return url;
  if (auto url = parse_go(text)) return url;
  return parse_keywords(text);
}

std::optional<Url::Host> parse_host_port(std::string_view text) {
  if (text.empty() || text.find_first_of(" \t,/@") != std::string_view::npos) return {};
  const auto host = host_in(text, 0, text.size());
  if (!host || host->name == Range{}) return {};
  const std::string_view port = text_at(text, host->port);
  if (!std::ranges::all_of(port, is_digit)) return {};
  return host;
}

std::optional<Range> query_value(std::string_view text, const Url& url, std::string_view key) {
  for (std::size_t at = url.query.begin; at < url.query.end;) {
    const std::size_t end = std::min<std::size_t>(text.find_first_of("&;", at), url.query.end);
    const std::size_t equals = text.find('=', at);
    if (equals < end && same_word(text.substr(at, equals - at), key)) return range(equals + 1, end);
    at = end + 1;
  }
  return {};
}

std::string decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const auto [stop, error] =
          std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
      if (error == std::errc() && stop == text.data() + i + 3) {
        out += static_cast<char>(value);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

unsigned default_port(std::string_view scheme) {
  // The IANA registry of service names and ports; amqp and mongodb from their specifications.
  static constexpr std::pair<std::string_view, unsigned> ports[] = {
      {"amqp", 5672},     {"amqps", 5671},      {"clickhouse", 9000}, {"http", 80},
      {"https", 443},     {"mariadb", 3306},    {"mongodb", 27017},   {"mssql", 1433},
      {"mysql", 3306},    {"nats", 4222},       {"bolt", 7687},       {"neo4j", 7687},
      {"postgres", 5432}, {"postgresql", 5432}, {"redis", 6379},      {"rediss", 6379},
      {"smtp", 587},      {"smtps", 465},       {"sqlserver", 1433},  {"valkey", 6379},
      {"ws", 80},         {"wss", 443},         {"memcached", 11211}, {"mqtt", 1883},
      {"mqtts", 8883}};
  const std::string_view base = scheme.substr(0, scheme.find('+'));
  for (const auto& [name, port] : ports)
    if (same_word(base, name)) return port;
  return 0;
}

} // namespace aethel
