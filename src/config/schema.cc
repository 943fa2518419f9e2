#include "config/schema.h"

#include "config/section.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

namespace aethel {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// The members of an object, without its braces.
std::string shape_members(Shape shape) {
  // Anchored nowhere: one character that is no blank is enough.
  constexpr std::string_view text = R"("type": "string", "pattern": "\\S")";
  switch (shape) {
  case Shape::text:
  case Shape::pattern:
  case Shape::rule: return std::string(text);
  case Shape::kind:
    return fmt::format(R"({}, "examples": ["path", "service", "network", "volume", "config", )"
                       R"("secret", "variable"])",
                       text);
  case Shape::path: return R"("type": "string", "pattern": "^(?!/|\\.\\.(/|$)).*\\S")";
  case Shape::stage:
    return fmt::format(R"("type": "string", "enum": ["{}"])", fmt::join(stage_names, "\", \""));
  case Shape::date:
    return R"("type": "string", "format": "date", )"
           R"("pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")";
  }
  return {};
}

std::string key_schema(const Key& key) {
  const std::string one = shape_members(key.shape);
  if (key.count == Count::one)
    return fmt::format(R"({{"description": {}, {}}})", quoted(key.doc), one);
  return fmt::format(R"({{"description": {}, "anyOf": [{{{}}}, )"
                     R"({{"type": "array", {}"items": {{{}}}}}]}})",
                     quoted(key.doc), one, key.need == Need::required ? R"("minItems": 1, )" : "",
                     one);
}

std::string section_schema(const Section& section) {
  std::vector<std::string> required, properties;
  for (const Key& key : section.keys) {
    if (key.need == Need::required) required.push_back(quoted(key.name));
    properties.push_back(fmt::format("          {}: {}", quoted(key.name), key_schema(key)));
  }
  return fmt::format(R"(    {}: {{
      "description": {},
      "type": ["array", "null"],
      "items": {{
        "type": "object",
        "additionalProperties": false,
        "required": [{}],
        "properties": {{
{}
        }}
      }}
    }})",
                     quoted(section.name), quoted(section.doc), fmt::join(required, ", "),
                     fmt::join(properties, ",\n"));
}

} // namespace

std::string config_schema() {
  std::string schema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "aethel.yaml",
  "description": "What the owner of a repository declares because no file in it shows it.",
  "type": ["object", "null"],
  "additionalProperties": false,
  "properties": {
    "version": {"description": "The version of this format.", "const": 1})";
  for (const Section* section : sections::all()) schema += ",\n" + section_schema(*section);
  return schema + "\n  }\n}\n";
}

} // namespace aethel
