#include "http/message.h"

#include <algorithm>
#include <charconv>

namespace aethel::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The path and query of an absolute target, which servers have to take although only proxies are
// sent it (RFC 9112, 3.2.2); as it is when it is of another form. Whose name stands there is no
// matter: one program answers to all of them.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::string_view authority = target.substr(0, target.find_first_of("/?#"));
    if (authority.empty() || authority.contains('@')) return {};
    target.remove_prefix(authority.size());
    return target.empty() ? "/" : target;
  }
  return target;
}

} // namespace

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (equal(key, name)) return value;
  return {};
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return {};
}

bool Request::has_parameter(std::string_view name) const { return parameter(name).has_value(); }

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return {};
      const int high = digit(text[i + 1]);
      const int low = digit(text[i + 2]);
      if (high < 0 || low < 0) return {};
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return {};
    out += c;
  }
  return out;
}

std::optional<Target> parse_target(std::string_view target) {
  // No "*", no authority alone.
  target = without_authority(target);
  if (!target.starts_with('/') || target.starts_with("//")) return {};
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  auto path = decode(target.substr(0, mark), false);
  if (!path) return {};
  // A part ".." has no business here, and a decoded slash would be another path.
  for (std::size_t at = 0; at < path->size();) {
    const std::size_t end = std::min(path->find('/', at + 1), path->size());
    const std::string_view part = std::string_view(*path).substr(at + 1, end - at - 1);
    if (part == ".." || part == ".") return {};
    at = end;
  }
  Target out{.path = std::move(*path)};
  if (mark == std::string_view::npos) return out;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = decode(pair.substr(0, equals), true);
    auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value || out.query.size() == 64) return {};
    out.query.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

std::string_view reason_of(unsigned status) {
  switch (status) {
  case 200: return "OK";
  case 201: return "Created";
  case 202: return "Accepted";
  case 204: return "No Content";
  case 303: return "See Other";
  case 304: return "Not Modified";
  case 400: return "Bad Request";
  case 401: return "Unauthorized";
  case 403: return "Forbidden";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  case 406: return "Not Acceptable";
  case 408: return "Request Timeout";
  case 409: return "Conflict";
  case 411: return "Length Required";
  case 413: return "Content Too Large";
  case 414: return "URI Too Long";
  case 415: return "Unsupported Media Type";
  case 417: return "Expectation Failed";
  case 422: return "Unprocessable Content";
  case 428: return "Precondition Required";
  case 429: return "Too Many Requests";
  case 431: return "Request Header Fields Too Large";
  case 500: return "Internal Server Error";
  case 501: return "Not Implemented";
  case 503: return "Service Unavailable";
  case 505: return "HTTP Version Not Supported";
  default: return "Status";
  }
}

std::size_t negotiate(std::string_view accept, const std::vector<std::string_view>& offered) {
  if (trim(accept).empty()) return offered.empty() ? std::string_view::npos : 0;
  std::size_t best = std::string_view::npos;
  int best_quality = 0; // in thousandths
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const std::string_view full = offered[i];
    const std::string_view type = trim(full.substr(0, full.find(';')));
    const std::string_view major = type.substr(0, type.find('/'));
    int quality = -1;
    int precision = -1;
    std::string_view rest = accept;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      std::string_view range = trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      int q = 1000;
      std::string_view parameters;
      if (const std::size_t semicolon = range.find(';'); semicolon != std::string_view::npos) {
        parameters = range.substr(semicolon + 1);
        range = trim(range.substr(0, semicolon));
      }
      bool suits = true;
      while (!parameters.empty()) {
        const std::size_t stop = std::min(parameters.find(';'), parameters.size());
        const std::string_view one = trim(parameters.substr(0, stop));
        parameters.remove_prefix(std::min(stop + 1, parameters.size()));
        if (one.size() > 2 && lower(one[0]) == 'q' && one[1] == '=') {
          double value = 0;
          const auto [at, error] = std::from_chars(one.data() + 2, one.data() + one.size(), value);
          if (error == std::errc()) q = static_cast<int>(std::clamp(value, 0.0, 1.0) * 1000);
        } else if (lower(one.empty() ? ' ' : one[0]) == 'v' && one.starts_with("version=") &&
                   full.find(one) == std::string_view::npos) {
          suits = false; // another version of the format
        }
      }
      int found = -1;
      if (equal(range, type))
        found = 2;
      else if (range.ends_with("/*") && equal(range.substr(0, range.size() - 2), major))
        found = 1;
      else if (range == "*/*")
        found = 0;
      if (suits && found > precision) {
        precision = found;
        quality = q;
      }
    }
    if (quality > best_quality) {
      best_quality = quality;
      best = i;
    }
  }
  return best;
}

} // namespace aethel::http
