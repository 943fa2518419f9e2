#include "generate/template.h"

#include <algorithm>
#include <fmt/format.h>
#include <kainjow/mustache.hpp>
#include <optional>
#include <set>

namespace aethel::generate {
namespace {

namespace mustache = kainjow::mustache;

mustache::data data_of(const Value& value) {
  switch (value.kind()) {
  case Value::Kind::truth:
    return mustache::data(value.truth() ? mustache::data::type::bool_true
                                        : mustache::data::type::bool_false);
  case Value::Kind::text: return mustache::data(value.text());
  case Value::Kind::list: {
    mustache::data list(mustache::data::type::list);
    for (const Value& item : value.items()) list.push_back(data_of(item));
    return list;
  }
  case Value::Kind::object: break;
  }
  mustache::data object(mustache::data::type::object);
  for (const auto& [name, member] : value.members()) object.set(name, data_of(member));
  return object;
}

// One file that a template becomes: its path, and what it knows beside the root.
struct Instance {
  std::string path;
  const Value* environment = nullptr;
  const Value* service = nullptr;
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at))
    text.replace(at, from.size(), to), at += to.size();
  return text;
}

std::vector<Instance> instances_of(const Template& each, const Value& view) {
  std::vector<Instance> found = {{.path = std::string(each.path)}};
  for (const auto& [mark, list] :
       {std::pair<std::string_view, std::string_view>{"@environment", "environments"},
        {"@deployed", "deployed"},
        {"@service", "services"}}) {
    std::vector<Instance> next;
    for (const Instance& instance : found) {
      if (!instance.path.contains(mark)) {
        next.push_back(instance);
        continue;
      }
      const bool service = mark == "@service";
      const Value& scope =
          service && instance.environment != nullptr ? *instance.environment : view;
      const Value* items = scope.find(list);
      if (items == nullptr) continue;
      for (const Value& item : items->items()) {
        Instance one = instance;
        one.path = replaced(one.path, mark, item.text_of("name"));
        (service ? one.service : one.environment) = &item;
        next.push_back(std::move(one));
      }
    }
    found = std::move(next);
  }
  return found;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

constexpr std::string_view delimiters = "{{=<% %>=}}";

// A tag of a section that stands alone on its line takes the line with it (mustache.5). The library
// does so only for some of several in a row, so it is done here, and a guard behind each such tag
// keeps the library from doing it as well.
constexpr char guard = '\x01';

std::string prepared(std::string_view text) {
  std::string out(delimiters);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    const std::size_t from = line.find_first_not_of(" \t");
    const std::size_t last = line.find_last_not_of(" \t\r\n");
    const std::string_view inner =
        from == std::string_view::npos ? std::string_view() : line.substr(from, last + 1 - from);
    const bool alone = inner.size() > 4 && inner.starts_with("<%") && inner.ends_with("%>") &&
                       std::string_view("#^/!").contains(inner[2]) &&
                       inner.find("%>") == inner.size() - 2;
    if (alone) line = inner;
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t tag = std::min(line.find("<%", at), line.size());
      out += line.substr(at, tag - at);
      if (tag == line.size()) break;
      const std::size_t close = line.find("%>", tag);
      at = close == std::string_view::npos ? line.size() : close + 2;
      out += line.substr(tag, at - tag);
      if (tag + 2 < line.size() && std::string_view("#^/!").contains(line[tag + 2])) out += guard;
    }
  }
  return out;
}

// Dotted names between `<%` and `%>`, without marks of sections.
std::vector<std::string_view> names_in(std::string_view text) {
  std::vector<std::string_view> names;
  for (std::size_t at = text.find("<%"); at != std::string_view::npos; at = text.find("<%", at)) {
    const std::size_t end = text.find("%>", at);
    if (end == std::string_view::npos) break;
    std::string_view name = text.substr(at + 2, end - at - 2);
    at = end + 2;
    if (name.starts_with('!') || name.starts_with('=')) continue;
    while (!name.empty() && std::string_view(" #^/&").contains(name.front())) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    names.push_back(name);
  }
  return names;
}

void collect_names(const Value& value, std::set<std::string, std::less<>>& names) {
  for (const auto& [name, member] : value.members()) {
    names.insert(name);
    collect_names(member, names);
  }
  for (const Value& item : value.items()) collect_names(item, names);
}

} // namespace

std::vector<std::string_view> template_parts() {
  std::vector<std::string_view> parts;
  for (const Template& each : templates::all())
    if (std::ranges::find(parts, each.part) == parts.end()) parts.push_back(each.part);
  return parts;
}

Result<std::map<std::string, GeneratedFile>> render_templates(const Value& view,
                                                              std::span<const std::string> parts) {
  std::map<std::string, GeneratedFile> files;
  mustache::data root = data_of(view);
  for (const Template& each : templates::all()) {
    if (!parts.empty() && std::ranges::find(parts, each.part) == parts.end()) continue;
    mustache::mustache parsed(prepared(each.text));
    if (!parsed.is_valid())
      return fail({.message = parsed.error_message(),
                   .path = fmt::format("templates/{}/{}", each.part, each.path)});
    parsed.set_custom_escape([](const std::string& text) { return text; });
    for (const Instance& instance : instances_of(each, view)) {
      // Set anew for each, rather than in a copy of all that there is.
      root.set("environment", instance.environment == nullptr ? mustache::data(false)
                                                              : data_of(*instance.environment));
      root.set("service",
               instance.service == nullptr ? mustache::data(false) : data_of(*instance.service));
      std::string bytes = parsed.render(root);
      std::erase(bytes, guard);
      if (is_blank(bytes)) continue;
      const bool executable = bytes.starts_with("#!");
      const auto [place, fresh] = files.try_emplace(
          instance.path,
          GeneratedFile{.bytes = std::move(bytes), .part = each.part, .executable = executable});
      if (!fresh)
        return fail({.message = fmt::format("two templates write \"{}\"", instance.path),
                     .path = fmt::format("templates/{}/{}", each.part, each.path)});
    }
  }
  return files;
}

std::vector<std::string> unknown_names(const Template& each, const Value& view) {
  std::set<std::string, std::less<>> known = {"environment", "service"};
  collect_names(view, known);
  std::vector<std::string> unknown;
  for (const std::string_view name : names_in(each.text))
    for (std::size_t begin = 0; begin <= name.size();) {
      const std::size_t end = std::min(name.find('.', begin), name.size());
      const std::string_view part = name.substr(begin, end - begin);
      if (name != "." && !known.contains(part)) {
        unknown.emplace_back(name);
        break;
      }
      begin = end + 1;
    }
  return unknown;
}

} // namespace aethel::generate
