#include "config/schema.h"

#include "config/part.h"
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

std::string field_schema(const Field& field, std::size_t indent);

std::string object_members(std::span<const Field> fields, std::size_t indent) {
  const std::string inner(indent + 2, ' ');
  std::string out = R"("type": "object", "additionalProperties": false, "properties": {)";
  for (const Field& each : fields)
    out += fmt::format("{}\n{}{}: {}", &each == fields.data() ? "" : ",", inner, quoted(each.name),
                       field_schema(each, indent + 2));
  return out + "\n" + std::string(indent, ' ') + "}";
}

constexpr std::string_view label_pattern = "^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$";
constexpr std::string_view host_pattern =
    "^([a-z0-9]([-a-z0-9]*[a-z0-9])?\\\\.)+[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
constexpr std::string_view path_pattern = "^(?!/|\\\\.\\\\.(/|$)).*\\\\S";
constexpr std::string_view secret_pattern = "^[-_A-Za-z0-9]+/[_A-Za-z0-9]+$";

std::string text_members(std::string_view pattern) {
  return fmt::format(R"("type": "string", "pattern": "{}")", pattern);
}

std::string named_members(std::string_view pattern, std::string_view value) {
  return fmt::format(R"("type": ["object", "null"], "propertyNames": {{"pattern": "{}"}}, )"
                     R"("additionalProperties": {{{}}})",
                     pattern, value);
}

std::string form_members(const Field& field, std::size_t indent) {
  constexpr std::string_view line = "^[^\\\\r\\\\n]*\\\\S[^\\\\r\\\\n]*$";
  switch (field.form) {
  case Form::text: return text_members(line);
  case Form::label: return text_members(label_pattern);
  case Form::host: return text_members(host_pattern);
  case Form::port: return R"("type": "integer", "minimum": 1, "maximum": 65535)";
  case Form::count: return R"("type": "integer", "minimum": 0, "maximum": 1000000000)";
  case Form::number: return R"("type": "integer", "minimum": 1, "maximum": 1000000000)";
  case Form::http_path: return text_members("^/[^ ]*$");
  case Form::path: return text_members(path_pattern);
  case Form::choice:
    return fmt::format(R"("type": "string", "enum": ["{}"])", fmt::join(field.choices, "\", \""));
  case Form::boolean: return R"("type": "boolean")";
  case Form::duration: return text_members("^[0-9]{1,9}(ms|s|m|h|d)$");
  case Form::quantity: return text_members("^[0-9.]+(m|k|M|G|T|Ki|Mi|Gi|Ti)?$");
  case Form::email: return text_members("^[^@]+@[^@]+$");
  case Form::secret: return text_members(secret_pattern);
  case Form::repository: return text_members("^[-_A-Za-z0-9]+/[-_.A-Za-z0-9]+$");
  case Form::words: return R"("type": "array", "items": {"type": ["string", "number", "boolean"]})";
  case Form::labels:
    return fmt::format(R"("type": "array", "items": {{{}}})", text_members(label_pattern));
  case Form::paths:
    return fmt::format(R"("type": "array", "items": {{{}}})", text_members(path_pattern));
  case Form::mapping: return object_members(field.fields, indent);
  case Form::named: return named_members(label_pattern, object_members(field.fields, indent));
  case Form::secrets: return named_members(secret_pattern, object_members(field.fields, indent));
  case Form::hosts: return named_members(label_pattern, text_members(host_pattern));
  case Form::variables:
    return named_members(
        "^[-._A-Za-z][-._A-Za-z0-9]*$",
        fmt::format(R"("anyOf": [{{"type": ["string", "number", "boolean"]}}, {{"type": "object", )"
                    R"("minProperties": 1, "maxProperties": 1, "additionalProperties": false, )"
                    R"("properties": {{"secret": {{{}}}, "build": {{{}}}, "config": {{{}}}}}}}])",
                    text_members(secret_pattern), text_members(line), text_members(line)));
  }
  return {};
}

std::string field_schema(const Field& field, std::size_t indent) {
  return fmt::format(R"({{"description": {}, {}}})", quoted(field.doc),
                     form_members(field, indent));
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
  for (const Part* part : parts::all())
    schema += fmt::format(",\n    {}: {}", quoted(part->field.name), field_schema(part->field, 4));
  return schema + "\n  }\n}\n";
}

} // namespace aethel
