#include "knowledge/nginx.h"

#include "base/nearest.h"
#include "knowledge/images.h"
#include "knowledge/table.h"

#include <cctype>
#include <charconv>
#include <map>
#include <set>
#include <string>

namespace aethel {

namespace data {
extern const std::string_view nginx_directives;
extern const std::string_view nginx_images;
extern const std::string_view nginx_variables;
} // namespace data

namespace {

using Forms = std::map<std::string_view, std::vector<NginxDirectiveForm>, std::less<>>;

const Forms& forms() {
  static const knowledge::Table table(data::nginx_directives);
  static const Forms all = [] {
    Forms result;
    for (const auto& row : table.rows()) {
      NginxDirectiveForm form{.contexts = knowledge::words(row["contexts"]),
                              .block = row["form"] == "block",
                              .flag = row["form"] == "flag"};
      for (const std::string_view word : knowledge::words(row["arguments"])) {
        unsigned count = 0;
        std::from_chars(word.data(), word.data() + word.size(), count);
        if (word.ends_with('+')) {
          form.open_ended = true;
          form.at_least = count;
        } else {
          form.counts |= 1u << count;
        }
      }
      result[row["name"]].push_back(std::move(form));
    }
    return result;
  }();
  return all;
}

} // namespace

std::span<const NginxDirectiveForm> nginx_directive(std::string_view name) {
  const auto found = forms().find(name);
  if (found == forms().end()) return {};
  return found->second;
}

std::optional<std::string_view> nearest_nginx_directive(std::string_view name) {
  // Short names are near to too much, and other people's modules name theirs alike.
  if (name.size() < 5) return {};
  std::optional<std::string_view> best;
  for (const auto& [known, forms_of] : forms()) {
    if (edit_distance(name, known, 1) > 1) continue;
    if (best) return {};
    best = known;
  }
  return best;
}

bool is_nginx_variable(std::string_view name) {
  static const knowledge::Table table(data::nginx_variables);
  static const std::set<std::string_view> names = [] {
    std::set<std::string_view> result;
    for (const auto& row : table.rows()) result.insert(row["name"]);
    return result;
  }();
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return true;
  for (const std::string_view begin :
       {"arg_", "cookie_", "http_", "proxy_protocol_tlv_", "sent_http_", "sent_trailer_",
        "upstream_cookie_", "upstream_http_", "upstream_trailer_"})
    if (name.starts_with(begin)) return true;
  return names.contains(name);
}

const NginxImage* nginx_image(std::string_view image) {
  static const knowledge::Table table(data::nginx_images);
  static const std::vector<NginxImage> images = [] {
    std::vector<NginxImage> result;
    for (const auto& row : table.rows())
      result.push_back({.official = row["kind"] == "official",
                        .folder = row["folder"],
                        .files = knowledge::words(row["files"])});
    return result;
  }();
  const auto reference = parse_image(image);
  if (!reference) return nullptr;
  const std::string name = reference->name();
  for (std::size_t i = 0; i < images.size(); ++i)
    if (knowledge::matches(table.rows()[i]["pattern"], name)) return &images[i];
  return nullptr;
}

} // namespace aethel
