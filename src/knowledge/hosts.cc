#include "knowledge/hosts.h"

#include "knowledge/shapes.h"
#include "knowledge/table.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace aethel {
namespace data {
extern const std::string_view hosts;
}
namespace {

struct Entry {
  HostKind kind;
  std::string_view pattern;
};

const std::vector<Entry>& entries() {
  static const knowledge::Table table(data::hosts);
  static const std::vector<Entry> all = [] {
    std::vector<Entry> list;
    for (const auto& row : table.rows()) {
      const std::string_view kind = row["kind"];
      Entry entry{.kind = HostKind::ordinary, .pattern = row["pattern"]};
      if (kind == "local")
        entry.kind = HostKind::local;
      else if (kind == "reserved")
        entry.kind = HostKind::reserved;
      else if (kind == "placeholder")
        entry.kind = HostKind::placeholder;
      else if (kind == "sandbox")
        entry.kind = HostKind::sandbox;
      else
        std::abort();
      list.push_back(entry);
    }
    return list;
  }();
  return all;
}

bool applies(std::string_view pattern, std::string_view host) {
  if (pattern.starts_with('=')) return host == pattern.substr(1);
  if (pattern.find('*') != std::string_view::npos) return knowledge::matches(pattern, host);
  if (!host.ends_with(pattern)) return false;
  return host.size() == pattern.size() || (host[host.size() - pattern.size() - 1] == '.' &&
                                           pattern.find('.') != std::string_view::npos);
}

bool is_address_of_this_machine(std::string_view host) {
  if (host == "::1" || host == "0:0:0:0:0:0:0:1") return true;
  return host.starts_with("127.") && std::ranges::count(host, '.') == 3 &&
         std::ranges::all_of(host, [](char c) { return knowledge::is_digit(c) || c == '.'; });
}

bool all_x(std::string_view label) {
  return label.size() >= 3 && std::ranges::all_of(label, [](char c) { return c == 'x'; });
}

} // namespace

HostKind host_kind(std::string_view text) {
  const std::string host =
      knowledge::lower(text.ends_with('.') ? text.substr(0, text.size() - 1) : text);
  if (host.empty()) return HostKind::ordinary;
  if (host == "0.0.0.0" || host == "::" || host == "*") return HostKind::any;
  if (is_address_of_this_machine(host)) return HostKind::local;
  for (const Entry& entry : entries())
    if (applies(entry.pattern, host)) return entry.kind;
  // "<host>", "[project].example.co", "xxxx.supabase.co"
  const bool angle = host.find('<') != std::string::npos && host.find('>') != std::string::npos;
  const bool square = host.find('[') != std::string::npos && host.find(']') != std::string::npos;
  if (angle || square || std::ranges::any_of(knowledge::words(host, ".-"), all_x))
    return HostKind::placeholder;
  return HostKind::ordinary;
}

} // namespace aethel
